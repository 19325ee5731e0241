/** Where a replay and its recording part: told in a few lines, down to the first byte that is another. */
import { type Packet, parser } from "mqtt-packet";
import { isTraffic, type RecordedLine } from "./recording.ts";

export interface Difference {
  /** Board time in ms at which it was noticed. */
  t: number;
  /** Line of the recording's file; undefined when it has no more lines. */
  place: number | undefined;
  /** What comes next in the recording; undefined: nothing more. */
  recorded: RecordedLine | undefined;
  /** What the board did; undefined: nothing, though its time has come. */
  instead: RecordedLine | undefined;
  /** Of bytes: index of the first that differs, in what the board sent and in `recorded`. */
  byte?: number;
}

/** Bytes shown before the first that differs, and in all. */
const BYTES_BEFORE = 8;
const BYTES_SHOWN = 16;
const LONGEST_TEXT = 100;

/** A few lines of text. `file` names the recording. */
export function describeDifference(difference: Difference, file: string): string[] {
  const { t, place, recorded, instead, byte } = difference;
  const where = place === undefined ? "behind its last line" : `line ${place}`;
  const lines = [`the board differs from ${file}, ${where}, at ${time(t)} of board time`];
  lines.push(`  recorded: ${recorded ? whatHappened(recorded, t) : "nothing more"}`);
  lines.push(`  instead:  ${instead ? whatHappened(instead, t) : "nothing, up to that time"}`);
  const [old, now] = [bytesOf(recorded), bytesOf(instead)];
  if (byte !== undefined && old !== undefined && now !== undefined) {
    const from = Math.max(0, byte - BYTES_BEFORE);
    lines.push(
      `  byte ${byte} is the first that differs:`,
      `    recorded ${hex(old, from, byte)}`,
      `    instead  ${hex(now, from, byte)}`,
    );
  }
  return lines;
}

/** Index of the first byte that differs; undefined when they are the same. */
export function firstDifference(one: string, other: string): number | undefined {
  if (one === other) return undefined;
  let at = 0;
  while (at < one.length && at < other.length && one[at] === other[at]) at++;
  return at;
}

function bytesOf(line: RecordedLine | undefined): string | undefined {
  return line && "bytes" in line && typeof line.bytes === "string" ? line.bytes : undefined;
}

function time(t: number): string {
  return `${Math.round(t * 1000) / 1000} ms`;
}

function whatHappened(line: RecordedLine, at: number): string {
  const when = Math.round(line.t * 1000) === Math.round(at * 1000) ? "" : ` at ${time(line.t)}`;
  if (!isTraffic(line)) return facts(line) + when;
  const { connection, ...rest } = line;
  const bytes = bytesOf(line);
  const what = bytes === undefined ? facts(rest) : `${line.type}, ${bytes.length} bytes${decoded(bytes)}`;
  return `connection ${connection}: ${what}${when}`;
}

/** Type and fields, `pin pin="D2" value=1`. */
function facts(line: object): string {
  const hidden = ["t", "type", "calls"];
  const fields = Object.entries(line).filter(([name]) => !hidden.includes(name));
  const type = "type" in line ? String(line.type) : "";
  return [type, ...fields.map(([name, value]) => `${name}=${short(JSON.stringify(value))}`)].join(" ");
}

/** The MQTT packets that are whole in `bytes`, ` (PUBLISH a/b "on")`. */
function decoded(bytes: string): string {
  const found: string[] = [];
  const stream = parser({ protocolVersion: 4 });
  stream.on("packet", (packet) => found.push(packetName(packet)));
  stream.on("error", () => {});
  try {
    stream.parse(Buffer.from(bytes, "latin1"));
  } catch {
    return "";
  }
  return found.length === 0 ? "" : short(` (${found.join(", ")})`);
}

function packetName(packet: Packet): string {
  const name = packet.cmd.toUpperCase();
  if (packet.cmd === "publish") return `${name} ${packet.topic} ${JSON.stringify(packet.payload.toString())}`;
  if (packet.cmd === "connect") return `${name} ${packet.clientId}`;
  return packet.messageId === undefined ? name : `${name} ${packet.messageId}`;
}

function short(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

/** `… 6f 66 [66] 00  |of.|`, the byte at `marked` in brackets. */
function hex(bytes: string, from: number, marked: number): string {
  const shown = bytes.slice(from, from + BYTES_SHOWN);
  const digits = [...shown].map((byte, index) => {
    const two = byte.charCodeAt(0).toString(16).padStart(2, "0");
    return from + index === marked ? `[${two}]` : two;
  });
  if (marked >= bytes.length) digits.push("[end]");
  const text = shown.replace(/[^ -~]/g, ".");
  const more = from + BYTES_SHOWN < bytes.length ? " …" : "";
  return `${from > 0 ? "… " : ""}${digits.join(" ")}${more}  ${text}`;
}
