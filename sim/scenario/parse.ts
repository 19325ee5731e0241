/** Reads scenario files: YAML in, steps with their places out, and every mistake by file, line and column. */
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { readDocument } from "./document.ts";
import { type Path, Place } from "./place.ts";
import type { Step } from "./steps.ts";

export interface Position {
  /** Both count from 1. */
  line: number;
  column: number;
}

export interface Scenario {
  /** As it was named, for messages. */
  file: string;
  name: string;
  /** Undefined: whoever runs it decides. */
  seed: number | undefined;
  /** Name of a board profile; undefined: whoever runs it decides. */
  board: string | undefined;
  /** Settings for the build, by key: "lamp.topic". */
  settings: Readonly<Record<string, unknown>>;
  /** Where they stand in the file; its beginning when there are none. */
  settingsAt: Position;
  /** What is run in place of the lamp, its path from the scenario's file: a program that is built, or a bundle as it is. Undefined: the lamp. */
  program: { readonly entry?: string | undefined; readonly bundle?: string | undefined } | undefined;
  /** Where it stands in the file; its beginning where there is none. */
  programAt: Position;
  /** Whether a broker listens where the bundle connects to. */
  broker: "embedded" | "none";
  steps: readonly (Step & { at: Position })[];
}

/** Scenarios are wrong: one line a mistake, "FILE:12:5: what". */
export class ScenarioMistakes extends Error {
  override readonly name = "ScenarioMistakes";
  readonly mistakes: readonly string[];
  /** What of a scenario they are about, where they have no place yet. */
  readonly about: "settings" | "program";

  constructor(mistakes: readonly string[], about: "settings" | "program" = "settings") {
    super(mistakes.join("\n"));
    this.mistakes = mistakes;
    this.about = about;
  }
}

/**
 * @param file How messages name it.
 * @throws ScenarioMistakes with all that is wrong with it
 */
export function parseScenario(text: string, file: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const mistake = (offset: number, sentence: string): string => {
    const { line, column } = position(offset);
    return `${file}:${line}:${column}: ${sentence}`;
  };
  if (document.errors.length > 0) {
    // One slip makes the parser stumble again further on: the first of a line is the one.
    const byLine = new Map<number, string>();
    for (const { pos, message } of document.errors) {
      const { line } = position(pos[0]);
      if (!byLine.has(line)) byLine.set(line, mistake(pos[0], `not YAML: ${oneLine(message)}`));
    }
    throw new ScenarioMistakes([...byLine.values()]);
  }
  const top = new Place();
  const found = readDocument(document.toJS(), top);
  if (top.mistakes.length > 0 || !found) {
    const placed = top.mistakes.map(({ path, at, sentence }) => ({
      offset: offsetOf(document, path, at),
      sentence,
    }));
    placed.sort((one, other) => one.offset - other.offset);
    throw new ScenarioMistakes(placed.map(({ offset, sentence }) => mistake(offset, sentence)));
  }
  const { name, seed, board, set = {}, broker = "embedded", entry, bundle } = found;
  const steps = found.steps.map(({ step, index }) => ({
    ...step,
    at: position(offsetOf(document, ["steps", index], "value")),
  }));
  const settingsAt = position(
    offsetOf(document, found.set ? ["set"] : found.board ? ["board"] : [], "value"),
  );
  const programAt = position(offsetOf(document, entry ? ["entry"] : bundle ? ["bundle"] : [], "value"));
  const program = entry || bundle ? { entry, bundle } : undefined;
  return { file, name, seed, board, settings: set, settingsAt, program, programAt, broker, steps };
}

/** Where the value at `path`, or the last key of it, begins in the text. What is not written at all is missed where its mapping begins. */
function offsetOf(document: Document, path: Path, at: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node, 0);
  for (const [depth, part] of path.entries()) {
    const isLast = depth === path.length - 1;
    if (isSeq(node)) {
      node = node.items[Number(part)];
    } else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (!pair) break;
      offset = startOf(pair.key, offset);
      if (isLast && at === "key") break;
      node = pair.value;
    } else break;
    offset = startOf(node, offset);
  }
  return offset;
}

/** An empty value has no place of its own: `otherwise`. */
function startOf(node: unknown, otherwise: number): number {
  const isEmpty = !isNode(node) || (isScalar(node) && node.source === "");
  return isEmpty ? otherwise : (node.range?.[0] ?? otherwise);
}

function oneLine(message: string): string {
  return message.split("\n")[0]?.replace(/:$/, "") ?? message;
}
