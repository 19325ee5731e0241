/** `wick boards`: the board profiles, one a line, or one of them in full. */
import type { Command } from "commander";
import { ConfigError } from "../config/error.ts";
import { writtenBoard } from "../config/load.ts";
import { type BoardPart, type BoardProfile, loadProfile, type Pin, profileNames } from "../config/profile.ts";
import { UsageError } from "./errors.ts";
import { type CommonOptions, commonOptions } from "./options.ts";
import { Output } from "./output.ts";
import { wrapped } from "./wrapped.ts";

export function register(command: Command): void {
  commonOptions(command.argument("[name]", "show this profile in full"))
    .addHelpText("after", `\n${example}`)
    .action(run);
}

/** Longer lines are hard to read, however wide the terminal is. */
const MOST_COLUMNS = 110;

const example = [
  "In the list * marks the board of the configuration. --board NAME is the same as",
  "NAME; --config and --set board=NAME choose the one that is marked.",
].join("\n");

function run(written: string | undefined, options: CommonOptions): void {
  const output = new Output(options);
  checkTogether(written, options);
  const name = written ?? options.board;
  const marked = name === undefined ? markedBoard(options) : undefined;
  const profiles = (name === undefined ? profileNames() : [name]).map((each) =>
    loadProfile(each, "wick boards"),
  );
  // A file or another program gets whole lines.
  const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;
  for (const profile of profiles)
    output.event(profile.name === marked ? { ...profile, isConfigured: true } : profile);
  if (options.json) return;
  if (name === undefined) for (const line of boardTable(profiles, columns, marked)) output.say(line);
  else for (const profile of profiles) output.say(boardInFull(profile, Math.min(columns, MOST_COLUMNS)));
}

/** @throws UsageError for flags that would change nothing */
export function checkTogether(
  written: string | undefined,
  { board, config, set, quiet, json }: CommonOptions,
): void {
  if (written !== undefined && board !== undefined)
    throw new UsageError(`--board and ${written} both name the board to show; leave one of them out`);
  const shown = written ?? board;
  const extra = config !== undefined ? "--config" : set.length > 0 ? "--set" : undefined;
  if (shown !== undefined && extra !== undefined)
    throw new UsageError(`${extra} has no effect where ${shown} is shown; leave one of them out`);
  const other = set.find((one) => !/^board(?:=|$)/.test(one));
  if (other !== undefined)
    throw new UsageError(
      `--set ${other.split("=")[0]} has no effect on the list of boards; leave it out, or mark one: --set board=NAME`,
    );
  if (quiet && !json) throw new UsageError("--quiet leaves nothing of a list; leave it out, or add --json");
}

/** The name of the board that the configuration says. What is wrong with a file that nobody named is no matter of the list. */
function markedBoard({ config, set }: CommonOptions): string | undefined {
  try {
    return writtenBoard({ file: config, set })?.name;
  } catch (error) {
    if (error instanceof ConfigError && config === undefined && set.length === 0) return undefined;
    throw error;
  }
}

/** One line a board: name, chip, memory, LED, and as much of the title as fits; before `marked`, if anything is, a star. */
export function boardTable(
  profiles: readonly BoardProfile[],
  columns: number,
  marked?: string | undefined,
): string[] {
  const mark = (name: string): string => (marked === undefined ? "" : name === marked ? "* " : "  ");
  const rows = profiles.map(({ name, chip, memory, led, noLamp, title }) => {
    const own = led.external ? `add LED: ${led.pin}` : `LED ${led.pin}${led.activeLow ? " low" : ""}`;
    const lamp = noLamp === undefined ? own : "no lamp";
    return [mark(name) + name, chip, `${memory.variables} vars`.padStart(10), lamp, title];
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
