/**
 * Turns what a program makes only once into plain variables and functions of the whole program. Firmware code keeps its
 * state in objects made by factories, so that two clients can live in one program. Where there is one, `client.field`
 * becomes a variable, the parameter `client` disappears from every function, and the factory's body takes the place of
 * its call. That is less text, no look-up by name, and no scope for each function to remember: on the board some
 * hundred bytes and as many variables. A callback that no program assigns becomes a constant `undefined`, and the
 * minifier takes away what hangs on it.
 */

import remapping from "@jridgewell/remapping";
import {
  type AnyNode,
  type CallExpression,
  type FunctionDeclaration,
  type Identifier,
  type ObjectExpression,
  type Program,
  parse,
} from "acorn";
import MagicString from "magic-string";
import type { Generated } from "./bundle.ts";
import { isReference, visit } from "./syntax-tree.ts";

/** A factory, and the name its object bears everywhere in the source; a factory without one only sets things up. */
export interface Factory {
  readonly factory: string;
  readonly name?: string;
}

/** Every factory of the firmware. */
export const factories: readonly Factory[] = [
  { factory: "createClient", name: "client" },
  { factory: "createLink", name: "link" },
  { factory: "createLamp" },
];

/**
 * Applies the transformation to a bundle whose names are not shortened yet. A factory called more than once, or not at
 * all, is left alone. Throws where an object is used other than as an argument or by its fields.
 */
export function singleInstances(readable: Generated, kinds: readonly Factory[] = factories): Generated {
  const text = new MagicString(readable.code);
  const tree = parse(readable.code, { ecmaVersion: "latest", sourceType: "script" });
  const declarations: string[] = [];
  const names = topLevelNames(tree);
  for (const kind of kinds) {
    const call = onlyCall(tree, kind.factory);
    const body = tree.body.find(
      (node) => node.type === "FunctionDeclaration" && node.id.name === kind.factory,
    );
    if (!call || body?.type !== "FunctionDeclaration") continue;
    if (kind.name !== undefined) declarations.push(...fieldsToVariables(text, tree, kind.name));
    dissolve(text, body, call, kind.name, names);
  }
  passFunctionsOn(text, tree);
  if (declarations.length > 0) text.prepend(`var ${declarations.join(",")};\n`);
  const map = remapping(
    [text.generateMap({ hires: "boundary" }).toString(), JSON.stringify(readable.map)],
    () => null,
  );
  return { code: text.toString(), map: JSON.parse(map.toString()) };
}

interface Call {
  readonly statement: AnyNode;
  readonly call: CallExpression;
}

/** The call of a factory, where it is the only one and stands by itself or initialises a variable of the program. */
function onlyCall(tree: Program, factory: string): Call | undefined {
  let calls = 0;
  visit(tree, (node) => {
    if (node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === factory)
      calls++;
  });
  if (calls !== 1) return undefined;
  for (const statement of tree.body) {
    const call =
      statement.type === "ExpressionStatement"
        ? statement.expression
        : statement.type === "VariableDeclaration" && statement.declarations.length === 1
          ? statement.declarations[0]?.init
          : undefined;
    if (call?.type === "CallExpression" && call.callee.type === "Identifier" && call.callee.name === factory)
      return { statement, call };
  }
  return undefined;
}

function topLevelNames(tree: Program): Set<string> {
  return new Set(tree.body.flatMap(declaredBy));
}

function declaredBy(node: AnyNode): string[] {
  if (node.type === "FunctionDeclaration") return node.id ? [node.id.name] : [];
  if (node.type !== "VariableDeclaration") return [];
  return node.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
}

function isNamed(node: AnyNode | null | undefined, name: string | undefined): node is Identifier {
  return name !== undefined && node?.type === "Identifier" && isNumbered(node.name, name);
}

/** Whether `word` is `name`, or `name` with the number that the bundler gave it. */
function isNumbered(word: string, name: string): boolean {
  return word.startsWith(name) && /^\d*$/.test(word.slice(name.length));
}

/** Puts the body of a factory in the place of its call; its parameters become variables. */
function dissolve(
  text: MagicString,
  factory: FunctionDeclaration,
  { statement, call }: Call,
  name: string | undefined,
  names: Set<string>,
): void {
  const anyInstance = (node: AnyNode | undefined) => factories.some((kind) => isNamed(node, kind.name));
  const own = factory.body.body
    .flatMap(declaredBy)
    .filter((local) => !(name !== undefined && isNumbered(local, name)));
  const parameters = factory.params.flatMap((parameter, index) => {
    const argument = call.arguments[index];
    if (anyInstance(parameter)) return [];
    if (parameter.type !== "Identifier" || !argument)
      throw misuse(factory.id.name, "a parameter that is no plain name");
    return [{ name: parameter.name, argument }];
  });
  for (const local of [...own, ...parameters.map((parameter) => parameter.name)]) {
    if (names.has(local)) throw misuse(factory.id.name, `the name ${local}, which the program has already`);
    names.add(local);
  }
  const { body } = factory;
  text.remove(factory.start, body.start + 1);
  text.remove(body.end - 1, factory.end);
  text.move(body.start + 1, body.end - 1, statement.start);
  // What is left of the call: its arguments, before the body that uses them.
  let position = statement.start;
  for (const parameter of parameters) {
    text.remove(position, parameter.argument.start);
    text.appendRight(parameter.argument.start, `var ${parameter.name}=`);
    text.appendLeft(parameter.argument.end, ";");
    text.move(parameter.argument.start, parameter.argument.end, body.start + 1);
    position = parameter.argument.end;
  }
  text.remove(position, statement.end);
}

/** `(data) => receive(client, data)` is `receive` itself once `client` is gone. */
function passFunctionsOn(text: MagicString, tree: Program): void {
  const functions = new Set(
    tree.body.flatMap((node) => (node.type === "FunctionDeclaration" ? [node.id.name] : [])),
  );
  const isObject = (node: AnyNode) => factories.some((kind) => isNamed(node, kind.name));
  const nameOf = (node: AnyNode) => (node.type === "Identifier" ? node.name : "");
  visit(tree, (node, path) => {
    if (node.type !== "ArrowFunctionExpression" || node.body.type !== "CallExpression") return;
    const { callee } = node.body;
    const given = node.body.arguments.filter((argument) => !isObject(argument));
    const same =
      given.length < node.body.arguments.length &&
      given.length === node.params.length &&
      given.every(
        (argument, index) =>
          nameOf(argument) !== "" && nameOf(argument) === nameOf(node.params[index] as AnyNode),
      );
    if (
      same &&
      callee.type === "Identifier" &&
      functions.has(callee.name) &&
      path.at(-1)?.type === "CallExpression"
    )
      text.overwrite(node.start, node.end, callee.name);
  });
}

/** Rewrites every use of an object; returns the declarations of the variables that stand for its fields. */
function fieldsToVariables(text: MagicString, tree: AnyNode, name: string): string[] {
  const variable = (field: string) => `${name}$${field}`;
  const initial = new Map<string, string>();
  const declare = (field: string) => initial.has(field) || initial.set(field, "");
  const source = (node: AnyNode) => text.original.slice(node.start, node.end).slice(0, 60);

  const dropFromList = (list: readonly AnyNode[]) => {
    list.forEach((node, index) => {
      if (!isNamed(node, name)) return;
      const next = list[index + 1];
      const previous = list[index - 1];
      text.remove(next || !previous ? node.start : previous.end, next ? next.start : node.end);
    });
  };

  const rewrite = (node: Identifier, parent: AnyNode, grandparent: AnyNode | undefined): void => {
    if (parent.type === "MemberExpression" && parent.property.type === "Identifier" && !parent.computed) {
      declare(parent.property.name);
      text.overwrite(parent.start, parent.end, variable(parent.property.name));
    } else if ((parent.type === "CallExpression" && parent.callee !== node) || "params" in parent) return;
    else if (parent.type === "ReturnStatement") text.remove(parent.start, parent.end);
    else if (
      parent.type === "VariableDeclarator" &&
      parent.id === node &&
      grandparent?.type === "VariableDeclaration"
    ) {
      if (grandparent.declarations.length > 1) throw misuse(name, source(parent));
      if (parent.init?.type === "ObjectExpression") assignFields(parent.init, grandparent);
      else if (parent.init?.type !== "CallExpression") throw misuse(name, source(parent));
    } else throw misuse(name, source(parent));
  };

  const assignFields = (literal: ObjectExpression, declaration: AnyNode) => {
    let position = declaration.start;
    for (const property of literal.properties) {
      if (property.type !== "Property" || property.computed || property.key.type !== "Identifier")
        throw misuse(name, source(property));
      const field = property.key.name;
      text.remove(position, property.start);
      position = property.end;
      if (property.value.type === "Literal") {
        initial.set(field, `=${text.original.slice(property.value.start, property.value.end)}`);
        text.remove(property.start, property.end);
      } else {
        declare(field);
        if (property.shorthand) text.overwrite(property.start, property.end, `${variable(field)}=${field};`);
        else {
          text.overwrite(
            property.start,
            property.value.start,
            `${variable(field)}=${property.method ? "function" : ""}`,
          );
          text.appendLeft(property.end, ";");
        }
      }
    }
    text.remove(position, declaration.end);
  };

  visit(tree, (node, path) => {
    if (node.type === "CallExpression") dropFromList(node.arguments);
    if ("params" in node) dropFromList(node.params as AnyNode[]);
    const parent = path.at(-1);
    if (parent && isNamed(node, name) && isReference(node, path)) rewrite(node, parent, path.at(-2));
  });
  return [...initial].map(([field, value]) => variable(field) + value);
}

function misuse(name: string, found: string): Error {
  return new Error(
    `"${name}" is made once and may only be passed on, or used by its fields; found: ${found}`,
  );
}
