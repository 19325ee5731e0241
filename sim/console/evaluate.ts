/** Runs what is typed on the console, with the value the interpreter gives for it, and tells where an error was. */
import { type Program, parse, parseExpressionAt } from "acorn";
import type { Realm, Value } from "../realm.ts";
import { placeLines, syntaxErrorLines, type TypedFrame } from "./error-place.ts";

/** In stack traces each line that was typed has a file of its own: this and its number. */
const FILE = "REPL#";
/** Functions of so many typed lines can still be shown when they fail. */
const SOURCES_KEPT = 200;
/** Host time after which a line that does not end is broken off: the simulator would stand still otherwise. */
const LONGEST_RUN_MS = 5000;

const PARSING = { ecmaVersion: "latest", allowReturnOutsideFunction: true } as const;

export class Evaluator {
  private readonly sources = new Map<string, string>();
  private count = 0;
  /** Names that typed lines declared at top level. */
  readonly declared = new Set<string>();
  /** Globals that no program made. */
  readonly builtIn: ReadonlySet<string>;
  private readonly realm: Realm;

  constructor(realm: Realm) {
    this.realm = realm;
    this.builtIn = new Set(Object.keys(realm.global));
  }

  /** The value of a typed line: of its last statement, or of what that declares. @throws what the line throws. */
  line(source: string): Value {
    const file = this.remember(source);
    const program = parsed(source);
    let value: Value;
    try {
      value = this.run(source, file);
    } catch (thrown) {
      if (!program || !/has already been declared/.test(String((thrown as Value)?.message))) throw thrown;
      // On the console a name may be declared again.
      value = this.run(withAssignments(source, program), file);
    }
    for (const statement of program?.body ?? [])
      for (const name of declaredNames(statement)) this.declared.add(name);
    const last = program?.body.at(-1);
    if (!last) return program ? undefined : value;
    const name = declaredName(last);
    if (name !== undefined) return this.run(name, file);
    return hasValue(last) ? value : undefined;
  }

  /** The value of the first expression in `source`; what follows it is not looked at. @throws what it throws. */
  expression(source: string): Value {
    let end = source.length;
    try {
      end = parseExpressionAt(source, 0, { ...PARSING, preserveParens: true }).end;
    } catch {
      // The interpreter's own sentence follows from running it.
    }
    // The place of an error in a packet is not told.
    return this.run(`(${source.slice(0, end)}\n)`, "packet");
  }

  /** Whether a stack trace's `file` is a typed line. */
  knows(file: string): boolean {
    return this.sources.has(file);
  }

  /** The lines that tell of one frame in the typed line `file`. */
  frame(file: string, frame: TypedFrame): string[] {
    return placeLines(this.sources.get(file) ?? "", frame);
  }

  /** The lines for a syntax error in a typed line; undefined when `stack` is of something else. */
  syntaxError(stack: string): string[] | undefined {
    const file = /^(.*):\d+\n/.exec(stack)?.[1] ?? "";
    const source = this.sources.get(file);
    return source === undefined ? undefined : syntaxErrorLines(stack, source);
  }

  private run(code: string, file: string): Value {
    try {
      return this.realm.run(code, file, { timeoutMs: LONGEST_RUN_MS });
    } catch (thrown) {
      if ((thrown as { code?: string })?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw thrown;
      const seconds = LONGEST_RUN_MS / 1000;
      throw this.realm.error(
        "Error",
        `Execution Interrupted: the line took more than ${seconds} s of the host's time`,
      );
    }
  }

  private remember(source: string): string {
    this.count++;
    const file = FILE + this.count;
    this.sources.set(file, source);
    this.sources.delete(FILE + (this.count - SOURCES_KEPT));
    return file;
  }
}

/** Undefined when it is no JavaScript. */
function parsed(source: string): Program | undefined {
  try {
    return parse(source, PARSING);
  } catch {
    return undefined;
  }
}

type Statement = Program["body"][number];

function declaredNames(statement: Statement): string[] {
  if (statement.type === "VariableDeclaration")
    return statement.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
  if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration")
    return [statement.id.name];
  return [];
}

/** The name that a declaration's value can be read by. */
function declaredName(statement: Statement): string | undefined {
  return declaredNames(statement).at(-1);
}

/** Loops and blocks have none, other than in V8. */
function hasValue(statement: Statement): boolean {
  if (statement.type !== "IfStatement") return statement.type === "ExpressionStatement";
  return (
    statement.consequent.type !== "BlockStatement" &&
    (statement.alternate ?? statement.consequent).type !== "BlockStatement"
  );
}

/** The same program with its declarations at top level as assignments; columns stay where they are as far as possible. */
function withAssignments(source: string, program: Program): string {
  let result = source;
  for (const statement of program.body.toReversed()) {
    const { start } = statement;
    if (statement.type === "VariableDeclaration") {
      const { length } = statement.kind;
      result = result.slice(0, start) + " ".repeat(length) + result.slice(start + length);
    } else {
      const [name] = declaredNames(statement);
      if (name !== undefined) result = `${result.slice(0, start)}${name}=${result.slice(start)}`;
    }
  }
  return result;
}
