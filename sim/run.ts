/** One simulated lamp from power-on to power-off: board, network, broker and pace put together for a session at the command line. */
import { createBoard } from "./board.ts";
import { VirtualClock } from "./clock.ts";
import type { BoardEvent } from "./events.ts";
import { Pacer } from "./pacer.ts";
import type { BoardProfile } from "./profile.ts";
import type { EmbeddedBroker } from "./world/broker.ts";
import { LoopbackNetwork } from "./world/loopback.ts";
import { type PassingMessage, tapMqtt } from "./world/mqtt-tap.ts";
import { TcpNetwork } from "./world/tcp.ts";

export interface RunOptions {
  profile: BoardProfile;
  bundle: string;
  sourceMap: string;
  seed: number;
  /** `real`: in step with real time, over TCP. `max`: as fast as it goes, with `broker` attached in-process at `port`. */
  pace: { speed: "real" } | { speed: "max"; broker: EmbeddedBroker; port: number };
  onEvent: (event: BoardEvent) => void;
  /** An MQTT message passed; `t` is board time in ms. */
  onMessage: (t: number, message: PassingMessage) => void;
}

/**
 * Boots a board and runs it until `durationMs` of board time have passed (never, when undefined) or `stop` says so. Then its power is cut,
 * as a lamp's is: no farewell is sent, and the broker publishes the will.
 */
export async function runLamp(
  options: RunOptions,
  durationMs: number | undefined,
  stop: AbortSignal,
): Promise<void> {
  const clock = new VirtualClock();
  const { pace } = options;
  const tcp = pace.speed === "real" ? new TcpNetwork(clock) : undefined;
  const network = tcp ?? new LoopbackNetwork(clock);
  const detach =
    pace.speed === "max" && network instanceof LoopbackNetwork
      ? pace.broker.attach(network, pace.port, clock)
      : undefined;
  const board = createBoard({
    profile: options.profile,
    bundle: options.bundle,
    sourceMap: options.sourceMap,
    clock,
    network: tapMqtt(network, (message) => options.onMessage(clock.now(), message)),
    seed: options.seed,
    epochMs: Date.now(),
    onEvent: options.onEvent,
  });
  try {
    board.boot();
    if (tcp) await inRealTime(clock, durationMs, stop);
    else await asFastAsPossible(clock, durationMs, stop);
  } finally {
    board.powerOff();
    detach?.();
    tcp?.close();
  }
}

/** Resolves after `durationMs` of board time or when stopped. */
function inRealTime(clock: VirtualClock, durationMs: number | undefined, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const pacer = new Pacer(clock);
    const done = (): void => {
      pacer.stop();
      resolve();
    };
    if (stop.aborted) return done();
    stop.addEventListener("abort", done, { once: true });
    if (durationMs !== undefined) clock.schedule(durationMs, done);
    pacer.start();
  });
}

/** Board time between two looks at `stop`. */
const STRIDE_MS = 1000;

async function asFastAsPossible(
  clock: VirtualClock,
  durationMs: number | undefined,
  stop: AbortSignal,
): Promise<void> {
  const until = durationMs ?? Number.POSITIVE_INFINITY;
  while (!stop.aborted && clock.now() < until) await clock.advance(Math.min(STRIDE_MS, until - clock.now()));
}
