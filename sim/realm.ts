/** A V8 context that has the globals and methods of the interpreter and no others, and the means to make objects of it. */
import vm from "node:vm";
import { parseJson } from "./json.ts";
import { type Names, namesIn } from "./names.ts";
import { REALM_SCRIPT } from "./realm-script.ts";
import { loadSurface, type Surface } from "./surface.ts";

export type ErrorKind = "Error" | "TypeError" | "SyntaxError" | "ReferenceError" | "InternalError";

/** An object of the board's context; the board's programs may put anything into it. */
// biome-ignore lint/suspicious/noExplicitAny: values of the board's program have no types here
export type Value = any;

export interface Realm {
  readonly global: Value;
  readonly Uint8Array: Uint8ArrayConstructor;
  object(): Value;
  array(items: Iterable<Value>): Value;
  /** An object with this prototype. */
  create(prototype: Value): Value;
  /** A function to carry a prototype or members (`Socket`, `E`); does nothing unless told what. */
  constructorNamed(name: string, run?: () => unknown): Value;
  error(kind: ErrorKind, message: string): Value;
  /** A function of the context that calls the host's `run(this, arguments)`. */
  method(name: string, run: (self: Value, args: ArrayLike<Value>) => unknown): Value;
  /** Sets a property that enumeration does not show. */
  define(target: Value, name: string, value: Value): void;
  isView(value: Value): boolean;
  isFunction(value: Value): boolean;
  /** Whether `value` is an Error of this context. */
  isError(value: Value): boolean;
  /** Runs program text; `file` names it in stack traces. @throws what it throws, and a SyntaxError of this context. */
  run(code: string, file: string, options?: RunOptions): unknown;
  /** Calls `listener` with the names in each program text before it runs: what it names may then be made. */
  onNames(listener: (names: Names) => void): void;
  /** As if everything had been named. */
  nameAll(): void;
}

export interface RunOptions {
  /** Host time after which the run is broken off. Default: never. */
  timeoutMs?: number;
}

export interface RealmHost {
  wallTimeMs(): number;
  /** 0 <= number < 1. */
  random(): number;
  /** The sentence of an error in the interpreter's words. */
  errorTitle(kind: string, message: string): string;
  /** Once `gone` is set, every function of the board throws it: a program that is still running gets nothing done any more. */
  power: { gone: Error | undefined };
}

/** The name in stack traces of what is no part of the board's program. */
export const OWN_FILE = "realm";

/** Made by the parts of the board, not trimmed from what V8 has. */
const OWN_OBJECTS = ["E", "process", "console", "Modules"];

let script: vm.Script | undefined;
let surface: Surface | undefined;

export function createRealm(host: RealmHost): Realm {
  script ??= new vm.Script(REALM_SCRIPT, { filename: OWN_FILE });
  const context = vm.createContext({}, { codeGeneration: { strings: true, wasm: false } });
  const materials: Value = script.runInContext(context)({
    board: host,
    power: host.power,
    parseJson,
    surface: boardSurface(),
    ownObjects: OWN_OBJECTS,
  });
  return Object.assign(new Programs(context, materials), materials);
}

/** What of a realm is about program text and about what a value is. */
class Programs {
  private readonly listeners: ((names: Names) => void)[] = [];
  private readonly context: vm.Context;
  private readonly materials: Value;

  constructor(context: vm.Context, materials: Value) {
    this.context = context;
    this.materials = materials;
  }

  onNames(listener: (names: Names) => void): void {
    this.listeners.push(listener);
  }

  nameAll(): void {
    for (const listener of this.listeners) listener("all");
  }

  isFunction(value: Value): boolean {
    return typeof value === "function" && value instanceof this.materials.Function;
  }

  isError(value: Value): boolean {
    return value instanceof this.materials.Error;
  }

  run(code: string, filename: string, { timeoutMs }: RunOptions = {}): unknown {
    let program: vm.Script;
    try {
      program = new vm.Script(code, { filename });
    } catch (failure) {
      // The host compiles the text, but the mistake in it is the board's.
      const { message, stack } = failure as Error;
      throw Object.assign(this.materials.error("SyntaxError", message), { stack });
    }
    if (filename !== OWN_FILE) {
      const names = namesIn(code);
      for (const listener of this.listeners) listener(names);
    }
    return program.runInContext(this.context, {
      displayErrors: false,
      ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    });
  }
}

/** What the interpreter has, read once. */
export function boardSurface(): Surface {
  surface ??= loadSurface();
  return surface;
}
