/** Names that are used before their declaration has run: the board's interpreter would take them for names of outer scopes. */
import type { AnyNode, Program } from "acorn";
import { lateVariables } from "../../sim/program/late-names.ts";
import { type Binding, type DeclarationKind, functionAround, scopesOf } from "../../sim/program/scopes.ts";

export interface EarlyUse {
  readonly node: AnyNode;
  readonly name: string;
  readonly kind: DeclarationKind;
}

/** Kinds that stand for the name from their place on; the others for the whole of their function. */
const IN_ORDER: readonly DeclarationKind[] = ["var", "let", "const", "class", "function"];

/** Uses that stand before the declaration and run before it, as it is in the same function and no other lies between. */
export function earlyUses(program: Program): EarlyUse[] {
  return scopesOf(program).flatMap((scope) => [...scope.bindings.values()].flatMap(earlyUsesOf));
}

function earlyUsesOf({ name, scope, declarations, uses }: Binding): EarlyUse[] {
  const first = declarations[0];
  if (first === undefined || !declarations.every(({ kind }) => IN_ORDER.includes(kind))) return [];
  const start = Math.min(...declarations.map(({ node }) => node.start));
  return uses
    .filter(({ node, path }) => node.start < start && functionAround(path) === scope.owner)
    .map(({ node }) => ({ node, name, kind: first.kind }));
}

/** Uses of a `var` that may run before it, in a program that goes to the board as it is. */
export function unsureUses(program: Program): EarlyUse[] {
  return lateVariables(program).flatMap(({ binding, early }) =>
    early.slice(0, 1).map(({ node }) => ({ node, name: binding.name, kind: "var" as const })),
  );
}
