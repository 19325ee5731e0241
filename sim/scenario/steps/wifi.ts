/** The step `wifi: down`. */
import type { WifiControl } from "../../wifi.ts";
import { StepFailure } from "../context.ts";
import { stepKind } from "../kind.ts";
import { signal, time } from "../measures.ts";
import { checked, fields, oneOf, shortOr, text } from "../values.ts";

/** What each state makes of the Wi-Fi around the board. */
const states = {
  up: (wifi) => accessPoint(wifi, "connects"),
  down: (wifi, reason) => wifi.down(reason === undefined ? {} : { reason }),
  silent: (wifi) => wifi.down({ silent: true }),
  weak: (wifi) => {
    wifi.weakSignal = true;
  },
  "wrong-password": (wifi) => accessPoint(wifi, "wrong-password"),
  "no-dhcp": (wifi) => accessPoint(wifi, "no-dhcp"),
  "dhcp-timeout": (wifi) => accessPoint(wifi, "dhcp-timeout"),
  "no-callback": (wifi) => accessPoint(wifi, "never"),
} as const satisfies Record<string, (wifi: WifiControl, reason: string | undefined) => void>;
type State = keyof typeof states;

const state = oneOf(...(Object.keys(states) as State[]));
const full = checked(
  fields({}, { state, rssi: signal, reason: text(), connect: time, for: time }),
  ({ state, rssi, reason, connect, for: forMs }) => {
    if (state === undefined && rssi === undefined && connect === undefined)
      return "changes nothing; write what, such as state: down";
    if (reason !== undefined && state !== "down") return "has a reason, which belongs to state: down";
    return forMs !== undefined && (state === undefined || state === "up")
      ? "has for, which belongs to a state other than up"
      : undefined;
  },
);

export default stepKind({
  name: "wifi",
  description:
    "Changes the Wi-Fi around the board: up; down (no access point); silent (gone, and no event tells the board); weak (nothing gets through, and the board does not notice); and for attempts to come wrong-password, no-dhcp, dhcp-timeout and no-callback. With for it is up again after that time, and the next step follows at once.",
  value: shortOr(state, (state) => ({ state }), full),
  check: (_, { profile }) => (profile.wifi ? undefined : `${profile.name} has no Wi-Fi`),
  run({ state, rssi, reason, connect, for: forMs }, { simulation }) {
    const { clock } = simulation;
    const { wifi } = simulation.board;
    if (!wifi) throw new StepFailure(undefined, [`${simulation.profile.name} has no Wi-Fi`]);
    const tell = (what: string): void => simulation.tell({ type: "fault", what: `wifi: ${what}` });
    const enter = (state: State, reason?: string): void => {
      states[state](wifi, reason);
      tell(state);
    };
    if (rssi !== undefined) {
      wifi.rssi = rssi;
      tell(`${rssi} dBm`);
    }
    if (connect !== undefined) {
      wifi.connectMs = connect;
      tell(`takes ${connect} ms to connect`);
    }
    if (state !== undefined) enter(state, reason);
    if (forMs !== undefined) clock.schedule(clock.now() + forMs, () => enter("up"));
  },
});

/** There is one, and the signal is good; who is connected stays connected. */
function accessPoint(wifi: WifiControl, answer: WifiControl["answer"]): void {
  wifi.answer = answer;
  wifi.weakSignal = false;
  wifi.up();
}
