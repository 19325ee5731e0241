/** The step `network: { latency: 200ms, chunk: 7B }`. */
import { type NetworkSettings, NO_FAULTS } from "../../world/conditions.ts";
import { stepKind } from "../kind.ts";
import { pieceSize, rate, size, time } from "../measures.ts";
import { checked, fields, flag, oneOf, orWord, type Read } from "../values.ts";

/** By the names they have in a scenario. */
const settingKinds = {
  latency: time,
  jitter: time,
  bandwidth: orWord("unlimited", NO_FAULTS.bandwidthBytesPerSecond, rate),
  chunk: orWord("any", NO_FAULTS.chunkBytes, pieceSize),
  drain: orWord("unlimited", NO_FAULTS.drainBytes, size),
  refuse: flag,
  dns: oneOf("works", "fails"),
  "half-open": flag,
};
const full = checked(
  fields({}, { ...settingKinds, cut: oneOf("end", "reset"), for: time }),
  ({ cut, for: forMs, ...settings }) => {
    if (Object.keys(settings).length > 0) return undefined;
    if (cut === undefined) return "changes nothing; write what, such as latency: 200ms";
    return forMs === undefined ? undefined : "has for, but a cut does not last; leave for out";
  },
);

export default stepKind({
  name: "network",
  description:
    "Changes what the network does to the board's connections. What is not named stays as it is; off takes all faults away; with for, what is named goes back by itself after that time.",
  value: orWord("off", "off" as const, full),
  run(value, { simulation }) {
    const { conditions, clock } = simulation;
    const tell = (what: string): void => simulation.tell({ type: "fault", what: `network: ${what}` });
    if (value === "off") {
      conditions.reset();
      return tell("no faults");
    }
    const change = (to: Partial<NetworkSettings>): void => {
      Object.assign(conditions, to);
      tell(
        Object.entries(to)
          .map(([name, setting]) => `${name} ${setting}`)
          .join(", "),
      );
    };
    const settings = settingsOf(value);
    const names = Object.keys(settings) as (keyof NetworkSettings)[];
    const before = Object.fromEntries(names.map((name) => [name, conditions[name]]));
    if (names.length > 0) change(settings);
    if (value.cut !== undefined) {
      conditions.cut(value.cut);
      tell(`cut, ${value.cut}`);
    }
    if (value.for !== undefined) clock.schedule(clock.now() + value.for, () => change(before));
  },
});

function settingsOf(value: Read<typeof full>): Partial<NetworkSettings> {
  const { latency, jitter, bandwidth, chunk, drain, refuse, dns } = value;
  const settings = {
    latencyMs: latency,
    jitterMs: jitter,
    bandwidthBytesPerSecond: bandwidth,
    chunkBytes: chunk,
    drainBytes: drain,
    refuse,
    unknownHost: dns === undefined ? undefined : dns === "fails",
    halfOpen: value["half-open"],
  };
  return Object.fromEntries(
    Object.entries(settings).filter(([, setting]) => setting !== undefined),
  ) as Partial<NetworkSettings>;
}
