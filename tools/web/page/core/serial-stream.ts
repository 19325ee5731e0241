/** A serial port as @espruino-tools/core uses one, which ends when the board is unplugged, outlives line noise, and can be closed. */
import type { SerialPort } from "./browser-cables.ts";

/** One read of a stream. */
interface Read {
  value?: Uint8Array;
  done: boolean;
}

export class SerialStream {
  /** Settles when the port is free for others. */
  closed: Promise<void> = Promise.resolve();
  private readonly port: SerialPort;
  private readonly baud: number;
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  private isClosing = false;

  constructor(port: SerialPort, baud: number) {
    this.port = port;
    this.baud = baud;
  }

  /** Core would take 115,200 baud whatever the board has. */
  async open(): Promise<void> {
    await this.port.open({ baudRate: this.baud, bufferSize: 4096 });
  }

  /** Core lets go of its reader after every piece; the real one is kept, or the port could never be closed. */
  readonly readable = { getReader: () => ({ read: () => this.read(), releaseLock: () => undefined }) };

  readonly writable = {
    getWriter: () => ({ write: (bytes: ArrayBuffer) => this.write(bytes), releaseLock: () => undefined }),
  };

  close(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.closed = this.shut();
  }

  /** Starts the board anew by the lines that most boards with USB have: RTS pulls the reset, DTR the boot pin. */
  async reset(into: "program" | "loader"): Promise<void> {
    const { port } = this;
    await port.setSignals({ dataTerminalReady: false, requestToSend: true });
    await pause(100);
    await port.setSignals({ dataTerminalReady: into === "loader", requestToSend: false });
    await pause(50);
    if (into === "loader") await port.setSignals({ dataTerminalReady: false });
  }

  private async read(): Promise<Read> {
    while (!this.isClosing && this.port.readable) {
      try {
        this.reader ??= this.port.readable.getReader();
        const { value, done } = await this.reader.read();
        // A copy: core looks at the whole of the memory that the bytes lie in.
        if (!done) return { value: value.slice(), done: false };
        this.letGo();
        break;
      } catch {
        // A wrong stop bit or a full buffer ends this stream, and the port has another; a lost board has none.
        this.letGo();
      }
    }
    return { done: true };
  }

  private async write(bytes: ArrayBuffer): Promise<void> {
    const writer = this.port.writable?.getWriter();
    if (!writer) throw new Error("the port is closed");
    this.writer = writer;
    try {
      await writer.write(new Uint8Array(bytes));
    } finally {
      if (this.writer === writer) this.writer = undefined;
      writer.releaseLock();
    }
  }

  private letGo(): void {
    this.reader?.releaseLock();
    this.reader = undefined;
  }

  private async shut(): Promise<void> {
    try {
      await this.reader?.cancel();
    } catch {
      // It was lost already.
    }
    this.letGo();
    // What the board never took would hold the port for ever.
    this.writer?.abort().catch(() => undefined);
    this.writer?.releaseLock();
    this.writer = undefined;
    await this.port.close().catch(() => undefined);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
