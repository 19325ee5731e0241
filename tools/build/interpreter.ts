/** The facts of board-profiles/interpreter.json in the form the build needs them. */
import { readFileSync } from "node:fs";
import { projectRoot } from "../version.ts";

type Members = Readonly<Record<string, string>>;

interface InterpreterFile {
  readonly interpreter: string;
  readonly members: Readonly<Record<string, Members>>;
  readonly statics: Readonly<Record<string, Members>>;
  readonly modules: Readonly<Record<string, Members>>;
  readonly syntax: { readonly nodes: Members; readonly operators: Members; readonly features: Members };
}

const file: InterpreterFile = JSON.parse(
  readFileSync(`${projectRoot}board-profiles/interpreter.json`, "utf8"),
);

/** Name and version, for messages. */
export const interpreterName = file.interpreter;

/** "X is not known to the board (…)". */
export function notKnown(what: string): string {
  return `${what} is not known to the board (${interpreterName})`;
}

/** Globals that exist, pins aside. */
export const knownGlobals: ReadonlySet<string> = new Set(
  namesOf([file.members.global ?? {}], true).concat("undefined"),
);

/** Every member name that exists on some built-in, so that no own property may be shortened to or from it. */
export const knownMembers: ReadonlySet<string> = new Set(namesOf(tables(), true));

/** Member names that other JavaScript has and no built-in of the board has. */
export const missingMembers: ReadonlySet<string> = new Set(
  namesOf(tables(), false).filter((name) => !knownMembers.has(name)),
);

/** Members of a built-in object such as Math, or undefined when nothing is known about it. */
export function staticsOf(owner: string): Members | undefined {
  return Object.hasOwn(file.statics, owner) ? file.statics[owner] : undefined;
}

/** Modules that `require` finds in a build that has all of them but those it lacks. */
export function moduleNames(hasWifi: boolean, lacks: readonly string[] = []): string[] {
  const modules = Object.keys(file.modules).filter((name) => !lacks.includes(name));
  return [...modules, ...(hasWifi ? ["Wifi"] : [])];
}

/** Syntax tree nodes and operators that the interpreter does not parse, with the name people know them by. */
export const unsupportedNodes: Members = file.syntax.nodes;
export const unsupportedOperators: Members = file.syntax.operators;

/** What is neither node nor operator (the keys of tools/interpreter/syntax.ts). */
export const unsupportedFeatures: Members = file.syntax.features;

function tables(): Members[] {
  const prototypes = Object.entries(file.members).filter(([owner]) => owner !== "global");
  return [
    ...prototypes.map(([, members]) => members),
    ...Object.values(file.statics),
    ...Object.values(file.modules),
  ];
}

function namesOf(tablesToRead: readonly Members[], existing: boolean): string[] {
  return tablesToRead.flatMap((members) =>
    Object.keys(members).filter((name) => (members[name] !== "undefined") === existing),
  );
}
