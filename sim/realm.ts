/** A V8 context that has the globals and methods of the interpreter and no others, and the means to make objects of it. */
import vm from "node:vm";
import { parseJson } from "./json.ts";
import { isNamed, type Names, namesIn } from "./names.ts";
import { boardText } from "./program/foreign-text.ts";
import { unhoisted, unhoistedBody } from "./program/late-text.ts";
import { REALM_SCRIPT } from "./realm-script.ts";
import { loadSurface, type Surface } from "./surface.ts";

export type ErrorKind = "Error" | "TypeError" | "SyntaxError" | "ReferenceError" | "InternalError";

/** An object of the board's context; the board's programs may put anything into it. */
// biome-ignore lint/suspicious/noExplicitAny: values of the board's program have no types here
export type Value = any;

export interface Realm {
  readonly global: Value;
  /** The built-in objects by name, whatever a program has put in their place. */
  readonly builtins: Value;
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
  /** Whether this was thrown because the program may not go on: power or memory is gone, or the host has failed. */
  isCut(value: Value): boolean;
  /** The program has returned. @throws the fault of the host that it was ended for */
  returned(): void;
  /** A function of the context for one of the host, whose errors it turns into the board's. */
  guarded<Run extends (...args: Value[]) => unknown>(run: Run): Run;
  /** `Reflect.construct` of the context. */
  readonly construct: typeof Reflect.construct;
  /** Runs program text; `file` names it in stack traces. @throws what it throws, and a SyntaxError of this context. */
  run(code: string, file: string, options?: RunOptions): unknown;
  /** Gives `target` the members of the table, each when it is first named; they are called with `self`. */
  members<Self>(target: Value, self: Self, table: Members<Self>): void;
  /**
   * Lets `install` put methods of the host in the place of V8's, those of `names`, each when it is first named; `install` is called again
   * for those named later. With `owner` all are put in place once that is named, and none before.
   */
  replace(names: readonly string[], install: (define: Define) => void, owner?: string): void;
  /** Calls `listener` with the names in each program text before it runs: what it names may then be made. */
  onNames(listener: (names: Names) => void): void;
  /** As if a program had named it. */
  uses(name: string): void;
  /** As if everything had been named. */
  nameAll(): void;
}

/** Functions of an object of the board, by name: what they do for `self` when called with `args` on `object`. */
export type Members<Self> = Readonly<
  Record<string, (self: Self, args: ArrayLike<Value>, object: Value) => unknown>
>;

/** Puts a method of the host into an object of the board. */
export type Define = (
  target: Value,
  name: string,
  run: (self: Value, args: ArrayLike<Value>) => unknown,
) => void;

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
  power: Power;
}

export interface Power {
  /** Once this is set, every function of the board throws: a program that is still running gets nothing done any more. */
  gone: Error | undefined;
  /** Of the host, met inside of the program: thrown again as soon as that has returned. */
  fault: Error | undefined;
}

/** The name in stack traces of what is no part of the board's program. */
export const OWN_FILE = "realm";

/** Made by the parts of the board, not trimmed from what V8 has. */
const OWN_OBJECTS = ["E", "process", "console", "Modules"];

let script: vm.Script | undefined;
let surface: Surface | undefined;

export function createRealm(host: RealmHost): Realm {
  script ??= new vm.Script(REALM_SCRIPT, { filename: OWN_FILE });
  const context = vm.createContext(Object.create(null), { codeGeneration: { strings: true, wasm: false } });
  const materials: Value = script.runInContext(context)({
    board: host,
    power: host.power,
    parseJson,
    surface: boardSurface(),
    ownObjects: OWN_OBJECTS,
    surplus,
    root: Object.prototype,
    programText,
    bodyText,
    errorKind,
    messageOf,
  });
  return Object.assign(new Programs(context, materials, host.power), materials);
}

/** What the interpreter, V8 and the parts of the board call without a program naming it. */
const CALLED_UNNAMED = ["toString", "valueOf", "toJSON", "join", "getMode"];

function programText(code: string): string {
  return boardText(unhoisted(code, "in functions"));
}

function bodyText(code: string): string {
  return boardText(unhoistedBody(code));
}

function messageOf({ message }: Error): string {
  return message;
}

/**
 * The kind of an error that a built-in of the host made, as `String(value)` does of a value that has no text. Whatever else is thrown is no affair
 * of the program: it gets nothing done any more, and the host meets what was thrown when the program has returned.
 */
function errorKind(thrown: unknown, power: Power): ErrorKind | undefined {
  for (const [made, kind] of HOST_ERRORS) if (thrown instanceof made) return kind;
  if (power.gone === undefined) {
    power.gone = thrown as Error;
    power.fault = thrown as Error;
  }
  return undefined;
}

const HOST_ERRORS: readonly (readonly [ErrorConstructor, ErrorKind])[] = [
  [TypeError, "TypeError"],
  [RangeError, "Error"],
  [SyntaxError, "SyntaxError"],
  [ReferenceError, "ReferenceError"],
];

const surplusOf = new Map<string, readonly string[]>();

/** What V8 has and the interpreter lacks, by owner; `find` is asked for the first board only. */
function surplus(owner: string, find: () => Iterable<string>): readonly string[] {
  let names = surplusOf.get(owner);
  if (!names) {
    names = [...find()];
    surplusOf.set(owner, names);
  }
  return names;
}

/** What of a realm is about program text and the names in it, and about what a value is. */
class Programs {
  private readonly listeners: ((names: Names) => void)[] = [];
  private readonly owners: { target: Value; self: Value; table: Members<Value> }[] = [];
  private readonly replacements: {
    readonly names: readonly string[];
    readonly install: (define: Define) => void;
    readonly owner: string | undefined;
    readonly done: string[];
  }[] = [];
  private readonly context: vm.Context;
  private readonly materials: Value;
  private readonly power: Power;

  constructor(context: vm.Context, materials: Value, power: Power) {
    this.power = power;
    this.context = context;
    this.materials = materials;
  }

  onNames(listener: (names: Names) => void): void {
    this.listeners.push(listener);
  }

  uses(name: string): void {
    this.name(new Set([name]));
  }

  nameAll(): void {
    this.name("all");
  }

  members(target: Value, self: Value, table: Members<Value>): void {
    this.owners.push({ target, self, table });
    for (const name of CALLED_UNNAMED)
      if (Object.hasOwn(table, name)) this.addMember(target, self, table, name);
  }

  replace(names: readonly string[], install: (define: Define) => void, owner?: string): void {
    this.replacements.push({ names, install, owner, done: [] });
    this.replaceNamed(new Set(CALLED_UNNAMED));
  }

  private name(names: Names): void {
    for (const { target, self, table } of this.owners) {
      for (const name of Object.keys(table)) {
        if (isNamed(names, name) && !Object.hasOwn(target, name)) this.addMember(target, self, table, name);
      }
    }
    this.replaceNamed(names);
    for (const listener of this.listeners) listener(names);
  }

  private replaceNamed(named: Names): void {
    const { define, method } = this.materials;
    for (const { names, install, owner, done } of this.replacements) {
      const wanted = (name: string): boolean => isNamed(named, owner ?? name);
      const fresh = names.filter((name) => wanted(name) && !done.includes(name));
      if (fresh.length === 0) continue;
      done.push(...fresh);
      install((target, name, run) => {
        if (fresh.includes(name)) define(target, name, method(name, run));
      });
    }
  }

  private addMember(target: Value, self: Value, table: Members<Value>, name: string): void {
    const { define, method } = this.materials;
    const run = table[name];
    define(
      target,
      name,
      method(name, (object: Value, args: ArrayLike<Value>) => run?.(self, args, object)),
    );
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
      program = new vm.Script(boardText(unhoisted(code)), { filename });
    } catch (failure) {
      // The host compiles the text, but the mistake in it is the board's.
      const { message, stack } = failure as Error;
      throw Object.assign(this.materials.error("SyntaxError", message), { stack });
    }
    if (filename !== OWN_FILE) this.name(namesIn(code));
    try {
      return program.runInContext(this.context, {
        displayErrors: false,
        ...(timeoutMs !== undefined && { timeout: timeoutMs }),
      });
    } finally {
      this.returned();
    }
  }

  isCut(value: Value): boolean {
    // What the program made of it counts as it.
    return value === this.materials.cut || this.power.gone !== undefined;
  }

  returned(): void {
    const { fault } = this.power;
    this.power.fault = undefined;
    if (fault) throw fault;
  }
}

/** What the interpreter has, read once. */
export function boardSurface(): Surface {
  surface ??= loadSurface();
  return surface;
}
