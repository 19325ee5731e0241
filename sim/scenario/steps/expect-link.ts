/** The step `expect-link: online`. */
import { expectState, foundChanging, stateTimes } from "../expectation.ts";
import { stepKind } from "../kind.ts";
import { fields, oneOf, shortOr } from "../values.ts";

const state = oneOf("online", "connected", "offline");

export default stepKind({
  name: "expect-link",
  description:
    "Expects the board's connection to the broker to be online (accepted, and the subscriptions too, so that commands arrive), at least connected (accepted), or offline, as far as the board knows.",
  value: shortOr(state, (is) => ({ is }), fields({ is: state }, stateTimes)),
  run: (value, context) =>
    expectState(context, {
      what: "the MQTT connection",
      wanted: `to be ${value.is}`,
      fits: () => {
        const now = context.witness.link.value;
        return now === value.is || (now === "online" && value.is === "connected");
      },
      found: () => foundChanging(context.witness.link, String),
      times: value,
    }),
});
