/** Whoever connects to the console's TCP port by mistake, or has been sent there by a web page. */

/** What a browser can be made to send to a port: it begins with the request, whatever the page puts behind it. */
const REQUEST = /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PRI) /;
/** A handshake record of TLS 1.0 to 1.3 begins with these two bytes. */
const HANDSHAKE = "\x16\x03";
/** No method's name is longer. */
const LONGEST_START = "CONNECT ".length;

/** Looks at the first bytes of a connection, as they come. */
export class StrangerCheck {
  private start = "";

  /** What the connection speaks in place of typing, once that is plain. */
  speaks(bytes: string): "HTTP" | "TLS" | undefined {
    if (this.start.length >= LONGEST_START) return undefined;
    this.start += bytes.slice(0, LONGEST_START);
    if (REQUEST.test(this.start)) return "HTTP";
    return this.start.startsWith(HANDSHAKE) ? "TLS" : undefined;
  }
}
