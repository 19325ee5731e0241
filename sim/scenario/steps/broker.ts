/** The step `broker: restart`. */
import { StepFailure } from "../context.ts";
import { stepKind } from "../kind.ts";
import { time } from "../measures.ts";
import { checked, fields, oneOf, shortOr } from "../values.ts";

/** How long a restart takes that does not say. */
const RESTART_MS = 1000;

const action = oneOf("stop", "start", "restart");
const full = checked(
  fields(
    { do: action },
    { for: time, how: oneOf("end", "reset"), remembers: oneOf("everything", "retained", "nothing") },
  ),
  ({ do: what, for: forMs, how, remembers }) => {
    if (what === "start" && (forMs !== undefined || how !== undefined))
      return "with do: start takes neither for nor how; they belong to stop and restart";
    return what === "stop" && forMs === undefined && remembers !== undefined
      ? "with do: stop takes remembers only together with for; else write it where it starts"
      : undefined;
  },
);

export default stepKind({
  name: "broker",
  description:
    "Stops, starts or restarts the broker that Wick brings along. Connections end (or are reset) and connects are refused until it is back; it comes back by itself after for (a restart: 1 s), and the next step follows at once.",
  value: shortOr(action, (what) => ({ do: what }), full),
  async run({ do: what, for: forMs = what === "restart" ? RESTART_MS : undefined, how, remembers }, context) {
    const { broker, clock } = context.simulation;
    if (!broker)
      throw new StepFailure(undefined, ["this simulation runs without the broker that Wick brings along"]);
    const tell = (state: string): void =>
      context.simulation.tell({ type: "fault", what: `broker: ${state}` });
    const start = async (): Promise<void> => {
      if (broker.running) return;
      await broker.start(remembers);
      tell("started");
    };
    if (what === "start") return start();
    await broker.stop(how);
    tell("stopped");
    if (forMs !== undefined)
      clock.schedule(clock.now() + forMs, () => {
        // Nobody waits for it any more; its port may be taken meanwhile.
        start().catch((error: Error) => tell(`cannot start: ${error.message}`));
      });
  },
});
