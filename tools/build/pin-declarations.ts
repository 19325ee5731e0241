/** TypeScript's view of a board's pins: one constant a pin, of a type that says what the pin can do. */
import type { BoardProfile, Pin } from "../config/profile.ts";

/** In firmware/board.d.ts. AnalogOutputPin is an OutputPin too. */
const TYPES = [
  ["input", "InputPin"],
  ["adc", "AnalogInputPin"],
  ["output", "OutputPin"],
  ["pwm", "AnalogOutputPin"],
  ["dac", "AnalogOutputPin"],
] as const;

/** What a pin is for the compiler: "InputPin & AnalogOutputPin", or "ReservedPin" where something else needs it. */
export function pinType({ can, reserved }: Pin): string {
  if (reserved !== undefined) return "ReservedPin";
  const types = TYPES.flatMap(([capability, type]) => (can.includes(capability) ? [type] : []));
  const isAnalog = types.includes("AnalogOutputPin");
  return [...new Set(types.filter((type) => type !== "OutputPin" || !isAnalog))].join(" & ");
}

/** The declarations of a board's pins, for its programs: board-profiles/types/NAME.d.ts. */
export function pinDeclarations(profile: BoardProfile): string {
  const pins = Object.entries(profile.pins).map(
    ([name, pin]) => `/** ${remarks(pin, profile, name)} */\ndeclare const ${name}: ${pinType(pin)};`,
  );
  const file = `board-profiles/${profile.name}.json`;
  return `/** The pins of ${profile.title}. Made from ${file} by: npm run schema */\n\n${pins.join("\n")}\n`;
}

/** What an editor shows of a pin: what it can do, what is there, and what to beware of. */
function remarks(pin: Pin, { led, button, relay, pixels }: BoardProfile, name: string): string {
  const here = [
    name === led.pin && (led.external ? "A place for the lamp." : "LED."),
    name === button?.pin && "Button.",
    name === relay?.pin && "Relay.",
    name === pixels?.pin && `${pixels.type}.`,
  ];
  return [
    `${pin.can.join(", ")}.`,
    pin.printed !== undefined && `Printed ${pin.printed} on the board.`,
    ...here,
    pin.reserved !== undefined && `Not for you: ${pin.reserved}`,
    pin.strapping,
    pin.inverted && "The interpreter turns its levels round.",
    pin.note,
  ]
    .filter((part) => typeof part === "string")
    .join(" ");
}
