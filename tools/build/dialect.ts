/** The dialect check: which syntax and which built-ins of a program the board's interpreter does not have. */
import type { AnyNode, MemberExpression, Program } from "acorn";
import { didYouMean } from "../config/nearest.ts";
import {
  interpreterName,
  knownGlobals,
  knownMembers,
  missingMembers,
  moduleNames,
  staticsOf,
  unsupportedNodes,
  unsupportedOperators,
} from "./interpreter.ts";
import { collectNames, isReference, memberName, type Names, type Path, visit } from "./syntax-tree.ts";

/** What is wrong and where in the checked text (offset in characters). */
export interface DialectMistake {
  readonly offset: number;
  readonly sentence: string;
  /** The board could not even parse it; otherwise it would fail when it comes by. */
  readonly isSyntax: boolean;
}

export interface DialectOptions {
  /** Names of the board's pins, which are globals. */
  readonly pins: readonly string[];
  readonly hasWifi: boolean;
  /** Only the syntax: in a minified text names tell nothing any more. */
  readonly syntaxOnly?: boolean;
}

type Report = (node: AnyNode, what: string, advice?: string) => void;

/** Every place the interpreter would choke on, in the order of the text. */
export function checkDialect(program: Program, options: DialectOptions): DialectMistake[] {
  const mistakes = new Map<string, DialectMistake>();
  const reportAs =
    (isSyntax: boolean): Report =>
    (node, what, advice = "") => {
      const sentence = `${what} is not known to the board (${interpreterName})${advice}`;
      mistakes.set(`${node.start} ${sentence}`, { offset: node.start, sentence, isSyntax });
    };
  const names = options.syntaxOnly ? undefined : collectNames(program);
  visit(program, (node, path) => {
    checkSyntax(node, reportAs(true));
    if (names !== undefined) checkBuiltIns(node, path, names, options, reportAs(false));
  });
  return [...mistakes.values()].sort((one, other) => one.offset - other.offset);
}

function checkSyntax(node: AnyNode, report: Report): void {
  const name = unsupportedNodes[node.type];
  if (name !== undefined) report(node, name);
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      if (node.async) report(node, "an async function");
      if (node.generator) report(node, "a generator function");
      break;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      if (node.computed) report(node, "a computed key [...]");
      break;
    case "BinaryExpression":
    case "LogicalExpression":
    case "AssignmentExpression": {
      const operator = unsupportedOperators[node.operator];
      if (operator !== undefined) report(node, operator);
      break;
    }
    case "ForOfStatement":
      if (node.await) report(node, "for await");
      break;
    case "Literal":
      if (typeof node.bigint === "string") report(node, "a BigInt");
      if (node.regex != null && /\(\?[=!<]/.test(node.regex.pattern)) {
        report(node, "look-around or a named group in a regular expression");
      }
      checkEscapes(node, String(node.raw), report);
      break;
    case "TemplateElement":
      checkEscapes(node, node.value.raw, report);
      break;
  }
}

function checkEscapes(node: AnyNode, raw: string, report: Report): void {
  if (/(^|[^\\])(\\\\)*\\u\{/.test(raw)) report(node, "the escape \\u{...}", "; write \\uXXXX");
}

function checkBuiltIns(
  node: AnyNode,
  path: Path,
  names: Names,
  options: DialectOptions,
  report: Report,
): void {
  if (node.type === "MemberExpression") checkMember(node, names, report);
  if (node.type === "CallExpression") checkRequire(node, options, report);
  if (node.type !== "Identifier" || !isReference(node, path)) return;
  const { name } = node;
  const declaration = names.functions.get(name);
  if (declaration !== undefined && node.start < declaration.start && runsBefore(path, declaration)) {
    report(node, `${name} before its declaration`, "; it does not hoist functions: declare it further up");
  }
  if (
    names.declared.has(name) ||
    name === "arguments" ||
    knownGlobals.has(name) ||
    options.pins.includes(name)
  )
    return;
  // `typeof Map` asks whether it exists.
  const parent = path.at(-1);
  if (parent?.type === "UnaryExpression" && parent.operator === "typeof") return;
  report(node, `the global ${name}`);
}

function checkMember(node: MemberExpression, names: Names, report: Report): void {
  const member = memberName(node);
  if (member === undefined) return;
  const { object } = node;
  const owner = object.type === "Identifier" && !names.declared.has(object.name) ? object.name : "";
  const statics = staticsOf(owner);
  if (statics === undefined) {
    if (missingMembers.has(member) && !names.ownMembers.has(member))
      report(node.property, `the built-in .${member}`);
    return;
  }
  const exists = Object.hasOwn(statics, member) ? statics[member] !== "undefined" : knownMembers.has(member);
  if (exists) return;
  const existing = Object.keys(statics)
    .filter((name) => statics[name] !== "undefined")
    .map((name) => `${owner}.${name}`);
  const hint = didYouMean(`${owner}.${member}`, existing);
  report(node.property, `${owner}.${member}`, hint);
}

function checkRequire(node: AnyNode, options: DialectOptions, report: Report): void {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier" || node.callee.name !== "require")
    return;
  const argument = node.arguments[0];
  const modules = moduleNames(options.hasWifi);
  if (argument?.type !== "Literal" || modules.includes(String(argument.value))) return;
  report(argument, `the module ${JSON.stringify(argument.value)}`, `; it has: ${modules.join(", ")}`);
}

/** Whether the use at the end of `path` runs while the text before the declaration does, not in some later call. */
function runsBefore(path: Path, declaration: AnyNode): boolean {
  const inner = path.findLast((node) => "params" in node);
  return inner === undefined || (inner.start < declaration.start && declaration.end < inner.end);
}
