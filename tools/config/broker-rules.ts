/** What can be told of the broker's name from its text alone; for the build, `wick doctor` and `wick init`. */
import { isIP, isIPv4 } from "node:net";
import { domainToASCII } from "node:url";
import { failure, type Judgement, warning } from "./judgement.ts";

/** RFC 1035 section 2.3.4. */
const LABEL_BYTES = 63;

/** A name or an address of the computer that asks, whichever that is (RFC 6761 section 6.3). */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost") || (isIPv4(name) && /^(?:127|0)\./.test(name));
}

/** RFC 6762 section 3. */
export function isByMdns(host: string): boolean {
  return /\.local\.?$/i.test(host);
}

/** What is wrong with mqtt.host, or probably not meant, on a board with Wi-Fi or without; undefined when nothing is. */
export function judgeBrokerHost(host: string, board: { readonly wifi: boolean }): Judgement | undefined {
  return judgeForm(host) ?? judgeAddress(host) ?? judgeReach(host, board);
}

/** A URL, a port, blanks: not a name alone. */
function judgeForm(host: string): Judgement | undefined {
  if (isIPv6(host))
    return failure(
      `mqtt.host is ${host}, and the board speaks IPv4 only`,
      "give the broker's IPv4 address or its name",
    );
  if (host.trim() === "")
    return failure(`mqtt.host is ${JSON.stringify(host)}, which is no name`, "--set mqtt.host=NAME");
  const ascii = domainToASCII(host);
  if (/[^\0-\x7f]/.test(host) && isName(ascii))
    return failure(
      `mqtt.host is ${host}, and the board looks up names in ASCII only`,
      `the same name in ASCII: --set mqtt.host=${ascii}`,
    );
  if (isName(host)) return undefined;
  return failure(
    `mqtt.host is ${JSON.stringify(withoutLogin(host))}, which is no name`,
    nameAlone(host) ?? "a name has letters, digits, hyphens and dots: --set mqtt.host=NAME",
  );
}

function isIPv6(host: string): boolean {
  const [, inBrackets] = /^\[(.*)\](?::\d*)?$/.exec(host) ?? [];
  return isIP((inBrackets ?? host).replace(/%.*$/, "")) === 6;
}

/** As name servers take them; some networks have names with an underscore. */
function isName(host: string): boolean {
  const labels = host.replace(/\.$/, "").split(".");
  return labels.every(
    (label) => label.length <= LABEL_BYTES && /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/.test(label),
  );
}

/** A login in a URL is a secret. */
function withoutLogin(host: string): string {
  return host.replace(/^((?:\w+:\/\/)?).*@/, "$1");
}

/** What a URL or a name with a port says, in settings; undefined where no usable name is in it. */
function nameAlone(host: string): string | undefined {
  const [, scheme, name = "", port] =
    /^(?:(\w+):\/\/)?(?:[^/]*@)?([^/:@?#\s]+)(?::(\d{1,5}))?(?:[/?#].*)?$/.exec(host.trim()) ?? [];
  if (!isName(name) || judgeAddress(name) !== undefined) return undefined;
  const tls = scheme === "mqtts";
  const usual = tls ? "8883" : "1883";
  const more = [
    port === undefined || port === usual || Number(port) < 1 || Number(port) > 65535
      ? ""
      : ` --set mqtt.port=${Number(port)}`,
    tls ? " --set mqtt.tls=true" : "",
  ];
  return `the name alone: --set mqtt.host=${name}${more.join("")}`;
}

/** What ends in a number is an address (WHATWG URL, "ends in a number"), and must then be one of a computer. */
function judgeAddress(host: string): Judgement | undefined {
  const last = host.replace(/\.$/, "").split(".").at(-1) ?? "";
  if (!/^(?:\d+|0x[0-9a-f]*)$/i.test(last)) return undefined;
  const mend = "an address has four numbers from 0 to 255, such as 192.168.1.5: --set mqtt.host=ADDRESS";
  if (!isIPv4(host)) return failure(`mqtt.host is ${host}, which is no IPv4 address`, mend);
  // RFC 5771 and RFC 1112 section 4: groups, reserved, and everybody.
  if (Number(host.split(".")[0]) >= 224)
    return failure(`mqtt.host is ${host}, which is the address of no one computer`, mend);
  return undefined;
}

function judgeReach(host: string, { wifi }: { readonly wifi: boolean }): Judgement | undefined {
  if (!wifi) return undefined;
  if (isLoopback(host)) return loopback(host, undefined);
  if (isByMdns(host))
    return warning(
      `mqtt.host is ${host}, a name by mDNS, which not every board and router lets through`,
      "if the board does not find it, give the address: --set mqtt.host=ADDRESS",
    );
  return undefined;
}

/** `shown`: the host, with what it leads to; `own`: an address of this computer in the network, where it is known. */
export function loopback(shown: string, own: string | undefined): Judgement {
  return {
    ...failure(
      `mqtt.host is ${shown}, which for a board on Wi-Fi is the board itself`,
      own === undefined
        ? "give the address of the broker's computer in your network: --set mqtt.host=ADDRESS"
        : `if the broker is on this computer: --set mqtt.host=${own}`,
    ),
    blocks: false,
  };
}
