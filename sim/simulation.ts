/** A whole experiment: a board, its clock, the network around it with its faults, perhaps a broker; and everything that happens, for whoever listens. */
import { type Board, createBoard, DEFAULT_EPOCH_MS } from "./board.ts";
import { VirtualClock } from "./clock.ts";
import type { BoardEvent } from "./events.ts";
import type { LampFacts } from "./lamp.ts";
import { Pacer } from "./pacer.ts";
import type { BoardProfile } from "./profile.ts";
import { seededRandom } from "./random.ts";
import type { StorageMedium } from "./storage.ts";
import type { EmbeddedBroker } from "./world/broker.ts";
import { createConditions, type NetworkConditions } from "./world/conditions.ts";
import { impair } from "./world/impairment.ts";
import { LoopbackNetwork } from "./world/loopback.ts";
import type { Network } from "./world/network.ts";
import { TcpNetwork } from "./world/tcp.ts";
import { type Traffic, tapTraffic } from "./world/traffic.ts";
import { leadTo, type WayOut } from "./world/way-out.ts";

export interface SimulationOptions {
  profile: BoardProfile;
  /** The text of the bundle that would be flashed. */
  bundle: string;
  /** JSON text of the bundle's source map. */
  sourceMap?: string | undefined;
  /** Undefined: the program on the board is no lamp. */
  lamp: LampFacts | undefined;
  /** Of everything random, on the board and around it. Default 1. */
  seed?: number | undefined;
  /** The time of day (Unix, ms) at board time 0. Default: 2026-01-01, so that runs can be repeated. */
  epochMs?: number | undefined;
  storage?: StorageMedium | undefined;
  /** Nothing is in the board's flash, no interpreter either. */
  bare?: boolean | undefined;
  /** `in-process`: wholly under the clock, with `broker` (where given) answering at `port`; `tcp`: the host's network, in real time, of which `only` one place may be reached. */
  network:
    | { kind: "in-process"; broker?: EmbeddedBroker | undefined; port: number }
    | { kind: "tcp"; only?: WayOut | undefined };
}

/** Keeps what the network does apart from what the board draws of the same seed. */
const NETWORK_SEED = 0x6e6574;

export class Simulation {
  readonly clock = new VirtualClock();
  /** Paces the clock by real time once it is started. */
  readonly pacer: Pacer;
  readonly board: Board;
  readonly conditions: NetworkConditions = createConditions();
  /** Undefined while the program on the board is no lamp. */
  lamp: LampFacts | undefined;
  /** The text of the bundle that was given last; something else may be on the board since. */
  bundle: string;
  /** The time of day (Unix, ms) at board time 0. */
  readonly epochMs: number;
  readonly profile: BoardProfile;
  readonly broker: EmbeddedBroker | undefined;
  /** The in-process network, where peers of a test's own can listen. */
  readonly loopback: LoopbackNetwork | undefined;
  private readonly tcp: TcpNetwork | undefined;
  private readonly detachBroker: (() => void) | undefined;
  private readonly eventListeners = new Set<(event: BoardEvent) => void>();
  private readonly trafficListeners = new Set<(traffic: Traffic) => void>();

  constructor(options: SimulationOptions) {
    const { profile, lamp, network, seed = 1 } = options;
    this.profile = profile;
    this.lamp = lamp;
    this.bundle = options.bundle;
    this.epochMs = options.epochMs ?? DEFAULT_EPOCH_MS;
    this.pacer = new Pacer(this.clock);
    let base: Network;
    if (network.kind === "tcp") {
      this.tcp = new TcpNetwork(this.clock);
      base = network.only ? leadTo(this.tcp, network.only) : this.tcp;
    } else {
      base = this.loopback = new LoopbackNetwork(this.clock);
      this.broker = network.broker;
      this.detachBroker = network.broker?.attach(this.loopback, network.port, this.clock);
    }
    const impaired = impair(base, this.clock, seededRandom(seed ^ NETWORK_SEED), this.conditions);
    this.board = createBoard({
      profile,
      bundle: options.bundle,
      sourceMap: options.sourceMap,
      clock: this.clock,
      network: tapTraffic(impaired, this.clock, (traffic) => {
        for (const listener of this.trafficListeners) listener(traffic);
      }),
      storage: options.storage,
      bare: options.bare,
      seed,
      epochMs: this.epochMs,
      onEvent: (event) => {
        for (const listener of this.eventListeners) listener(event);
      },
    });
  }

  /** Calls `listener` with every event of the board, the JSON lines of `wick sim --json`; returns how to stop that. */
  onEvent(listener: (event: BoardEvent) => void): () => void {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  /** Calls `listener` with all that passes on the board's connections; returns how to stop that. */
  onTraffic(listener: (traffic: Traffic) => void): () => void {
    this.trafficListeners.add(listener);
    return () => this.trafficListeners.delete(listener);
  }

  /** Switches the board on. */
  start(): void {
    this.board.boot();
  }

  /** Lets `ms` of board time pass, as fast as it goes. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /**
   * Follows real time until `durationMs` of board time have passed (for ever, when undefined) or `stop` says so.
   * `pacer` pauses it, steps it and changes its speed meanwhile.
   */
  runInRealTime(durationMs: number | undefined, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.pacer.stop();
        resolve();
      };
      if (stop.aborted) return done();
      stop.addEventListener("abort", done, { once: true });
      if (durationMs !== undefined) this.clock.schedule(this.clock.now() + durationMs, done);
      this.pacer.start();
    });
  }

  /** As fast as it goes, until `durationMs` of board time have passed or `stop` says so. */
  async runAtFullSpeed(durationMs: number, stop: AbortSignal): Promise<void> {
    const until = this.clock.now() + durationMs;
    while (!stop.aborted && this.clock.now() < until)
      await this.clock.advance(Math.min(STRIDE_MS, until - this.clock.now()));
  }

  /** Pulls the plug; the power is back after `downMs` of board time, or stays away when undefined. */
  powerCut(downMs?: number): void {
    this.tell({ type: "fault", what: "power cut" });
    this.board.powerOff();
    if (downMs !== undefined) this.clock.schedule(this.clock.now() + downMs, () => this.board.boot());
  }

  /** Puts another bundle on the board, perhaps with another lamp in mind, and starts it over. Storage stays. */
  reload(bundle: string, sourceMap?: string, lamp: LampFacts | undefined = this.lamp): void {
    this.lamp = lamp;
    this.bundle = bundle;
    this.board.replaceBundle(bundle, sourceMap);
    this.board.boot();
  }

  /** Tells the listeners of something that happened to the board from outside. */
  tell(event: { type: "fault"; what: string }): void {
    const t = Math.round(this.clock.now() * 1000) / 1000;
    for (const listener of this.eventListeners) listener({ t, ...event });
  }

  /** Cuts the power for good and lets go of the network. The broker, which others may use, goes on. */
  close(): void {
    this.pacer.stop();
    this.board.powerOff();
    this.detachBroker?.();
    this.tcp?.close();
  }
}

/** Board time between two looks at `stop`. */
const STRIDE_MS = 1000;
