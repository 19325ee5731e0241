/**
 * Variables that may be used before their `var` has run. The board's interpreter does not hoist: up to then the name means one of an outer
 * function or of the whole program, which an assignment overwrites.
 */
import type { AnyNode, Program } from "acorn";
import { type Binding, type Declaration, scopesOf, type Use } from "./scopes.ts";
import type { Path } from "./syntax-tree.ts";

export interface LateVariable {
  readonly binding: Binding;
  /** Uses that no declaration is sure to run before, in the order of the text. */
  readonly early: readonly Use[];
}

/** Those of every function and of the program, outer ones first. */
export function lateVariables(program: Program): LateVariable[] {
  return scopesOf(program).flatMap((scope) =>
    [...scope.bindings.values()].flatMap((binding) => {
      if (!binding.declarations.some(({ kind }) => kind === "var")) return [];
      const early = binding.uses.filter((use) => !isDeclaredFor(binding, use));
      return early.length === 0 ? [] : [{ binding, early }];
    }),
  );
}

function isDeclaredFor({ declarations }: Binding, use: Use): boolean {
  return declarations.some((declaration) => runsBefore(declaration, use));
}

/**
 * Whether a declaration is sure to have run where the name is used: it stands before it in the same list of statements, or in a list around it. A
 * function that uses the name may be called from its own place on.
 */
function runsBefore({ kind, node, path }: Declaration, use: Use): boolean {
  if (kind === "parameter" || kind === "own name") return true;
  if (use.node.start < node.start) return false;
  const region = reachOf(kind === "function" ? node : undefined, path);
  return use.path.includes(region);
}

/** What a declaration, once it has run, counts for: the list of statements that it stands in, or itself where it stands in none. */
function reachOf(declared: AnyNode | undefined, path: Path): AnyNode {
  let index = path.length - 1;
  let statement = declared;
  if (statement === undefined) {
    statement = path[index--] as AnyNode;
    const around = path[index] as AnyNode;
    const isHead = around.type === "ForStatement" ? around.init === statement : headOf(around) === statement;
    if (isHead) statement = path[index--] as AnyNode;
  }
  const list = path[index] as AnyNode;
  return isList(list) ? list : statement;
}

function headOf(node: AnyNode): AnyNode | undefined {
  return node.type === "ForInStatement" || node.type === "ForOfStatement" ? node.left : undefined;
}

function isList(node: AnyNode): boolean {
  return node.type === "Program" || node.type === "BlockStatement" || node.type === "SwitchCase";
}
