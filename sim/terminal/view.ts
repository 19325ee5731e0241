/** Draws the lamp, its state and what it said and heard, as lines for a terminal of any size. */
import { BULB_COLUMNS, BULB_ROWS, drawBulb } from "./bulb.ts";
import { type ColourDepth, mix, paint, styled } from "./colour.ts";
import { isLamp, type LampModel, type LogLine, linesToTry, type TypedLine } from "./model.ts";

export interface TerminalSize {
  columns: number;
  rows: number;
  depth: ColourDepth;
}

/** Below this the bulb makes way for the log. */
const ROWS_WITH_BULB = 19;
const COLUMNS_WITH_BULB = 56;

/** The whole picture, at most `rows - 1` lines of at most `columns` characters. */
export function drawLamp(model: LampModel, size: TerminalSize): string {
  const withBulb = isLamp(model.facts) && size.rows >= ROWS_WITH_BULB && size.columns >= COLUMNS_WITH_BULB;
  const facts = factLines(model, size.columns - (withBulb ? BULB_COLUMNS + 3 : 2), size.depth);
  const head = withBulb
    ? beside(drawBulb(model.brightness, size.depth), facts)
    : facts.map((line) => `  ${line}`);
  const keys = keyLines(model.typed, size);
  const most = Math.max(1, size.rows - 1);
  const left = most - head.length - keys.length - 2;
  const tries = tryLines(model, size);
  // Where there is no room for all of it the line that is being typed is seen before anything else.
  const foot = tries.length <= left ? [...tries, ...keys] : keys;
  const room = Math.max(0, most - head.length - foot.length - 2);
  const log = model.log.slice(-room).map((line) => logLine(line, size));
  while (log.length < room) log.push("");
  const above = [...head, "", ...log, ""].slice(0, Math.max(0, most - foot.length));
  return [...above, ...foot].slice(-most).join("\n");
}

function beside(bulb: string[], facts: string[]): string[] {
  const above = Math.max(0, Math.floor((BULB_ROWS - facts.length) / 2));
  return bulb.map((row, index) => ` ${row}  ${facts[index - above] ?? ""}`);
}

function factLines(model: LampModel, columns: number, depth: ColourDepth): string[] {
  const { facts, brightness } = model;
  const lines = isLamp(facts)
    ? [
        styled(cut(facts.topic, columns), "1", depth),
        `${bar(brightness, Math.min(30, columns - 7), depth)} ${Math.round(brightness * 100)} %`,
        "",
      ]
    : [styled(cut(printable(facts.program), columns), "1", depth), ""];
  if (facts.hasWifi)
    lines.push(status("Wi-Fi", model.wifi === "connected", cut(model.wifi, columns - 11), depth));
  const broker = `${facts.broker.host}:${facts.broker.port}${facts.broker.embedded ? " (built in)" : ""}`;
  const state = model.link === "waiting" && model.reason !== "" ? `retrying: ${model.reason}` : model.link;
  lines.push(status("Broker", model.link !== "waiting", cut(state, columns - 11), depth));
  lines.push(`           ${styled(cut(broker, columns - 11), "2", depth)}`);
  const board = isLamp(facts) ? `${facts.board}, ${facts.pin} at ${percent(model.duty)}` : facts.board;
  lines.push(status("Board", true, cut(board, columns - 11), depth));
  if (facts.page !== undefined) lines.push(status("Page", true, cut(facts.page, columns - 11), depth));
  return isLamp(facts) ? lines : [...lines, "", ...pinLines(model, columns, depth)];
}

/** So many pins are drawn; the page shows all of them. */
const MOST_PINS = 8;

/** The pins that ever changed, each with its level or duty cycle. */
function pinLines({ pins }: LampModel, columns: number, depth: ColourDepth): string[] {
  const shown = [...pins].slice(0, MOST_PINS).map(([pin, value]) => {
    const level = value === 0 ? "low" : value === 1 ? "high" : percent(value);
    return `${cut(pin, 4).padEnd(4)} ${bar(value, Math.min(30, columns - 14), depth)} ${level}`;
  });
  if (shown.length === 0) return [styled(cut("no pin has changed yet", columns), "2", depth)];
  return pins.size > MOST_PINS ? [...shown, cut(`and ${pins.size - MOST_PINS} more`, columns)] : shown;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))} %`;
}

function bar(share: number, columns: number, depth: ColourDepth): string {
  const width = Math.max(5, columns);
  const full = share > 0 ? Math.max(1, Math.round(share * width)) : 0;
  if (depth < 8) return "#".repeat(full) + "-".repeat(width - full);
  const colour = paint(38, mix([140, 90, 30], [255, 200, 110], share), depth);
  return `${colour}${"█".repeat(full)}\x1b[0m${paint(38, [70, 68, 66], depth)}${"░".repeat(width - full)}\x1b[0m`;
}

function status(name: string, good: boolean, text: string, depth: ColourDepth): string {
  const mark = styled(good ? "●" : "○", good ? "32" : "33", depth);
  return `${mark} ${name.padEnd(8)} ${text}`;
}

const MARKS: Record<LogLine["kind"], { sign: string; codes: string }> = {
  command: { sign: "▶", codes: "36" },
  state: { sign: "◀", codes: "32" },
  console: { sign: "│", codes: "2" },
  error: { sign: "!", codes: "31" },
};

function logLine({ t, kind, topic, text }: LogLine, { columns, depth }: TerminalSize): string {
  const time = `${(t / 1000).toFixed(1)} s`.padStart(10);
  const { sign, codes } = MARKS[kind];
  const words = printable(topic === "" ? text : `${topic}  ${text}`);
  return `${styled(time, "2", depth)}  ${styled(sign, codes, depth)} ${cut(words, columns - 15)}`;
}

function tryLines(model: LampModel, { columns, depth }: TerminalSize): string[] {
  const lines = linesToTry(model.facts);
  if (lines.length === 0) return [];
  const indent = lines.every((line) => line.length + 2 < columns) ? "  " : "";
  const title = styled(cut(" Try in another terminal:", columns), "2", depth);
  return [title, ...lines.flatMap((line) => wrapped(indent + line, columns))];
}

/** What the keys do, by the room there is. */
const KEYS = [
  "Enter does a step typed here, such as wifi: down · Tab completes, ↑ brings back · Ctrl-C stops",
  "Enter does a step, such as wifi: down · Tab, ↑ · Ctrl-C stops",
  "type a step: wifi: down · Ctrl-C stops",
  "Ctrl-C stops",
];
const PROMPT = " > ";

/** The line that is being typed, and which keys do what. */
function keyLines(typed: TypedLine | undefined, { columns, depth }: TerminalSize): string[] {
  if (!typed) return [styled(cut(" Ctrl-C stops everything", columns), "2", depth)];
  const keys = KEYS.find((line) => line.length < columns) ?? "Ctrl-C stops";
  return [
    `${styled(PROMPT, "36", depth)}${typedText(typed, columns - PROMPT.length, depth)}`,
    styled(cut(` ${keys}`, columns), "2", depth),
  ];
}

/** As much of a line as fits, with the place where the next character goes. */
function typedText({ text, cursor }: TypedLine, columns: number, depth: ColourDepth): string {
  const width = Math.max(2, columns);
  const from = Math.max(0, cursor - width + 1);
  const shown = printable(text).slice(from, from + width);
  const at = cursor - from;
  const under = shown[at] ?? " ";
  if (depth === 1) return at < shown.length ? shown : `${shown}_`;
  return `${shown.slice(0, at)}${styled(under, "7", depth)}${shown.slice(at + 1)}`;
}

/** Cut at the terminal's edge, as the terminal itself would do; selecting them still gives one command. */
function wrapped(line: string, columns: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < line.length; at += columns) parts.push(line.slice(at, at + columns));
  return parts;
}

function cut(text: string, columns: number): string {
  const width = Math.max(1, columns);
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** A payload may hold anything; a terminal obeys control characters. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "·");
}
