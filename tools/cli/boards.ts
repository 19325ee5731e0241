/** `wick boards`: the board profiles, one a line, or one of them in full. */
import type { Command } from "commander";
import { type BoardProfile, loadProfile, profileNames } from "../config/profile.ts";
import { outputOptions } from "./options.ts";
import { Output, type OutputOptions } from "./output.ts";

export function register(command: Command): void {
  outputOptions(command.argument("[name]", "the profile to show")).action(run);
}

function run(name: string | undefined, options: OutputOptions): void {
  const output = new Output(options);
  const profiles = (name === undefined ? profileNames() : [name]).map((each) =>
    loadProfile(each, "wick boards"),
  );
  for (const profile of profiles) {
    output.event(profile);
    if (!options.json) output.say(name === undefined ? oneLine(profile) : inFull(profile));
  }
}

function oneLine({ name, title, led }: BoardProfile): string {
  return `${name.padEnd(20)} ${title}; LED on ${led.pin}${led.activeLow ? " (active low)" : ""}`;
}

function inFull(profile: BoardProfile): string {
  const { led, button, memory, pwm, budget } = profile;
  const level = (part: { activeLow: boolean }) => (part.activeLow ? "active low" : "active high");
  const lines = [
    `${profile.name}: ${profile.title}`,
    `  chip       ${profile.chip}, ${profile.wifi ? "with Wi-Fi" : "without Wi-Fi"}`,
    `  LED        ${led.pin}, ${level(led)}`,
    `  button     ${button === undefined ? "none" : `${button.pin}, ${level(button)}`}`,
    `  memory     ${memory.variables} variables of ${memory.blockSize} bytes`,
    `  PWM        up to ${pwm.maxHz} Hz at ${pwm.resolutionBits} bits`,
    `  budget     ${budget.bundleBytes} bytes for the bundle`,
    "  pins",
  ];
  for (const [name, pin] of Object.entries(profile.pins)) {
    const remarks = [pin.reserved && `Not for you: ${pin.reserved}`, pin.strapping, pin.note]
      .filter(Boolean)
      .join(" ");
    lines.push(`    ${name.padEnd(4)} ${pin.can.join(", ").padEnd(24)} ${remarks}`.trimEnd());
  }
  if (profile.warnings.length > 0)
    lines.push("  warnings", ...profile.warnings.map((warning) => `    ${warning}`));
  lines.push("  sources", ...profile.sources.map((source) => `    ${source}`));
  return lines.join("\n");
}
