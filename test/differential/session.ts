// A session: a program on the board and what is done to it, step by step; the same on the simulator and on the interpreter.

/** One thing done; the next is done when nothing moves any more. Bytes are binary strings, one character a byte. */
export type Action =
  /** Bytes for the board's newest connection; lost when that is closed. */
  | { do: "send"; bytes: string }
  /** The far end closes the newest connection, or breaks it. */
  | { do: "end" }
  | { do: "reset" }
  /** Whether the next connections are refused. */
  | { do: "refuse"; on: boolean }
  /** The broker leaves these packet types unanswered from now on. */
  | { do: "mute"; types: readonly number[] }
  /** CONNACKs from now on: acknowledge flags and return code. */
  | { do: "connack"; flags: number; code: number }
  /** Board time passes: the timers due run, a second at a time. */
  | { do: "pause"; ms: number }
  /** Code on the board. */
  | { do: "run"; code: string };

export interface Session {
  readonly name: string;
  /** Makes the session again. */
  readonly seed: number;
  /** What the program is; sessions of one kind share a file of traces. */
  readonly kind: string;
  /** The program's text, which the board runs from RAM. */
  readonly program: () => Promise<string>;
  /** "stepped": timers run when the session says so. "real": they are the board's own, and the session waits for the program's last line. */
  readonly time: { kind: "stepped" } | { kind: "real"; lastsMs: number };
  /** Whether an MQTT broker answers on the other side; else bytes only arrive. */
  readonly broker: boolean;
  readonly actions: readonly Action[];
}
