/** The step `reset: loader`. */
import { StepFailure } from "../context.ts";
import { stepKind } from "../kind.ts";
import { oneOf } from "../values.ts";

export default stepKind({
  name: "reset",
  description:
    "Starts the board anew as its reset button (EN, RST) does: into its program, or with the boot button held, so that the loader in the chip waits for a tool.",
  value: oneOf("program", "loader"),
  check: (into, { profile }) => (into === "loader" && !profile.images ? noLoader(profile.name) : undefined),
  run(into, { simulation }) {
    if (into === "loader" && !simulation.board.chip)
      throw new StepFailure(undefined, [noLoader(simulation.profile.name)]);
    simulation.tell({ type: "fault", what: into === "loader" ? "reset into the loader" : "reset" });
    simulation.board.reset(into);
  },
});

function noLoader(board: string): string {
  return `${board} has no loader in its chip to be reset into`;
}
