/**
 * Turns the one instance of a kind of state object into variables. Firmware code keeps its state in objects, so that two
 * clients can live in one program; where a program makes only one, each `client.field` becomes a variable and the
 * parameter `client` disappears from every function: less text, and no look-up by name on the board. Callbacks that no
 * program assigns become a constant `undefined`, and the minifier takes away what hangs on them.
 */

import remapping from "@jridgewell/remapping";
import { type AnyNode, type Identifier, type ObjectExpression, type Program, parse } from "acorn";
import MagicString from "magic-string";
import type { Generated } from "./bundle.ts";
import { isReference, visit } from "./syntax-tree.ts";

/** A kind of state object: who makes it, and the name it bears everywhere in the source. */
export interface StateObject {
  factory: string;
  name: string;
}

/** Every kind the firmware has. */
export const stateObjects: readonly StateObject[] = [
  { factory: "createClient", name: "client" },
  { factory: "createLink", name: "link" },
];

/**
 * Applies the transformation to a bundle whose names are not shortened yet. A kind that is made more than once, or never,
 * is left alone. Throws where an instance is used as a value other than as an argument or by its fields.
 */
export function singleInstances(
  readable: Generated,
  kinds: readonly StateObject[] = stateObjects,
): Generated {
  const { code } = readable;
  const text = new MagicString(code);
  const tree = parse(code, { ecmaVersion: "latest", sourceType: "script" });
  const declarations: string[] = [];
  for (const kind of kinds)
    if (countCalls(tree, kind.factory) === 1) declarations.push(...replace(text, tree, kind));
  if (declarations.length === 0) return readable;
  text.appendRight(wrapperBody(tree), `var ${declarations.join(",")};`);
  const map = remapping(
    [text.generateMap({ hires: true }).toString(), JSON.stringify(readable.map)],
    () => null,
  );
  return { code: text.toString(), map: JSON.parse(map.toString()) };
}

/** Where the text of the function around the whole bundle begins. */
function wrapperBody(tree: Program): number {
  const statement = tree.body.find((node) => node.type === "ExpressionStatement" && node.expression.type === "CallExpression");
  if (statement?.type === "ExpressionStatement" && statement.expression.type === "CallExpression") {
    const { callee } = statement.expression;
    if (callee.type === "ArrowFunctionExpression") return callee.body.start + 1;
  }
  throw new Error("the bundle has no function around it");
}

function countCalls(tree: AnyNode, factory: string): number {
  let count = 0;
  visit(tree, (node) => {
    if (node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === factory)
      count++;
  });
  return count;
}

/** Rewrites every use of one kind; returns the declarations of the variables that stand for its fields. */
function replace(text: MagicString, tree: AnyNode, { factory, name }: StateObject): string[] {
  const isInstance = (node: AnyNode | null | undefined): node is Identifier =>
    node?.type === "Identifier" && new RegExp(`^${name}\\d*$`).test(node.name);
  const variable = (field: string) => `${name}$${field}`;
  const initial = new Map<string, string>();
  const declare = (field: string) => initial.has(field) || initial.set(field, "");

  const dropFromList = (list: readonly AnyNode[]) => {
    list.forEach((node, index) => {
      if (!isInstance(node)) return;
      const next = list[index + 1];
      const previous = list[index - 1];
      text.remove(next || !previous ? node.start : previous.end, next ? next.start : node.end);
    });
  };

  const rewrite = (node: Identifier, parent: AnyNode, grandparent: AnyNode | undefined): void => {
    if (parent.type === "MemberExpression" && parent.property.type === "Identifier" && !parent.computed) {
      declare(parent.property.name);
      text.overwrite(parent.start, parent.end, variable(parent.property.name));
    } else if (parent.type === "CallExpression" && parent.callee !== node) return;
    else if ("params" in parent) return;
    else if (parent.type === "ReturnStatement") text.remove(parent.start, parent.end);
    else if (
      parent.type === "VariableDeclarator" &&
      parent.id === node &&
      grandparent?.type === "VariableDeclaration"
    ) {
      const value = parent.init;
      if (grandparent.declarations.length > 1) throw misuse(name, code(parent));
      if (value?.type === "ObjectExpression") assignFields(value, grandparent);
      else if (value?.type === "CallExpression") text.remove(grandparent.start, value.start);
      else throw misuse(name, code(parent));
    } else throw misuse(name, code(parent));
  };
  const code = (node: AnyNode) => text.original.slice(node.start, node.end).slice(0, 60);

  const assignFields = (literal: ObjectExpression, declaration: AnyNode) => {
    text.remove(declaration.start, literal.start + 1);
    let position = literal.start + 1;
    for (const property of literal.properties) {
      if (property.type !== "Property" || property.computed || property.key.type !== "Identifier")
        throw misuse(name, code(property));
      const field = property.key.name;
      text.remove(position, property.start);
      position = property.end;
      if (property.value.type === "Literal") {
        initial.set(field, `=${text.original.slice(property.value.start, property.value.end)}`);
        text.remove(property.start, property.end);
      } else if (property.shorthand) {
        declare(field);
        text.overwrite(property.start, property.end, `${variable(field)}=${field};`);
      } else {
        declare(field);
        text.overwrite(
          property.start,
          property.value.start,
          `${variable(field)}=${property.method ? "function" : ""}`,
        );
        text.appendLeft(property.end, ";");
      }
    }
    text.remove(position, declaration.end);
  };

  visit(tree, (node, path) => {
    if (node.type === "CallExpression") dropFromList(node.arguments);
    if ("params" in node) dropFromList(node.params as AnyNode[]);
    const parent = path.at(-1);
    if (parent && isInstance(node) && isReference(node, path)) rewrite(node, parent, path.at(-2));
  });
  if (initial.size === 0) throw misuse(name, factory);
  return [...initial].map(([field, value]) => variable(field) + value);
}

function misuse(name: string, found: string): Error {
  return new Error(
    `the state object "${name}" may only be passed on, or used by its fields; found: ${found}`,
  );
}
