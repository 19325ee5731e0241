/** `wick boards`: the board profiles, one a line, or one of them in full. */
import type { Command } from "commander";
import { type BoardPart, type BoardProfile, loadProfile, type Pin, profileNames } from "../config/profile.ts";
import { outputOptions } from "./options.ts";
import { Output, type OutputOptions } from "./output.ts";
import { wrapped } from "./wrapped.ts";

export function register(command: Command): void {
  outputOptions(command.argument("[name]", "the profile to show")).action(run);
}

/** Longer lines are hard to read, however wide the terminal is. */
const MOST_COLUMNS = 110;

function run(name: string | undefined, options: OutputOptions): void {
  const output = new Output(options);
  const profiles = (name === undefined ? profileNames() : [name]).map((each) =>
    loadProfile(each, "wick boards"),
  );
  // A file or another program gets whole lines.
  const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;
  for (const profile of profiles) output.event(profile);
  if (options.json) return;
  if (name === undefined) for (const line of boardTable(profiles, columns)) output.say(line);
  else for (const profile of profiles) output.say(boardInFull(profile, Math.min(columns, MOST_COLUMNS)));
}

/** One line a board: name, chip, memory, LED, and as much of the title as fits. */
export function boardTable(profiles: readonly BoardProfile[], columns: number): string[] {
  const rows = profiles.map(({ name, chip, memory, led, noLamp, title }) => {
    const own = led.external ? `add LED: ${led.pin}` : `LED ${led.pin}${led.activeLow ? " low" : ""}`;
    const lamp = noLamp === undefined ? own : "no lamp";
    return [name, chip, `${memory.variables} vars`.padStart(10), lamp, title];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    fitted(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "), columns),
  );
}

function fitted(line: string, columns: number): string {
  const whole = line.trimEnd();
  return whole.length <= columns ? whole : `${whole.slice(0, columns - 1).trimEnd()}…`;
}

/** Everything a profile says, in lines of at most `columns` characters. */
export function boardInFull(profile: BoardProfile, columns: number): string {
  const { memory, flash, budget, images } = profile;
  const lines = [`${profile.name}: ${profile.title}`];
  const fact = (name: string, value: string): void => {
    lines.push(...wrapped(value, columns, `  ${name.padEnd(11)} `));
  };
  fact("chip", `${profile.chip}, ${profile.wifi ? "with Wi-Fi" : "without Wi-Fi"}`);
  fact("interpreter", interpreterText(profile));
  fact("lamp", lampText(profile));
  if (profile.relay !== undefined) fact("relay", partText(profile.relay));
  fact("button", profile.button === undefined ? "none" : partText(profile.button));
  fact("memory", `${memory.variables} variables of ${memory.blockSize} bytes`);
  fact(
    "Storage",
    `${(flash.pages * flash.pageBytes) / 1024} kB, ${flash.pages} pages of ${flash.pageBytes} bytes`,
  );
  if (images !== undefined) fact("flash", `${images.flashBytes / 1024} kB; ${imagesText(images.parts)}`);
  fact("PWM", pwmText(profile));
  fact("budget", `${budget.bundleBytes} bytes for the bundle`);
  lines.push("  pins");
  for (const [name, pin] of Object.entries(profile.pins)) lines.push(...pinLines(name, pin, columns));
  if (profile.warnings.length > 0) lines.push("  warnings");
  for (const warning of profile.warnings) lines.push(...wrapped(warning, columns, "    ", "      "));
  lines.push("  sources", ...profile.sources.map((source) => `    ${source}`));
  return lines.join("\n");
}

function interpreterText({ interpreter }: BoardProfile): string {
  const { boards, console, lacks } = interpreter;
  const over = {
    uart: `console at ${console.baud} baud`,
    usb: "console on the USB of the chip",
    terminal: "console in a terminal",
  }[console.over];
  const without = lacks.length === 0 ? "" : `; without ${lacks.join(", ")}`;
  return `Espruino ${boards.join(", ")}; ${over}${without}`;
}

function lampText({ led, pixels, noLamp }: BoardProfile): string {
  if (noLamp !== undefined) return `cannot run here: ${noLamp}; LED ${partText(led)}`;
  const place = led.external ? `${partText(led)}; connect an LED there` : `LED ${partText(led)}`;
  const strip =
    pixels === undefined ? "" : `; ${pixels.count} ${pixels.type} on ${pixels.pin}, not driven yet`;
  return `${place}${strip}`;
}

function partText({ pin, activeLow }: BoardPart): string {
  return `${pin}, active ${activeLow ? "low" : "high"}`;
}

function imagesText(parts: readonly { role: string; offset: number }[]): string {
  return parts.map(({ role, offset }) => `${role} at 0x${offset.toString(16)}`).join(", ");
}

function pwmText({ pwm }: BoardProfile): string {
  const how = pwm.software ? ", in software" : "";
  const channels = pwm.channels === undefined ? "" : `, ${pwm.channels} pins at once`;
  return `up to ${pwm.maxHz} Hz at ${pwm.resolutionBits} bits${how}${channels}`;
}

function pinLines(name: string, pin: Pin, columns: number): string[] {
  const remarks = [
    pin.printed !== undefined && pin.printed !== name && `Printed ${pin.printed}.`,
    pin.reserved !== undefined && `Not for you: ${pin.reserved}`,
    pin.strapping,
    pin.inverted && "The interpreter turns its levels round.",
    pin.note,
  ].filter((remark) => typeof remark === "string");
  return wrapped(remarks.join(" "), columns, `    ${name.padEnd(4)} ${pin.can.join(", ").padEnd(23)} `);
}
