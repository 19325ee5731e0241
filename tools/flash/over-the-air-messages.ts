/** Bytes of an update over the air (docs/over-the-air.md), pure: values in, messages for the lamp out, and its answers taken apart. */
import { signature } from "./update-key.ts";

/** What an update is, as the lamp learns it first. */
export interface Manifest {
  readonly version: number;
  /** Bytes. */
  readonly size: number;
  /** `bundleHash` of the bundle, lower-case hexadecimal. */
  readonly hash: string;
}

/** What the lamp says of itself on `base/update/state`. */
export interface Answer {
  /** Version of the bundle that runs. */
  readonly running: number;
  /** The highest version it has received or tried, the running one included. */
  readonly highest: number;
  /** Bytes of the update being received that are in its flash. */
  readonly offset: number;
  /** Part of every signature; another one after each start of the lamp. */
  readonly challenge: string;
  readonly board: string;
  /** What the question said that it answers; "" when it answers none. */
  readonly nonce: string;
  /** "ready", "on trial", "failed", or what it makes of the last message. */
  readonly note: string;
  /** Whether it was signed with the key. */
  readonly isSigned: boolean;
}

/** Bytes of a signature, and of what stands between it and the data. */
export const SIGNATURE_BYTES = 32;
export const HEADER_BYTES = 19;
/** What six digits can say. */
export const LARGEST_BUNDLE = 999_999;

/** The first message of an update. */
export function manifestMessage(key: string, challenge: string, { version, size, hash }: Manifest): Buffer {
  return signed(
    key,
    challenge,
    header("M", version, size),
    Buffer.from(Buffer.from(hash, "hex").toString("base64")),
  );
}

/** `data` of the update `version`, to be written at `offset`. */
export function pieceMessage(
  key: string,
  challenge: string,
  piece: { readonly version: number; readonly offset: number; readonly data: Uint8Array },
): Buffer {
  return signed(key, challenge, header("P", piece.version, piece.offset), piece.data);
}

/** Kind, a 1 and ten digits, a 1 and six digits: the board takes a number that begins with 0 for an octal one. */
function header(kind: "M" | "P", version: number, number: number): string {
  return `${kind}${10_000_000_000 + version}${1_000_000 + number}`;
}

function signed(key: string, challenge: string, head: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(head), data]);
  return Buffer.concat([signature(key, Buffer.concat([Buffer.from(challenge), body])), body]);
}

/** A question, which the lamp answers with `nonce` in it: at most 32 letters and digits, and not signed. */
export function questionMessage(nonce: string): Buffer {
  return Buffer.from(nonce);
}

/** Undefined for what is no answer of a lamp. Anybody may have written it, and the board's name is shown: it carries no controls of the terminal. */
export function parseAnswer(payload: Uint8Array, key: string): Answer | undefined {
  const text = Buffer.from(payload).toString("latin1");
  const found =
    /^((\d{1,10}) ([\w.-]{1,64}) (\d{1,10}) (\d{1,6}) (-?\d{1,10}) (\w{0,32}) (\w[\w ]*)) ([\w+/=]{44})$/.exec(
      text,
    );
  if (!found) return undefined;
  const [, content = "", running, board = "", highest, offset, challenge = "", nonce = "", note = "", mac] =
    found;
  return {
    running: Number(running),
    highest: Number(highest),
    offset: Number(offset),
    challenge,
    board,
    nonce,
    note,
    isSigned: signature(key, Buffer.from(content, "latin1")).toString("base64") === mac,
  };
}

/** Bytes of data in a piece, a multiple of four, so that the whole packet at QoS 1 fits a receive buffer of `rxBuffer` bytes (MQTT 3.1.1 section 3.3). */
export function pieceBytes(rxBuffer: number, topic: string): number {
  const packet = 1 + 2 + 2 + Buffer.byteLength(topic) + 2;
  return Math.floor((rxBuffer - packet - SIGNATURE_BYTES - HEADER_BYTES) / 4) * 4;
}
