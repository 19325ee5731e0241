/** Where a value of a scenario stands, and what is wrong with it. */
import { didYouMean } from "../nearest.ts";

/** Keys and indices from the top of the document. */
export type Path = readonly (string | number)[];

export interface Mistake {
  path: Path;
  /** Whether it is the key at the end of `path` that is wrong, or its value. */
  at: "key" | "value";
  /** One line: what was found, what is allowed. */
  sentence: string;
}

/** A value's place; all places of a document gather their mistakes in one list. */
export class Place {
  readonly path: Path;
  readonly mistakes: Mistake[];

  constructor(path: Path = [], mistakes: Mistake[] = []) {
    this.path = path;
    this.mistakes = mistakes;
  }

  /** The name by which a message calls the value: its key. */
  get name(): string {
    const names = this.path.filter((part) => typeof part === "string");
    return names.at(-1) ?? "a scenario";
  }

  at(key: string | number): Place {
    return new Place([...this.path, key], this.mistakes);
  }

  /** Says that the value is wrong. Returns undefined, which stands for a value that could not be read. */
  wrong(sentence: string): undefined {
    this.mistakes.push({ path: this.path, at: "value", sentence });
  }

  /** "NAME is FOUND (did you mean …?); allowed is ALLOWED" */
  notAllowed(found: unknown, allowed: string, meant = ""): undefined {
    return this.wrong(`${this.name} is ${shown(found)}${meant}; allowed is ${allowed}`);
  }

  /** Says that there is no step kind of this name. */
  unknownStep(name: string, known: readonly string[]): undefined {
    const meant = didYouMean(name, known);
    this.mistakes.push({
      path: [...this.path, name],
      at: "key",
      sentence: `unknown step "${name}"${meant === "" ? `; allowed are ${known.join(", ")}` : meant}`,
    });
  }

  /** Says that the mapping here has a key that does not belong there. */
  unknownKey(key: string, known: readonly string[]): void {
    this.mistakes.push({
      path: [...this.path, key],
      at: "key",
      sentence: `unknown key "${key}" in ${this.name}${didYouMean(key, known)}; allowed are ${known.join(", ")}`,
    });
  }
}

/** How a message shows a value that was found. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "empty";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
