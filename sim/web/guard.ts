/** Who may talk to the page's server: the page it served itself, and nobody else's. */
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Why a request is refused, in one line; undefined when it may pass. A web page elsewhere can make a browser send requests here, even under a name of
 * its own that it lets point to 127.0.0.1 (DNS rebinding): the name in `Host` gives that away.
 */
export function refusal(request: IncomingMessage, port: number): string | undefined {
  const { host } = request.headers;
  if (host === undefined || !hostsOf(port).includes(host.toLowerCase()))
    return `This server answers to ${hostsOf(port).join(" and ")} only, not to ${shown(host)}.`;
  return undefined;
}

/** The same for the opening of a web socket, which must come from the page itself. */
export function socketRefusal(request: IncomingMessage, port: number): string | undefined {
  const { origin } = request.headers;
  if (origin === undefined || !hostsOf(port).some((host) => origin.toLowerCase() === `http://${host}`))
    return `Only the page at http://${hostsOf(port)[0]} may open this web socket, not ${shown(origin)}.`;
  return refusal(request, port);
}

function hostsOf(port: number): readonly string[] {
  const names = ["127.0.0.1", "localhost"];
  // Browsers leave out the port that goes without saying.
  return port === 80 ? names : names.map((name) => `${name}:${port}`);
}

/** What a stranger sent, made harmless. */
function shown(header: string | undefined): string {
  return header === undefined ? "a nameless one" : `"${header.replace(/[^\x20-\x7e]/g, "?").slice(0, 80)}"`;
}

/** Everything from here and nothing from elsewhere; no inline script or style; in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types lit-html wick-board",
].join("; ");

export function setSecurityHeaders(response: ServerResponse): void {
  response.setHeader("Content-Security-Policy", POLICY);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("X-Frame-Options", "DENY");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
  response.setHeader("Cache-Control", "no-store");
}
