// Where a session is played: a board, its console, and what it connects to.

/** The far end of one of the board's connections. Bytes are binary strings, one character a byte. */
export interface Peer {
  send(bytes: string): void;
  /** An orderly end, and a reset. */
  end(): void;
  reset(): void;
  onData: (bytes: string) => void;
  /** Comes once, whoever closed it. */
  onClose: () => void;
}

export interface Ports {
  /** What the program's connections lead to, and what the prelude's own does. */
  readonly program: number;
  readonly control: number;
}

/** Called for each connection of the board. */
export interface Listeners {
  program(peer: Peer): void;
  control(peer: Peer): void;
}

export interface Stage {
  /** What plays: the interpreter with its version, as its banner says it, or the simulator. */
  readonly name: string;
  /** Lines of the console so far. */
  readonly lines: readonly string[];
  /** Starts a board with a program in RAM. */
  launch(listeners: Listeners, program: (ports: Ports) => string): Promise<void>;
  /** Whether new connections of the program are refused. */
  refuse(on: boolean): Promise<void>;
  /** Lets time pass until `condition` holds; throws, naming `what`, after `withinMs` of the board's time. */
  until(condition: () => boolean, what: string, withinMs?: number): Promise<void>;
  pause(ms: number): Promise<void>;
  close(): Promise<void>;
}
