/** The address of a port as the user writes it: a serial path, `tcp://host:port`, `ble:NAME` or `mqtt:TOPIC`. */
import { suggestion } from "../../sim/nearest.ts";
import { UsageError } from "../cli/errors.ts";

export type PortAddress =
  /** `/dev/ttyUSB0`, `COM3`. */
  | { readonly kind: "serial"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** `name`: as the board advertises itself. */
  | { readonly kind: "ble"; readonly name: string }
  /** `topic`: the lamp's base topic. */
  | { readonly kind: "mqtt"; readonly topic: string };

/** The port of telnet, on which Espruino listens where it has a network. */
export const TELNET_PORT = 23;

const ALLOWED =
  "a serial port such as /dev/ttyUSB0 or COM3, tcp://host:port, ble:NAME or mqtt:TOPIC; `wick doctor` lists the ports there are";

/** @throws UsageError in one line that says what was found, what is allowed and, where there is one, what was meant. */
export function parseAddress(text: string): PortAddress {
  const written = text.trim();
  if (written === "") throw new UsageError(`the port is empty: give ${ALLOWED}`);
  if (/^tcp:/i.test(written)) return tcp(written);
  if (/^ble:/i.test(written))
    return { kind: "ble", name: rest(written, "ble", "the name the board advertises, as ble:Espruino") };
  if (/^mqtt:/i.test(written)) return { kind: "mqtt", topic: topic(written) };
  if (/^com\d+$/i.test(written)) return { kind: "serial", path: written.toUpperCase() };
  if (/^\\\\\.\\com\d+$/i.test(written) || /^\/./.test(written)) return { kind: "serial", path: written };
  throw new UsageError(`unknown port "${shown(written)}"${suggestion(meant(written))}: give ${ALLOWED}`);
}

/** As the user would write it. */
export function addressText(address: PortAddress): string {
  if (address.kind === "serial") return address.path;
  if (address.kind === "ble") return `ble:${address.name}`;
  if (address.kind === "mqtt") return `mqtt:${address.topic}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `tcp://${host}:${address.port}`;
}

/** What stands before an @ may be a password: it is not repeated. */
function shown(written: string): string {
  return written.replace(/^([a-z]+:(?:\/\/)?)?[^@]*@/i, "$1…@");
}

function tcp(written: string): PortAddress {
  const wrong = (what: string): UsageError =>
    new UsageError(
      `port "${shown(written)}": ${what}; give tcp://host:port, as in tcp://192.168.1.40:${TELNET_PORT}`,
    );
  if (written.includes("@")) throw wrong("a user name or password is not allowed");
  const found = /^tcp:\/\/(?:\[([^\]]+)\]|([^:/@\s]+))(?::([^/]*))?\/?$/i.exec(written);
  if (!found) throw wrong("it names no host");
  const host = found[1] ?? found[2] ?? "";
  const number = found[3] === undefined ? TELNET_PORT : Number(found[3] || Number.NaN);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw wrong(`"${found[3]}" is no port number from 1 to 65535`);
  return { kind: "tcp", host, port: number };
}

function topic(written: string): string {
  if (/^mqtts?:\/\//i.test(written)) {
    throw new UsageError(
      `port "${shown(written)}" is the address of a broker: give the lamp's topic, as in mqtt:home/office/lamp; the broker is mqtt.host in flash.config.json`,
    );
  }
  const name = rest(written, "mqtt", "the lamp's topic, as in mqtt:home/office/lamp");
  if (/[+#]/.test(name)) throw new UsageError(`port "${written}": a lamp's topic has no wildcard (+ or #)`);
  return name.replace(/^\/\//, "");
}

function rest(written: string, scheme: string, what: string): string {
  const name = written.slice(scheme.length + 1).trim();
  if (name === "") throw new UsageError(`port "${written}": after ${scheme}: comes ${what}`);
  return name;
}

/** What was probably meant. */
function meant(written: string): string | undefined {
  if (written.includes("@")) return undefined;
  if (/^(?:tty|cu[.a-z])/.test(written)) return `/dev/${written}`;
  if (/^dev\//.test(written)) return `/${written}`;
  if (/^com[\s:_-]*\d+:?$/i.test(written)) return `COM${/\d+/.exec(written)?.[0]}`;
  if (/^(?:telnet|socket|tpc|tcp\/\/|http)/i.test(written)) {
    const host = written.replace(/^[a-z]+:?\/{0,2}/i, "");
    return host === "" ? undefined : `tcp://${host}`;
  }
  if (/^(?:bluetooth|bt|bel|le):/i.test(written)) return `ble:${written.replace(/^[^:]*:/, "")}`;
  if (/^(?:mqt|mqqt|mttq|topic):/i.test(written)) return `mqtt:${written.replace(/^[^:]*:/, "")}`;
  if (/^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/.test(written) || /^[\w.-]+:\d+$/.test(written))
    return `tcp://${written}`;
  if (/^[\w-]+(?:\/[\w-]+)+$/.test(written)) return `mqtt:${written}`;
  return undefined;
}
