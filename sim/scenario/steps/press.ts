/** The step `press: 200ms`. */
import { StepFailure } from "../context.ts";
import { type BoardFacts, checkPin, stepKind } from "../kind.ts";
import { time } from "../measures.ts";
import { checked, fields, oneOf, orWord, type Read, shortOr, text } from "../values.ts";

const words = orWord("hold", "hold" as const, orWord("release", "release" as const, time));
const full = checked(
  fields(
    {},
    { pin: text("the name of a pin, such as D0"), for: time, hold: oneOf(true), release: oneOf(true) },
  ),
  ({ for: forMs, hold, release }) =>
    [forMs, hold, release].filter((one) => one !== undefined).length === 1
      ? undefined
      : "needs one of for, hold and release, such as for: 200ms",
);

const lift = (how: Read<typeof words>): Read<typeof full> =>
  how === "hold" ? { hold: true } : how === "release" ? { release: true } : { for: how };

export default stepKind({
  name: "press",
  description:
    "Presses the lamp's or the board's button, or shorts another pin to ground, for a time, or until it is released. With a time the next step follows after it.",
  value: shortOr(words, lift, full),
  check: ({ pin }, facts) =>
    checkPin(pin, facts) ??
    (pin === undefined && !buttonOf(facts, pin) ? noButton(facts.profile.name) : undefined),
  async run({ pin, for: forMs, release }, { simulation, wait }) {
    const button = buttonOf(simulation, pin);
    if (!button) throw new StepFailure(undefined, [noButton(simulation.profile.name)]);
    const { pins } = simulation.board;
    if (release) return pins.release(button.pin);
    pins.drive(button.pin, button.activeLow ? 0 : 1);
    if (forMs === undefined) return;
    await wait(forMs);
    pins.release(button.pin);
  },
});

/** The lamp's own button where it has one, else the board's. */
function buttonOf(
  { lamp, profile }: BoardFacts,
  pin: string | undefined,
): { pin: string; activeLow: boolean } | undefined {
  const button = lamp?.button ?? profile.button;
  if (pin === undefined || pin === button?.pin) return button;
  return { pin, activeLow: true };
}

function noButton(board: string): string {
  return `${board} has no button; name a pin, such as press: { pin: D4, for: 200ms }`;
}
