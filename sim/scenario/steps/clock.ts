/** The step `clock: { jump: 1h }`. */
import { stepKind } from "../kind.ts";
import { drift, signedTime } from "../measures.ts";
import { checked, fields } from "../values.ts";

export default stepKind({
  name: "clock",
  description:
    "Sets the board's clock wrong: jump moves the time of day that it shows, drift makes all its times run fast (or slow, when negative) from now on.",
  value: checked(fields({}, { jump: signedTime, drift }), (value) =>
    Object.keys(value).length > 0 ? undefined : "changes nothing; write what, such as jump: 1h",
  ),
  run({ jump, drift }, { simulation }) {
    const { board } = simulation;
    if (drift !== undefined) {
      board.drift = drift;
      simulation.tell({ type: "fault", what: `clock: drift ${drift} ppm` });
    }
    if (jump !== undefined) {
      board.jumpWallClock(jump);
      simulation.tell({ type: "fault", what: `clock: jump ${jump} ms` });
    }
  },
});
