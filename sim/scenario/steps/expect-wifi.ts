/** The step `expect-wifi: connected`. */
import { expectState, foundChanging, stateTimes } from "../expectation.ts";
import { stepKind } from "../kind.ts";
import { fields, oneOf, shortOr } from "../values.ts";

const state = oneOf("connected", "disconnected");

export default stepKind({
  name: "expect-wifi",
  description: "Expects the board to have joined the Wi-Fi and to have an address, or not.",
  value: shortOr(state, (is) => ({ is }), fields({ is: state }, stateTimes)),
  check: (_, { profile }) => (profile.wifi ? undefined : `${profile.name} has no Wi-Fi`),
  run: (value, context) =>
    expectState(context, {
      what: "the Wi-Fi",
      wanted: `to be ${value.is}`,
      fits: () => context.witness.wifi.value === value.is,
      found: () => foundChanging(context.witness.wifi, String),
      times: value,
    }),
});
