/** wifi: down */
import type { WifiControl } from "../../wifi.ts";
import { StepFailure } from "../context.ts";
import { stepKind } from "../kind.ts";
import { signal, time } from "../measures.ts";
import { checked, fields, oneOf, shortOr, text } from "../values.ts";

/** What each state does to the Wi-Fi around the board. */
const states = {
  up: (wifi) => {
    wifi.answer = "connects";
    wifi.up();
  },
  down: (wifi, reason) => wifi.down(reason === undefined ? {} : { reason }),
  silent: (wifi) => wifi.down({ silent: true }),
  "wrong-password": (wifi) => {
    wifi.answer = "fails";
  },
  "no-dhcp": (wifi) => {
    wifi.answer = "dhcp-timeout";
  },
  "no-answer": (wifi) => {
    wifi.answer = "never";
  },
} as const satisfies Record<string, (wifi: WifiControl, reason: string | undefined) => void>;
type State = keyof typeof states;

const state = oneOf(...(Object.keys(states) as State[]));
const full = checked(
  fields({}, { state, rssi: signal, reason: text(), for: time }),
  ({ state, rssi, reason, for: forMs }) => {
    if (state === undefined && rssi === undefined) return "changes nothing; write what, such as state: down";
    if (reason !== undefined && state !== "down") return "has a reason, which belongs to state: down";
    return forMs !== undefined && (state === undefined || state === "up")
      ? "has for, which belongs to a state other than up"
      : undefined;
  },
);

export default stepKind({
  name: "wifi",
  description:
    "Changes the Wi-Fi around the board: up; down (no access point); silent (gone, and no event tells the board); and for the attempts to come wrong-password, no-dhcp and no-answer (the callback never comes). With for it is up again after that time, and the next step follows at once.",
  value: shortOr(state, (state) => ({ state }), full),
  check: (_, { profile }) => (profile.wifi ? undefined : `${profile.name} has no Wi-Fi`),
  run({ state, rssi, reason, for: forMs }, { simulation }) {
    const { clock } = simulation;
    const { wifi } = simulation.board;
    if (!wifi) throw new StepFailure(undefined, [`${simulation.profile.name} has no Wi-Fi`]);
    const enter = (state: State, reason?: string): void => {
      states[state](wifi, reason);
      simulation.tell({ type: "fault", what: `wifi: ${state}` });
    };
    if (rssi !== undefined) {
      wifi.rssi = rssi;
      simulation.tell({ type: "fault", what: `wifi: ${rssi} dBm` });
    }
    if (state !== undefined) enter(state, reason);
    if (forMs !== undefined) clock.schedule(clock.now() + forMs, () => enter("up"));
  },
});
