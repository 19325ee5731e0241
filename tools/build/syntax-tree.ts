/** The names a program gives to things, and walking its syntax tree. */
import type { AnyNode, MemberExpression, Program } from "acorn";
import { isReference, visit } from "../../sim/program/syntax-tree.ts";

export { isReference, type Path, visit } from "../../sim/program/syntax-tree.ts";

/** The member's name where it is fixed: `a.b`, `a["b"]`. */
export function memberName(node: MemberExpression): string | undefined {
  if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
  return node.property.type === "Literal" && typeof node.property.value === "string"
    ? node.property.value
    : undefined;
}

export interface Names {
  /** Bound somewhere in the program. */
  readonly declared: ReadonlySet<string>;
  /** Members the program itself gives to objects. */
  readonly ownMembers: ReadonlySet<string>;
}

export function collectNames(program: Program): Names {
  const declared = new Set<string>();
  const ownMembers = new Set<string>();
  const bind = (pattern: AnyNode | null | undefined) => {
    if (pattern == null) return;
    visit(pattern, (node, path) => {
      if (node.type !== "Identifier" || !isReference(node, path)) return;
      declared.add(node.name);
    });
  };
  visit(program, (node) => {
    switch (node.type) {
      case "VariableDeclarator":
        bind(node.id);
        break;
      case "FunctionDeclaration":
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
  return { declared, ownMembers };
}
