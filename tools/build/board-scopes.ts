/** The interpreter hoists nothing and has scopes of its own: the minified program is written so that names mean there what they mean in JavaScript. */
import remapping from "@jridgewell/remapping";
import { type AnyNode, parse, type VariableDeclaration } from "acorn";
import MagicString from "magic-string";
import type { Generated } from "./bundle.ts";
import { isReference, type Path, visit } from "./syntax-tree.ts";

/** A variable of a function that may be used before the interpreter has come by its declaration. */
export interface LateVar {
  readonly name: string;
  /** Offset of the use. */
  readonly use: number;
  /** Offset behind the `{` of the function. */
  readonly scopeStart: number;
  /** The declaration, where it is a statement of its own that gives no value. */
  readonly bare: { readonly start: number; readonly end: number } | undefined;
}

/**
 * Every such variable of a program's functions, in the order of the text. Late is a declaration that stands behind a use, and one in a branch or
 * loop that is used outside of it: the branch may not have run.
 */
export function lateVars(code: string): LateVar[] {
  const found: LateVar[] = [];
  visit(parse(code, { ecmaVersion: "latest", sourceType: "script" }), (node) => {
    if (isFunction(node) && node.body.type === "BlockStatement") found.push(...lateIn(node));
  });
  return found;
}

/**
 * The same program for the interpreter's scopes, after the minifier, which knows only the language's:
 * - no late variables. The minifier makes them where it puts one function into another.
 * - `class` and `function` in a block belong to the function around it there, and the name may be taken: they become `let`.
 * - `let` and `const` of a `switch` belong to the block around it there: it gets one.
 */
export function boardScopes(generated: Generated): Generated {
  const text = new MagicString(generated.code);
  moveLateVars(text, lateVars(generated.code));
  visit(parse(generated.code, { ecmaVersion: "latest", sourceType: "script" }), (node, path) => {
    if ((node.type === "ClassDeclaration" || node.type === "FunctionDeclaration") && isInBlock(path)) {
      const name = node.id?.name;
      const id = node.id?.end ?? node.start;
      text.overwrite(
        node.start,
        id,
        `let ${name}=${node.type === "ClassDeclaration" ? "class" : "function"}`,
      );
      if (generated.code[node.end] !== ";") text.appendLeft(node.end, ";");
    } else if (
      node.type === "SwitchStatement" &&
      node.cases.some(({ consequent }) => consequent.some(isLexical))
    ) {
      text.appendLeft(node.start, "{");
      text.appendRight(node.end, "}");
    }
  });
  if (!text.hasChanged()) return generated;
  const map = remapping(
    [text.generateMap({ hires: "boundary" }).toString(), JSON.stringify(generated.map)],
    () => null,
  );
  return { code: text.toString(), map: JSON.parse(map.toString()) };
}

function moveLateVars(text: MagicString, late: readonly LateVar[]): void {
  const names = new Map<number, Set<string>>();
  for (const { name, scopeStart, bare } of late) {
    names.set(scopeStart, (names.get(scopeStart) ?? new Set()).add(name));
    if (bare) text.remove(bare.start, bare.end);
  }
  for (const [start, scope] of names) {
    const list = [...scope].join(",");
    if (text.original.startsWith("var ", start)) text.overwrite(start, start + 4, `var ${list},`);
    else text.appendRight(start, `var ${list};`);
  }
}

/** Whether a declaration stands in a block that is not the body of a function, or in a `switch`. */
function isInBlock(path: Path): boolean {
  const parent = path.at(-1);
  const outer = path.at(-2);
  return (
    parent?.type === "SwitchCase" || (parent?.type === "BlockStatement" && !(outer && isFunction(outer)))
  );
}

function isLexical(node: AnyNode): boolean {
  return (
    node.type === "ClassDeclaration" ||
    node.type === "FunctionDeclaration" ||
    (node.type === "VariableDeclaration" && node.kind !== "var")
  );
}

type FunctionNode = Extract<AnyNode, { params: unknown }>;

function isFunction(node: AnyNode): node is FunctionNode {
  return "params" in node;
}

function lateIn(scope: FunctionNode): LateVar[] {
  const declarations = new Map<string, { at: number; branch: AnyNode; bare: LateVar["bare"] }>();
  const given = new Set(scope.params.flatMap(namesIn));
  visit(scope.body, (node, path) => {
    if (node.type !== "VariableDeclaration" || node.kind !== "var" || path.some(isFunction)) return;
    for (const name of node.declarations.flatMap(({ id }) => namesIn(id))) {
      if (given.has(name) || declarations.has(name)) continue;
      declarations.set(name, {
        at: node.start,
        branch: branchAround(path, scope.body),
        bare: bareStatement(node, path),
      });
    }
  });
  const late = new Map<string, LateVar>();
  visit(scope.body, (node, path) => {
    if (node.type !== "Identifier" || !isReference(node, path) || late.has(node.name)) return;
    const declaration = declarations.get(node.name);
    if (declaration === undefined || path.some((outer) => isFunction(outer) && hides(outer, node.name)))
      return;
    const { at, branch, bare } = declaration;
    if (node.start >= at && node.start >= branch.start && node.end <= branch.end) return;
    late.set(node.name, { name: node.name, use: node.start, scopeStart: scope.body.start + 1, bare });
  });
  return [...late.values()];
}

/** The innermost statement around a declaration that may run less often than the function. */
function branchAround(path: Path, body: AnyNode): AnyNode {
  for (const [index, node] of [...path.entries()].reverse()) {
    const inner = path[index + 1];
    switch (node.type) {
      case "IfStatement":
      case "SwitchCase":
      case "TryStatement":
        return inner ?? node;
      case "ForStatement":
        if (inner !== undefined && inner === node.body) return inner;
        break;
      case "WhileStatement":
      case "ForInStatement":
      case "ForOfStatement":
        return node;
    }
  }
  return body;
}

/** The range of `var n` with its semicolon, where it stands in a list of statements, names one variable and gives it no value. */
function bareStatement(node: VariableDeclaration, path: Path): LateVar["bare"] {
  const list = path.at(-1)?.type === "BlockStatement";
  const plain = node.declarations.length === 1 && node.declarations[0]?.init == null;
  return list && plain ? { start: node.start, end: node.end } : undefined;
}

function namesIn(pattern: AnyNode): string[] {
  const names: string[] = [];
  visit(pattern, (node, path) => {
    if (node.type === "Identifier" && isReference(node, path)) names.push(node.name);
  });
  return names;
}

/** Whether a function inside has a parameter or variable of that name. */
function hides(inner: FunctionNode, name: string): boolean {
  let hidden = inner.params.some((parameter) => namesIn(parameter).includes(name));
  visit(inner.body, (node, path) => {
    if (node.type === "VariableDeclaration" && !path.some(isFunction))
      hidden ||= node.declarations.some(({ id }) => namesIn(id).includes(name));
  });
  return hidden;
}
