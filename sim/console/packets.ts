/** Framed packets of the console: 16, 1, two bytes of type and length, data; answered by ACK or NAK (README_Protocol.md, jsinteractive.c). */
import type { Alarm, Clock } from "../clock.ts";
import { parseJson } from "../json.ts";
import type { Realm, Value } from "../realm.ts";
import { formatted, TO_JS } from "./format.ts";

const ACK = "\x06";
const NAK = "\x15";
const LENGTH_MASK = 0x1fff;
const TYPE = { response: 0, eval: 1, event: 2, fileSend: 3, data: 4, fileReceive: 5 } as const;
/** A packet that is not complete by then is given up. */
const PACKET_TIMEOUT_MS = 5000;
/** Without more data for so long a file that is being sent is given up. */
const FILE_TIMEOUT_MS = 10_000;
/** A file goes out in packets of so many bytes. */
const FILE_CHUNK = 1024;

export interface PacketBoard {
  readonly realm: Realm;
  readonly clock: Clock;
  /** E, whose listeners hear of packets. */
  readonly espruino: Value;
  /** `require("Storage")`. */
  storage(): Value;
  /** False once power is off. */
  alive(): boolean;
  send(bytes: string): void;
  /** Takes the prompt off the screen, because something is about to be printed. */
  removeLine(): void;
  evaluate(expression: string): Value;
  report(thrown: Value): void;
  /** Calls the listeners now; what they throw is reported at the end of the pass. */
  call(self: Value, listeners: Value, argument: Value): void;
  wake(): void;
}

/** A file that is being sent to the board. */
interface Upload {
  name: string;
  size: number;
  offset: number;
  timeout: Alarm;
}

export class PacketReceiver {
  private header: number[] = [];
  private data: string | undefined;
  private timeout: Alarm | undefined;
  private upload: Upload | undefined;
  private readonly board: PacketBoard;

  constructor(board: PacketBoard) {
    this.board = board;
  }

  /** Between the two bytes that open a packet and its end. */
  get active(): boolean {
    return this.timeout !== undefined;
  }

  /** The bytes 16 and 1 have come. */
  open(): void {
    const { clock } = this.board;
    this.header = [];
    this.data = "";
    this.timeout = clock.schedule(clock.now() + PACKET_TIMEOUT_MS, () => {
      this.board.send(NAK);
      this.close();
      this.board.wake();
    });
  }

  /** Takes one byte of an open packet. */
  take(byte: string): void {
    if (this.header.length < 2) this.header.push(byte.charCodeAt(0));
    else this.data += byte;
    const [high, low] = this.header;
    if (high === undefined || low === undefined) return;
    const word = (high << 8) | low;
    if ((this.data ?? "").length < (word & LENGTH_MASK)) return;
    this.process(word >> 13, this.data ?? "");
    this.close();
  }

  /** Gives up whatever is under way. */
  close(): void {
    if (this.timeout) this.board.clock.cancel(this.timeout);
    this.timeout = undefined;
    this.data = undefined;
  }

  powerOff(): void {
    this.close();
    this.endUpload();
  }

  private process(type: number, data: string): void {
    if (type === TYPE.eval) this.evaluate(data);
    else if (type === TYPE.event) this.acknowledge(this.tell("packet", this.object(data)));
    else if (type === TYPE.fileSend) this.acknowledge(this.beginUpload(this.object(data)));
    else if (type === TYPE.data) this.takeData(data);
    else if (type === TYPE.fileReceive) this.sendFile(this.object(data));
    else this.board.send(NAK);
  }

  private evaluate(expression: string): void {
    const { board } = this;
    try {
      const result = formatted(board.realm, board.evaluate(expression), TO_JS);
      board.send(ACK + packet(TYPE.response, result));
    } catch (thrown) {
      if (!board.alive()) return;
      board.removeLine();
      board.send(NAK);
      board.report(thrown);
    }
  }

  private beginUpload(request: Value): boolean {
    this.endUpload();
    const size = Math.trunc(Number(request?.s ?? 0));
    // Neither a file system nor compressed packets are simulated.
    if (typeof request?.fn !== "string" || !size || request.fs || request.c) return false;
    this.upload = { name: request.fn, size, offset: 0, timeout: this.uploadTimeout() };
    return true;
  }

  private takeData(data: string): void {
    const { board, upload } = this;
    if (!upload) {
      board.send(NAK);
      return;
    }
    let failure: { thrown: Value } | undefined;
    try {
      board.storage().write(upload.name, data, upload.offset, upload.size);
    } catch (thrown) {
      if (!board.alive()) return;
      failure = { thrown };
      board.removeLine();
    }
    upload.offset += data.length;
    board.clock.cancel(upload.timeout);
    if (upload.offset >= upload.size) this.endUpload();
    else upload.timeout = this.uploadTimeout();
    const { realm } = board;
    this.tell(
      "packetUpload",
      Object.assign(realm.object(), { l: data.length, o: upload.offset, s: upload.size, fn: upload.name }),
    );
    // The interpreter acknowledges also what it could not write (measured); the error follows on the console.
    board.send(ACK);
    if (failure) board.report(failure.thrown);
  }

  private sendFile(request: Value): void {
    const { board } = this;
    const content: Value =
      typeof request?.fn === "string" && !request.fs ? board.storage().read(request.fn) : undefined;
    if (typeof content !== "string") {
      board.send(NAK);
      return;
    }
    board.send(ACK);
    for (let offset = 0; offset < content.length; offset += FILE_CHUNK)
      board.send(packet(TYPE.data, content.slice(offset, offset + FILE_CHUNK)));
    board.send(packet(TYPE.data, ""));
  }

  /** The object a packet carries, in JSON with or without quotes around keys; undefined when it is none. */
  private object(data: string): Value {
    try {
      const value = parseJson(data, this.board.realm, true);
      return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
    } catch {
      this.board.removeLine();
      return undefined;
    }
  }

  /** Calls the listeners of E now; false when there is none, or nothing to tell. */
  private tell(event: string, argument: Value): boolean {
    const listeners = this.board.espruino[`#on${event}`];
    if (argument === undefined || listeners === undefined) return false;
    this.board.call(this.board.espruino, listeners, argument);
    return true;
  }

  private acknowledge(ok: boolean): void {
    this.board.send(ok ? ACK : NAK);
  }

  private uploadTimeout(): Alarm {
    const { clock } = this.board;
    return clock.schedule(clock.now() + FILE_TIMEOUT_MS, () => {
      this.upload = undefined;
    });
  }

  private endUpload(): void {
    if (this.upload) this.board.clock.cancel(this.upload.timeout);
    this.upload = undefined;
  }
}

/** The interpreter does not check that `data` fits the length. */
function packet(type: number, data: string): string {
  const word = (type << 13) | data.length;
  return `\x10\x01${String.fromCharCode((word >> 8) & 255, word & 255)}${data}`;
}
