/**
 * Gives blocks the scopes that the language says they have. On the board's interpreter a loop has one variable for all of its turns, so that
 * functions made in them share it; a class or function declared in a block belongs to the whole function, and so does what is declared in a `switch`.
 * And a class that is skipped, as in `x && class {}`, stops the program, unless a function's block is around it.
 */
import remapping from "@jridgewell/remapping";
import { type AnyNode, parse } from "acorn";
import MagicString from "magic-string";
import {
  type Binding,
  type DeclarationKind,
  functionAround,
  type Scope,
  scopesOf,
} from "../../sim/program/scopes.ts";
import { type Path, visit } from "../../sim/program/syntax-tree.ts";
import type { Generated } from "./bundle.ts";

/** A loop whose variable is kept by a function and changed by its body: nothing else would do what it says. */
export interface SharedVariable {
  readonly node: AnyNode;
  readonly name: string;
}

/** The same program where no block needs help; otherwise one that says outright what the language implies. */
export function scopeBlocks(generated: Generated): Generated {
  const tree = parse(generated.code, { ecmaVersion: "latest", sourceType: "script" });
  const scopes = scopesOf(tree);
  const text = new MagicString(generated.code);
  const fresh = freeNames(generated.code);
  for (const scope of scopes) {
    const bindings = [...scope.bindings.values()];
    if (isLoop(scope.node)) ownVariables(text, scope.node, bindings.filter(isKept), fresh);
    if (scope.node.type === "SwitchStatement" && bindings.some(isLexical)) {
      text.appendRight(scope.node.start, "{");
      text.appendLeft(scope.node.end, "}");
    }
    if (isBlock(scope)) for (const binding of bindings) declareInBlock(text, binding);
  }
  visit(tree, (node, path) => {
    if (node.type !== "ClassExpression" && node.type !== "ClassDeclaration") return;
    if (!mayBeSkipped(node, path)) return;
    text.appendRight(node.start, "(()=>{return ");
    text.prependLeft(node.end, "})()");
  });
  if (!text.hasChanged()) return generated;
  const map = remapping(
    [text.generateMap({ hires: "boundary" }).toString(), JSON.stringify(generated.map)],
    () => null,
  );
  return { code: text.toString(), map: JSON.parse(map.toString()) };
}

type Loop = Extract<AnyNode, { type: "ForStatement" | "ForInStatement" | "ForOfStatement" }>;

function isLoop(node: AnyNode): node is Loop {
  return node.type === "ForStatement" || node.type === "ForInStatement" || node.type === "ForOfStatement";
}

function isBlock({ node, owner }: Scope): boolean {
  return node !== owner && (node.type === "BlockStatement" || node.type === "SwitchStatement");
}

const LEXICAL: readonly DeclarationKind[] = ["let", "const", "class", "function"];

function isLexical({ declarations }: Binding): boolean {
  return declarations.some(({ kind }) => LEXICAL.includes(kind));
}

/** Whether a function keeps the variable beyond the turn that it was made in. */
function isKept({ scope, uses }: Binding): boolean {
  return uses.some(({ path }) => functionAround(path) !== scope.owner);
}

/** Variables of loops that functions keep and that change otherwise than by the loop's own head. */
export function sharedVariables(scopes: readonly Scope[]): SharedVariable[] {
  return scopes.flatMap(({ node, bindings }) => {
    if (!isLoop(node)) return [];
    return [...bindings.values()].filter(isKept).flatMap(({ name, uses }) => {
      const inHead = uses.filter(({ node: use }) => use.start < node.body.start);
      const isWrittenInBody = uses.some(
        ({ node: use, path }) => use.start >= node.body.start && isWritten(use, path.at(-1)),
      );
      const isKeptByHead = inHead.some(
        ({ path }) => path.includes(node) && path.slice(path.indexOf(node)).some((one) => "params" in one),
      );
      const [first] = uses;
      return first && node.type === "ForStatement" && (isWrittenInBody || isKeptByHead)
        ? [{ node: first.node, name }]
        : [];
    });
  });
}

function isWritten(use: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type === "AssignmentExpression") return parent.left === use;
  if (parent?.type === "ForInStatement" || parent?.type === "ForOfStatement") return parent.left === use;
  return parent?.type === "UpdateExpression";
}

/** The head gets a name of its own; each turn has the variable, with the value that the head has then. */
function ownVariables(text: MagicString, loop: Loop, kept: readonly Binding[], fresh: () => string): void {
  if (kept.length === 0) return;
  const copies: string[] = [];
  for (const { name, declarations, uses } of kept) {
    const declarator = declarations[0]?.node;
    if (declarator?.type !== "VariableDeclarator") continue;
    const other = fresh();
    text.overwrite(declarator.id.start, declarator.id.end, other);
    for (const { node, path } of uses) {
      if (node.start >= loop.body.start) continue;
      const parent = path.at(-1);
      const isShorthand = parent?.type === "Property" && parent.shorthand;
      text.overwrite(node.start, node.end, isShorthand ? `${name}:${other}` : other);
    }
    copies.push(`${name}=${other}`);
  }
  const { body } = loop;
  // The body may declare the name again for itself, so it stays a block of its own.
  text.appendRight(body.start, `{let ${copies.join()};`);
  text.appendLeft(body.end, "}");
}

/** `class A {}` becomes `let A=class{}`, and a function likewise: that is a name of the block. */
function declareInBlock(text: MagicString, { name, declarations }: Binding): void {
  for (const { kind, node } of declarations) {
    if (kind !== "class" && kind !== "function") continue;
    if (!("id" in node) || node.id?.type !== "Identifier") continue;
    text.appendRight(node.start, `let ${name}=`);
    text.remove(node.id.start - 1, node.id.end);
    text.appendLeft(node.end, ";");
  }
}

/** Whether the interpreter may read over the class without running it; blocks in braces it skips by their braces. */
function mayBeSkipped(node: AnyNode, path: Path): boolean {
  for (let index = path.length - 1, inner = node; index >= 0; inner = path[index--] as AnyNode) {
    const around = path[index] as AnyNode;
    if (around.type === "BlockStatement" || around.type === "Program") return false;
    if (
      SKIPPING.has(around.type) &&
      !("test" in around && around.test === inner && around.type !== "SwitchCase")
    )
      return true;
    if (around.type === "LogicalExpression" && around.right === inner) return true;
  }
  return false;
}

/** What may run a part of itself only; an arrow function reads over its expression when it is made. */
const SKIPPING = new Set([
  "IfStatement",
  "ConditionalExpression",
  "SwitchCase",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
  "ArrowFunctionExpression",
]);

/** Short names that stand nowhere in the text. */
function freeNames(code: string): () => string {
  const words = new Set(code.match(/[A-Za-z_$][\w$]*/g));
  let count = 0;
  return () => {
    let name: string;
    do name = `$${(count++).toString(36)}`;
    while (words.has(name));
    return name;
  };
}
