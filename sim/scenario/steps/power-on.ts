/** The step `power-on: now`. */
import { stepKind } from "../kind.ts";
import { oneOf } from "../values.ts";

export default stepKind({
  name: "power-on",
  description: "Switches the board on again after power-cut: ever; a board that runs starts over.",
  value: oneOf("now"),
  run: (_, { simulation }) => simulation.board.boot(),
});
