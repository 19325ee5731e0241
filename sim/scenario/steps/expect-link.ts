/** expect-link: online */
import { expectState, foundChanging, stateTimes } from "../expectation.ts";
import { stepKind } from "../kind.ts";
import { fields, oneOf, shortOr } from "../values.ts";

const state = oneOf("online", "offline");

export default stepKind({
  name: "expect-link",
  description:
    "Expects the board to have a connection that the broker accepted, or none, as far as the board knows.",
  value: shortOr(state, (is) => ({ is }), fields({ is: state }, stateTimes)),
  run: (value, context) =>
    expectState(context, {
      what: "the MQTT connection",
      wanted: `is ${value.is}`,
      fits: () => context.witness.link.value === value.is,
      found: () => foundChanging(context.witness.link, String),
      times: value,
    }),
});
