/** Walking a syntax tree, and the names a program gives to things. */
import type { AnyNode, MemberExpression, Program } from "acorn";

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

/** The member's name where it is fixed: `a.b`, `a["b"]`. */
export function memberName(node: MemberExpression): string | undefined {
  if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
  return node.property.type === "Literal" && typeof node.property.value === "string"
    ? node.property.value
    : undefined;
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

export interface Names {
  /** Bound somewhere in the program. */
  readonly declared: ReadonlySet<string>;
  /** Members the program itself gives to objects. */
  readonly ownMembers: ReadonlySet<string>;
  /** Function declarations by name, where the name is bound only once. */
  readonly functions: ReadonlyMap<string, AnyNode>;
}

export function collectNames(program: Program): Names {
  const declared = new Set<string>();
  const ownMembers = new Set<string>();
  const functions = new Map<string, AnyNode>();
  const twice = new Set<string>();
  const bind = (pattern: AnyNode | null | undefined) => {
    if (pattern == null) return;
    visit(pattern, (node, path) => {
      if (node.type !== "Identifier" || !isReference(node, path)) return;
      if (declared.has(node.name)) twice.add(node.name);
      declared.add(node.name);
    });
  };
  visit(program, (node) => {
    switch (node.type) {
      case "VariableDeclarator":
        bind(node.id);
        break;
      case "FunctionDeclaration":
        if (node.id != null) functions.set(node.id.name, node);
        bind(node.id);
        for (const parameter of node.params) bind(parameter);
        break;
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        bind(node.id);
        for (const parameter of node.params) bind(parameter);
        break;
      case "ClassDeclaration":
      case "ClassExpression":
        bind(node.id);
        break;
      case "CatchClause":
        bind(node.param);
        break;
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        if (!node.computed && node.key.type === "Identifier") ownMembers.add(node.key.name);
        break;
      case "AssignmentExpression": {
        const name = node.left.type === "MemberExpression" ? memberName(node.left) : undefined;
        // Every array has one, so it tells nothing.
        if (name !== undefined && name !== "length") ownMembers.add(name);
        break;
      }
    }
  });
  for (const name of twice) functions.delete(name);
  return { declared, ownMembers, functions };
}
