// The board driver for the simulator: time is the virtual clock's, the scripted broker is attached without sockets.
import { type Board, createBoard, LoopbackNetwork, TcpNetwork, VirtualClock } from "../../sim/index.ts";
import type { ScriptedBroker } from "../broker/scripted-broker.ts";
import type { BoardDriver, DriverKind, PinEvent, Program, RunningBoard } from "./driver.ts";

/** Board time between two looks at a condition. */
const stepMs = 10;
const loopbackPort = 1883;

export const simulator: DriverKind = {
  name: "simulator",
  missing: undefined,
  create: (options = {}) => new SimulatorDriver(options.realNetwork ?? false),
};

class SimulatorDriver implements BoardDriver {
  readonly name = "simulator";
  readonly clock = new VirtualClock();
  private readonly loopback = new LoopbackNetwork(this.clock);
  private readonly boards: Board[] = [];
  private readonly brokers: ScriptedBroker[] = [];
  private readonly tcp: TcpNetwork | undefined;

  constructor(realNetwork: boolean) {
    this.tcp = realNetwork ? new TcpNetwork(this.clock) : undefined;
  }

  async serve(broker: ScriptedBroker): Promise<number> {
    if (this.tcp) {
      this.brokers.push(broker);
      return broker.listen();
    }
    this.loopback.listen(loopbackPort, (peer) => {
      const connection = broker.attach({ write: (bytes) => peer.send(bytes), close: () => peer.end() });
      peer.onData = (bytes) => connection.receive(Buffer.from(bytes, "latin1"));
      peer.onClose = () => {
        connection.closed = true;
        broker.script.onClosed?.(connection);
      };
    });
    return loopbackPort;
  }

  async start(program: Program): Promise<RunningBoard> {
    const pins: PinEvent[] = [];
    const { clock } = this;
    const board = createBoard({
      profile: { name: "linux", wifi: false },
      bundle: program.bundle,
      sourceMap: program.sourceMap,
      clock,
      network: this.tcp ?? this.loopback,
      onEvent(event) {
        if (event.type === "pin") pins.push({ pin: event.pin, value: event.value });
      },
    });
    this.boards.push(board);
    board.boot();
    return {
      pins,
      console: board.console,
      pin: (name) => board.pins.value(name),
      advance: (ms) => clock.advance(ms),
      async until(condition, withinMs, what) {
        const end = clock.now() + withinMs;
        while (!condition()) {
          if (clock.now() >= end) throw new Error(overdue(what, withinMs, board.console));
          await clock.advance(stepMs);
        }
      },
      evaluate: async (expression) => String(board.evaluate(expression)),
      stop: async () => board.powerOff(),
    };
  }

  async close(): Promise<void> {
    for (const board of this.boards) board.powerOff();
    this.tcp?.close();
    for (const broker of this.brokers) await broker.stop();
  }
}

/** The sentence of a condition that did not come true, with the last lines of the console. */
export function overdue(what: string, withinMs: number, console: readonly string[]): string {
  const said = console.slice(-5).join(" | ") || "nothing";
  return `not within ${withinMs} ms of board time: ${what}; the console says: ${said}`;
}
