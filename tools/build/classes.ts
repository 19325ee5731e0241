/**
 * What the bundler writes about classes, as the board's interpreter can take it: it does not know a class by its own name inside of it where the
 * class is an expression, nor spread, by which a constructor that was added hands its arguments on.
 */
import remapping from "@jridgewell/remapping";
import { type AnyNode, type Program, parse } from "acorn";
import MagicString from "magic-string";
import { type Binding, scopesOf } from "../../sim/program/scopes.ts";
import { visit } from "../../sim/program/syntax-tree.ts";
import type { Generated } from "./bundle.ts";

/** The same program; what cannot be helped stays for the dialect check. */
export function fitClasses<Kind extends Generated>(readable: Kind): Kind {
  if (!/\bclass\b/.test(readable.code)) return readable;
  const tree = parse(readable.code, { ecmaVersion: "latest", sourceType: "script" });
  const text = new MagicString(readable.code);
  for (const binding of scopesOf(tree).flatMap(({ bindings }) => [...bindings.values()]))
    useOuterName(text, binding);
  handOn(text, tree);
  if (!text.hasChanged()) return readable;
  const map = remapping(
    [text.generateMap({ hires: "boundary" }).toString(), JSON.stringify(readable.map)],
    () => null,
  );
  return { ...readable, code: text.toString(), map: JSON.parse(map.toString()) };
}

/** `var A = class B { … B … }` becomes `var A = class { … A … }`. */
function useOuterName(text: MagicString, { name, declarations, uses }: Binding): void {
  const [own] = declarations;
  const outer = own?.path.at(-1);
  if (own?.kind !== "own name" || own.node.type !== "ClassExpression" || !own.node.id) return;
  if (outer?.type !== "VariableDeclarator" || outer.id.type !== "Identifier") return;
  const { id } = own.node;
  text.remove(id.start - 1, id.end);
  if (outer.id.name === name) return;
  for (const { node } of uses) text.overwrite(node.start, node.end, outer.id.name);
}

/** `constructor() { super(...arguments); … }` gets as many parameters as the program ever gives to a constructor. */
function handOn(text: MagicString, tree: Program): void {
  let most = 0;
  const calls: { around: AnyNode; list: { start: number; end: number } }[] = [];
  visit(tree, (node, path) => {
    if (node.type === "NewExpression") most = Math.max(most, node.arguments.length);
    if (node.type !== "CallExpression" || node.callee.type !== "Super") return;
    most = Math.max(most, node.arguments.length);
    const [only] = node.arguments;
    const spread = only?.type === "SpreadElement" && only.argument.type === "Identifier" ? only : undefined;
    const around = path.findLast((one) => one.type === "FunctionExpression");
    if (spread && (spread.argument as { name?: string }).name === "arguments" && around?.params.length === 0)
      calls.push({ around, list: spread });
  });
  const prefix = freeName(text.original);
  const names = Array.from({ length: most }, (_, index) => `${prefix}${index}`).join(", ");
  for (const { around, list } of calls) {
    text.appendLeft(text.original.indexOf("(", around.start) + 1, names);
    text.overwrite(list.start, list.end, names);
  }
}

/** The beginning of names that the text does not hold. */
function freeName(text: string): string {
  let name = "argument";
  while (text.includes(name)) name += "_";
  return name;
}
