/** The dialect check: which syntax and which built-ins of a program the board's interpreter does not have. */
import type { AnyNode, MemberExpression, Program } from "acorn";
import { didYouMean } from "../../sim/nearest.ts";
import { type DeclarationKind, scopesOf } from "../../sim/program/scopes.ts";
import { sharedVariables } from "./block-scopes.ts";
import { earlyUses, unsureUses } from "./declaration-order.ts";
import {
  knownGlobals,
  knownMembers,
  missingMembers,
  moduleNames,
  notKnown,
  staticsOf,
  unsupportedFeatures,
  unsupportedNodes,
  unsupportedOperators,
} from "./interpreter.ts";
import { reservedWords } from "./pretokenise.ts";
import { globalReplacements, memberReplacements, staticReplacements } from "./replacements.ts";
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
  /** Modules ("tls") and functions of modules ("crypto.SHA256") that the board's build of the interpreter does not have. */
  readonly lacks?: readonly string[];
  /** Only the syntax, and whether every `var` has run before its variable is used: in a minified text names tell nothing any more. */
  readonly syntaxOnly?: boolean;
}

type Report = (node: AnyNode, what: string, advice?: string) => void;

/** Every place the interpreter would choke on, in the order of the text. */
export function checkDialect(program: Program, options: DialectOptions): DialectMistake[] {
  const mistakes = new Map<string, DialectMistake>();
  const reportAs =
    (isSyntax: boolean): Report =>
    (node, what, advice = "") => {
      const sentence = notKnown(what) + advice;
      mistakes.set(`${node.start} ${sentence}`, { offset: node.start, sentence, isSyntax });
    };
  const names = options.syntaxOnly ? undefined : collectNames(program);
  visit(program, (node, path) => {
    checkSyntax(node, path, reportAs(true));
    if (names !== undefined) checkBuiltIns(node, path, names, options, reportAs(false));
  });
  if (unsupportedFeatures.loopVariable !== undefined)
    for (const { node } of sharedVariables(scopesOf(program)))
      reportAs(true)(node, unsupportedFeatures.loopVariable, "; give the function a const of its own");
  const isFinal = options.syntaxOnly === true;
  for (const { node, name, kind } of isFinal
    ? [...earlyUses(program), ...unsureUses(program)]
    : earlyUses(program))
    reportAs(isFinal)(
      node,
      `${name} before its declaration`,
      `; it does not hoist ${hoisted(kind)}: declare it further up`,
    );
  return [...mistakes.values()].sort((one, other) => one.offset - other.offset);
}

function checkSyntax(node: AnyNode, path: Path, report: Report): void {
  const name = unsupportedNodes[node.type];
  if (name !== undefined) report(node, name);
  const feature = (key: string, isUsed: boolean | undefined, advice?: string): void => {
    const words = unsupportedFeatures[key];
    if (isUsed && words !== undefined) report(node, words, advice);
  };
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      feature("asyncFunction", node.async);
      feature("generatorFunction", node.generator);
      break;
    case "Property":
      feature("computedKey", node.computed);
      break;
    case "MethodDefinition":
    case "PropertyDefinition":
      feature("computedKey", node.computed);
      feature("reservedMember", !node.computed && !isClassMember(node.key), "; call it otherwise");
      break;
    case "ClassDeclaration":
    case "ClassExpression":
      feature("extendsExpression", node.superClass != null && node.superClass.type !== "Identifier", BY_NAME);
      break;
    case "SwitchStatement":
      feature(
        "defaultFirst",
        node.cases.slice(0, -1).some((one) => one.test == null),
        "; write it last",
      );
      break;
    case "Super":
      feature("arrowSuper", isInArrow(path), "; take an ordinary function");
      break;
    case "BinaryExpression":
    case "LogicalExpression":
    case "AssignmentExpression": {
      const operator = unsupportedOperators[node.operator];
      if (operator !== undefined) report(node, operator);
      break;
    }
    case "ForOfStatement":
      feature("forAwait", node.await);
      break;
    case "Identifier":
      if (node.name === "arguments" && isReference(node, path))
        feature("arrowArguments", isInArrow(path), "; keep them in a variable outside of it");
      // As the name of a member it is a word like any other.
      feature("nameOf", node.name === "of" && isReference(node, path), "; call it otherwise");
      break;
    case "Literal":
      feature("bigint", typeof node.bigint === "string");
      if (node.regex != null) checkPattern(node.regex.pattern, feature);
      feature("codePointEscape", hasCodePoint(String(node.raw)), "; write \\uXXXX");
      break;
    case "TemplateElement":
      feature("codePointEscape", hasCodePoint(node.value.raw), "; write \\uXXXX");
      break;
  }
}

const BY_NAME = "; give it a name first";

/** Names of members that the interpreter's own parser of classes takes. */
function isClassMember(key: AnyNode): boolean {
  return key.type === "PrivateIdentifier" || (key.type === "Identifier" && !reservedWords.includes(key.name));
}

/** Whether the innermost function is an arrow function, which has no `arguments` and no `super` of its own. */
function isInArrow(path: Path): boolean {
  return path.findLast((node) => "params" in node)?.type === "ArrowFunctionExpression";
}

function checkPattern(pattern: string, feature: (key: string, isUsed: boolean) => void): void {
  // What stands in a class or behind a backslash is only a character.
  const bare = pattern.replace(/\\[^1-9bBxu]/g, "").replace(/\[[^\]]*\]/g, "c");
  feature("lookAround", /\(\?[=!<]/.test(bare));
  feature("nonCapturingGroup", bare.includes("(?:"));
  feature("lazyQuantifier", /[*+?]\?/.test(bare));
  feature("countedQuantifier", /\{\d+(,\d*)?\}/.test(bare));
  feature("repeatedGroup", /\)[*+?{]/.test(bare));
  feature("wordBoundary", /\\b/i.test(bare));
  feature("codeInPattern", /\\[xu]/.test(pattern));
  feature("backReference", /\\[1-9]/.test(bare));
}

function hasCodePoint(raw: string): boolean {
  return /(^|[^\\])(\\\\)*\\u\{/.test(raw);
}

function checkBuiltIns(
  node: AnyNode,
  path: Path,
  names: Names,
  options: DialectOptions,
  report: Report,
): void {
  if (node.type === "MemberExpression") checkMember(node, names, report);
  checkAssignment(node, names, report);
  if (node.type === "CallExpression") checkRequire(node, options, report);
  if (node.type !== "Identifier" || !isReference(node, path)) return;
  const { name } = node;
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
  const known = [...names.declared, ...options.pins, ...knownGlobals].filter((one) => one.length > 1);
  report(node, `the global ${name}`, insteadOf(name, globalReplacements, known));
}

/** An object of the program's own may have a member `length`. */
function checkAssignment(node: AnyNode, names: Names, report: Report): void {
  const target =
    node.type === "AssignmentExpression"
      ? node.left
      : node.type === "UpdateExpression"
        ? node.argument
        : undefined;
  const words = unsupportedFeatures.lengthAssignment;
  if (words === undefined || target?.type !== "MemberExpression" || names.ownMembers.has("length")) return;
  if (memberName(target) === "length") report(target.property, words, "; make a new array, or splice it");
}

function checkMember(node: MemberExpression, names: Names, report: Report): void {
  const member = memberName(node);
  if (member === undefined) return;
  const { object } = node;
  const owner = object.type === "Identifier" && !names.declared.has(object.name) ? object.name : "";
  // Its members are the globals, and whatever the program makes there.
  if (owner === "global" || owner === "globalThis") return;
  const statics = staticsOf(owner);
  if (statics === undefined) {
    if (missingMembers.has(member) && !names.ownMembers.has(member))
      report(node.property, `the built-in .${member}`, insteadOf(member, memberReplacements, knownMembers));
    return;
  }
  const exists = Object.hasOwn(statics, member) ? statics[member] !== "undefined" : knownMembers.has(member);
  if (exists) return;
  const existing = Object.keys(statics)
    .filter((name) => statics[name] !== "undefined")
    .map((name) => `${owner}.${name}`);
  const name = `${owner}.${member}`;
  report(node.property, name, insteadOf(name, staticReplacements, existing));
}

function checkRequire(node: AnyNode, options: DialectOptions, report: Report): void {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier" || node.callee.name !== "require")
    return;
  const argument = node.arguments[0];
  const modules = moduleNames(options.hasWifi, options.lacks);
  if (argument?.type !== "Literal" || modules.includes(String(argument.value))) return;
  report(argument, `the module ${JSON.stringify(argument.value)}`, `; it has: ${modules.join(", ")}`);
}

/** What to write in its place, or else what it may be a misspelling of. */
function insteadOf(
  name: string,
  replacements: Readonly<Record<string, string>>,
  known: Iterable<string>,
): string {
  const replacement = Object.hasOwn(replacements, name) ? replacements[name] : undefined;
  return replacement === undefined ? didYouMean(name, known) : `; write ${replacement}`;
}

/** What the declaration makes, for people. */
function hoisted(kind: DeclarationKind): string {
  if (kind === "function") return "functions";
  return kind === "class" ? "classes" : "variables";
}
