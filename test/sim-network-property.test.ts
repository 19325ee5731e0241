/** Whatever the conditions do and whenever they change: bytes keep their order, none is invented, and without a cut none is lost. */
import fc from "fast-check";
import { test } from "vitest";
import {
  createConditions,
  impair,
  type Link,
  LoopbackNetwork,
  type LoopbackPeer,
  type NetworkSettings,
  NO_FAULTS,
  VirtualClock,
} from "../sim/index.ts";
import { seededRandom } from "../sim/random.ts";

type Action =
  | { do: "set"; settings: Partial<NetworkSettings> }
  | { do: "cut"; how: "end" | "reset" }
  | { do: "board-sends" | "peer-sends"; bytes: number }
  | { do: "board-closes" | "peer-ends" };

const settings = fc.record(
  {
    latencyMs: fc.nat(500),
    jitterMs: fc.nat(500),
    bandwidthBytesPerSecond: fc.constantFrom(0, 50, 5000),
    chunkBytes: fc.constantFrom(0, 1, 7, 100),
    drainBytes: fc.constantFrom(0, 1, 100, Number.POSITIVE_INFINITY),
    halfOpen: fc.boolean(),
  },
  { requiredKeys: [] },
);
const sends = fc.record({
  do: fc.constantFrom("board-sends" as const, "peer-sends" as const),
  bytes: fc.integer({ min: 1, max: 8000 }),
});
const sets = fc.record({ do: fc.constant("set" as const), settings });
const cuts = fc.record({
  do: fc.constant("cut" as const),
  how: fc.constantFrom("end" as const, "reset" as const),
});
const ends = fc.record({ do: fc.constantFrom("board-closes" as const, "peer-ends" as const) });

/** The same bytes in every run, no two neighbours alike. */
const stream = Array.from({ length: 200_000 }, (_, index) => String.fromCharCode((index * 7919) % 256)).join(
  "",
);

class Experiment {
  readonly clock = new VirtualClock();
  readonly conditions = createConditions();
  sentByBoard = "";
  sentByPeer = "";
  heardByBoard = "";
  heardByPeer = "";
  peerClosed = 0;
  private unsent = "";
  private boardClosed = false;
  private readonly link: Link;
  private peer: LoopbackPeer | undefined;

  constructor(seed: number, takesBytes: number) {
    const loopback = new LoopbackNetwork(this.clock);
    loopback.listen(1, (peer) => {
      this.peer = peer;
      // The network below has limits of its own.
      peer.drainBytes = takesBytes;
      peer.onData = (bytes) => {
        this.heardByPeer += bytes;
      };
      peer.onClose = () => {
        this.peerClosed++;
      };
      // What was asked for before it was accepted.
      peer.send(this.sentByPeer);
    });
    const network = impair(loopback, this.clock, seededRandom(seed), this.conditions);
    this.link = network.connect("x", 1, () => this.clock.schedule(this.clock.now(), () => this.poll()));
  }

  act(action: Action): void {
    if (action.do === "set") Object.assign(this.conditions, action.settings);
    else if (action.do === "cut") this.conditions.cut(action.how);
    else if (action.do === "board-sends" && !this.boardClosed) {
      const bytes = stream.slice(this.sentByBoard.length, this.sentByBoard.length + action.bytes);
      this.sentByBoard += bytes;
      this.unsent += bytes;
    } else if (action.do === "peer-sends" && !this.peer?.closed) {
      const bytes = stream.slice(this.sentByPeer.length, this.sentByPeer.length + action.bytes);
      this.sentByPeer += bytes;
      this.peer?.send(bytes);
    } else if (action.do === "board-closes" && this.unsent === "") {
      this.boardClosed = true;
      this.link.close();
    } else if (action.do === "peer-ends") this.peer?.end();
    this.poll();
  }

  get closed(): boolean {
    return this.link.state === "closed";
  }

  get accepted(): boolean {
    return this.peer !== undefined;
  }

  get pending(): string {
    return this.unsent;
  }

  private poll(): void {
    if (this.boardClosed) return;
    for (let data = this.link.receive(536); data !== ""; data = this.link.receive(536)) {
      if (this.conditions.chunkBytes > 0 && data.length > this.conditions.chunkBytes)
        throw new Error(`a piece of ${data.length} bytes where ${this.conditions.chunkBytes} is the most`);
      this.heardByBoard += data;
    }
    for (let sent = -1; sent !== 0 && this.unsent !== ""; this.unsent = this.unsent.slice(sent))
      sent = this.link.send(this.unsent.slice(0, 536));
  }
}

function run(seed: number, takesBytes: number, actions: [number, Action][]): Experiment {
  const experiment = new Experiment(seed, takesBytes);
  for (const [wait, action] of actions) {
    experiment.clock.runUntil(experiment.clock.now() + wait);
    experiment.act(action);
  }
  // All faults off, and all the time there is.
  experiment.act({ do: "set", settings: NO_FAULTS });
  experiment.clock.runUntil(experiment.clock.now() + 3_600_000);
  return experiment;
}

const waits = fc.nat(1000);
const takes = fc.constantFrom(50, Number.POSITIVE_INFINITY);
const seed = 1883;

test(`without a cut or an end, every byte arrives, in order, both ways (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.nat(),
      takes,
      fc.array(fc.tuple(waits, fc.oneof(sends, sets)), { maxLength: 40 }),
      (jitterSeed, takesBytes, actions) => {
        const experiment = run(jitterSeed, takesBytes, actions as [number, Action][]);
        return (
          !experiment.closed &&
          experiment.pending === "" &&
          experiment.heardByPeer === experiment.sentByBoard &&
          experiment.heardByBoard === experiment.sentByPeer
        );
      },
    ),
    { seed, numRuns: 300 },
  );
});

test(`with cuts and ends: what arrives is the beginning of what was sent, and both sides learn of the end once (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.nat(),
      takes,
      fc.array(fc.tuple(waits, fc.oneof(sends, sets, cuts, ends)), { maxLength: 40 }),
      (jitterSeed, takesBytes, actions) => {
        const experiment = run(jitterSeed, takesBytes, actions as [number, Action][]);
        const over = actions.some(([, action]) => action.do !== "set" && !action.do.endsWith("sends"));
        return (
          experiment.sentByBoard.startsWith(experiment.heardByPeer) &&
          experiment.sentByPeer.startsWith(experiment.heardByBoard) &&
          (!experiment.accepted || experiment.peerClosed === (experiment.closed ? 1 : 0)) &&
          (over || !experiment.closed)
        );
      },
    ),
    { seed, numRuns: 300 },
  );
});
