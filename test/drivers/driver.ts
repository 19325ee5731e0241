// What an end-to-end test may know of a board, be it simulated or the real interpreter.
import type { ScriptedBroker } from "../broker/scripted-broker.ts";

/** A pin changed: level or duty cycle, 0 to 1. */
export interface PinEvent {
  pin: string;
  value: number;
}

/** A bundle, as `wick build --board linux` makes it. */
export interface Program {
  bundle: string;
  /** JSON text. */
  sourceMap?: string;
}

export interface RunningBoard {
  /** Changes in order; every pin starts at 0. */
  readonly pins: readonly PinEvent[];
  /** What the board printed, line by line. */
  readonly console: readonly string[];
  /** The value a pin has now, 0 to 1. */
  pin(name: string): number;
  /** Lets `ms` of board time pass: the simulator's clock jumps, the interpreter is waited for. */
  advance(ms: number): Promise<void>;
  /** Lets board time pass until `condition` holds; throws, naming `what`, after `withinMs`. */
  until(condition: () => boolean, withinMs: number, what: string): Promise<void>;
  /** Evaluates an expression on the board, as text. */
  evaluate(expression: string): Promise<string>;
  /** Like pulling the plug. */
  stop(): Promise<void>;
}

/** One test's network and board; make a new one for each test. */
export interface BoardDriver {
  readonly name: string;
  /** Makes a scripted broker reachable from the board at 127.0.0.1 and the port returned, which the bundle is built with. */
  serve(broker: ScriptedBroker): Promise<number>;
  start(program: Program): Promise<RunningBoard>;
  /** Ends whatever is left: boards, listeners. */
  close(): Promise<void>;
}

export interface DriverKind {
  readonly name: string;
  /** Why it cannot run on this machine; undefined where it can. */
  readonly missing: string | undefined;
  create(options?: {
    /** Real TCP instead of a network in the process, for a broker that is another program. */ realNetwork?: boolean;
  }): BoardDriver;
}
