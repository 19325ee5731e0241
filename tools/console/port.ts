/** What a cable to a board's console is, whichever kind: bytes out, bytes in, and the news that it is gone. */

export interface Port {
  /** As the user wrote it or would: `/dev/ttyUSB0`, `tcp://192.168.1.40:23`, `ble:Lamp`. */
  readonly name: string;
  /** Most bytes that may be handed over at once; Bluetooth takes few. Undefined: any number. */
  readonly mostAtOnce?: number | undefined;
  /** Resolves when the bytes have left (serial: when the system has taken them). @throws PortGone */
  write(bytes: Uint8Array): Promise<void>;
  /** Returns how to stop listening. */
  onBytes(listener: (bytes: Uint8Array) => void): () => void;
  /** Told once, when the cable is pulled or the connection closed by the other side; `reason` is for people. */
  onGone(listener: (reason: string) => void): () => void;
  /** The port is free for other programs when this resolves. May be called twice. */
  close(): Promise<void>;
  /**
   * Whether it may be lost for a while, as when its board starts over: it is then opened again instead of being gone. Absent where it cannot be.
   */
  mayDrop?(may: boolean): void;
  /** Changes the speed of an open serial line, where it has one. */
  setBaud?(baud: number): Promise<void>;
  /** Starts the board anew by the serial line's DTR and RTS, where the port has them. */
  reset?(into: "program" | "loader"): Promise<void>;
}

/** The cable was lost in the middle of something. */
export class PortGone extends Error {
  override readonly name = "PortGone";
  readonly port: string;

  constructor(port: string, reason: string) {
    super(`${port} is gone: ${reason}`);
    this.port = port;
  }
}
