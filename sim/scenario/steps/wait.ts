/** The step `wait: 5s`. */
import { stepKind } from "../kind.ts";
import { time } from "../measures.ts";

export default stepKind({
  name: "wait",
  description: "Lets board time pass.",
  value: time,
  run: (ms, { wait }) => wait(ms),
});
