/** The step `screenshot: lamp-on.svg`. */
import type { BoardProfile } from "../../profile.ts";
import { type DrawnProfile, drawBoard } from "../../web/drawing.ts";
import { stepKind } from "../kind.ts";
import { fields, shortOr, text } from "../values.ts";

/** A plain name, so that a scenario writes nowhere but where its results go. */
const file = text(
  "the name of a file without folders that ends in .svg, such as lamp-on.svg",
  /^[\w][\w .-]*\.svg$/,
);

export default stepKind({
  name: "screenshot",
  description: "Draws the board and its lamp into an SVG file beside the scenario's other results.",
  value: shortOr(file, (file) => ({ file }), fields({ file }, {})),
  run({ file }, { simulation, keep, note }) {
    const { board, lamp, profile } = simulation;
    const button = lamp?.button;
    const pins = Object.fromEntries(board.pins.names.map((name) => [name, board.pins.value(name)]));
    const held = button !== undefined && pins[button.pin] === (button.activeLow ? 0 : 1);
    keep(file, drawBoard(drawn(profile), { lamp, pins, powered: board.running, held }));
    note(`screenshot ${file}`);
  },
});

/** A profile from board-profiles/ has all that a picture needs; one made for a test may lack it. */
function drawn(profile: BoardProfile & Partial<DrawnProfile>): DrawnProfile {
  const { name, title = name, led = { pin: "", activeLow: false } } = profile;
  return { ...profile, title, led };
}
