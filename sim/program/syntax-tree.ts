/** Walking the syntax tree of a program's text. */
import type { AnyNode } from "acorn";

/** The nodes around a node, outermost first. */
export type Path = readonly AnyNode[];

/** Calls `look` for every node, parents first, in the order of the text. */
export function visit(root: AnyNode, look: (node: AnyNode, path: Path) => void): void {
  const path: AnyNode[] = [];
  enter(root);

  function enter(node: AnyNode): void {
    look(node, path);
    path.push(node);
    for (const child of Object.values(node)) {
      if (Array.isArray(child)) for (const element of child) enterIfNode(element);
      else enterIfNode(child);
    }
    path.pop();
  }

  function enterIfNode(value: unknown): void {
    if (typeof value === "object" && value !== null && "type" in value && "start" in value)
      enter(value as AnyNode);
  }
}

/** Whether an identifier stands for a variable, rather than for the name of a member. */
export function isReference(node: AnyNode, path: Path): boolean {
  const parent = path.at(-1);
  switch (parent?.type) {
    case "MemberExpression":
      return parent.computed || parent.object === node;
    case "Property":
      return parent.computed || parent.value === node;
    case "MethodDefinition":
    case "PropertyDefinition":
      return parent.computed || parent.value === node;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return false;
    default:
      return true;
  }
}
