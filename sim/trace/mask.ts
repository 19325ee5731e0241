/** Keeps what should not be read by others out of traces: user name and password of a CONNECT, and secrets in text. */

/** MQTT 3.1.1 table 2.1; the rest of a packet's first byte are flags. */
const CONNECT = 1;
/** MQTT 3.1.1 section 3.1.2.3: the connect flags. */
const USER_NAME = 0x80;
const PASSWORD = 0x40;
const WILL = 0x04;
/** MQTT 5 has properties before the client identifier and before the will's topic. */
const MQTT_5 = 5;

const STAR = "*";

type Field = "level" | "flags" | "keep alive" | "properties" | "plain" | "secret";

/**
 * One direction of a connection, cut anywhere: the same bytes, with `*` for each byte of a user name or password in a CONNECT (MQTT 3.1.1
 * section 3.1.3). Lengths stay, so that the packets can still be read. A stream that is no MQTT passes as it is.
 */
export class ConnectMask {
  private readonly walk = packets();
  /** Of the next byte. */
  private isSecret = this.walk.next(0).value;

  /** The next bytes, a binary string. */
  mask(bytes: string): string {
    let masked = "";
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (this.isSecret) {
        masked += bytes.slice(from, at) + STAR;
        from = at + 1;
      }
      this.isSecret = this.walk.next(bytes.charCodeAt(at)).value;
    }
    return from === 0 ? bytes : masked + bytes.slice(from);
  }
}

/** Yields, before it is sent a byte, whether that is secret. */
function* packets(): Generator<boolean, never, number> {
  for (;;) {
    const type = (yield false) >> 4;
    let length = yield* variableLength();
    const fields = type === CONNECT ? connectFields() : undefined;
    for (let next = fields?.next(0); length > 0; length--) {
      const byte = yield next?.value ?? false;
      next = fields?.next(byte);
    }
  }
}

/** MQTT 3.1.1 section 2.2.3: at most four bytes. */
function* variableLength(): Generator<boolean, number, number> {
  let length = 0;
  for (let place = 1, byte = 128; byte >= 128 && place <= 128 ** 3; place *= 128) {
    byte = yield false;
    length += (byte & 127) * place;
  }
  return length;
}

/** The same of what follows the remaining length of a CONNECT. */
function* connectFields(): Generator<boolean, void, number> {
  let level = 0;
  let flags = 0;
  for (const field of ["plain", "level", "flags", "keep alive"] as Field[]) {
    const last = yield* take(field);
    if (field === "level") level = last;
    if (field === "flags") flags = last;
  }
  const before: Field[] = level === MQTT_5 ? ["properties"] : [];
  const rest: Field[] = [...before, "plain"];
  if (flags & WILL) rest.push(...before, "plain", "plain");
  if (flags & USER_NAME) rest.push("secret");
  if (flags & PASSWORD) rest.push("secret");
  for (const field of rest) yield* take(field);
}

/** One field; returns its last byte. */
function* take(field: Field): Generator<boolean, number, number> {
  let length = 1;
  if (field === "plain" || field === "secret") length = (yield false) * 256 + (yield false);
  if (field === "keep alive") length = 2;
  if (field === "properties") length = yield* variableLength();
  let last = 0;
  for (; length > 0; length--) last = yield field === "secret";
  return last;
}

/** Replaces every occurrence of `secrets` in text by as many `*`, also as they stand in program text and JSON. */
export function maskSecrets(secrets: readonly string[]): (text: string) => string {
  const spellings = new Set(
    secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), latin1(secret)]),
  );
  spellings.delete("");
  // The longest first: one may be a part of another.
  const sorted = [...spellings].sort((one, other) => other.length - one.length);
  return (text) =>
    sorted.reduce((masked, secret) => masked.replaceAll(secret, STAR.repeat(secret.length)), text);
}

/** As the board has it: one character a byte. */
function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
