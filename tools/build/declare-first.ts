/**
 * Moves a `var` to where it has run before its variable is used. The language lets it stand anywhere in the function, and the minifier puts
 * variables of functions that it writes in place at the end; the board's interpreter does not hoist, and would take the name for an outer one.
 */
import remapping from "@jridgewell/remapping";
import { type AnyNode, parse, type VariableDeclaration, type VariableDeclarator } from "acorn";
import MagicString from "magic-string";
import { type LateVariable, lateVariables } from "../../sim/program/late-names.ts";
import type { Generated } from "./bundle.ts";

/** The same program, in about as many bytes as before. */
export function declareFirst(generated: Generated): Generated {
  const late = lateVariables(parse(generated.code, { ecmaVersion: "latest", sourceType: "script" }));
  if (late.length === 0) return generated;
  const text = new MagicString(generated.code);
  const moved = new Set(late.flatMap(({ binding }) => binding.declarations.map(({ node }) => node)));
  const places = new Map<AnyNode, string[]>();
  for (const variable of late) {
    const place = placeFor(variable, moved);
    places.set(place, [...(places.get(place) ?? []), variable.binding.name]);
  }
  takeAway(text, late, moved);
  for (const [place, names] of places) declare(text, place, names.join());
  const map = remapping(
    [text.generateMap({ hires: "boundary" }).toString(), JSON.stringify(generated.map)],
    () => null,
  );
  return { code: text.toString(), map: JSON.parse(map.toString()) };
}

/** A `var` among the function's own statements that stays and runs before the variable is used, or else the function itself. */
function placeFor({ binding }: LateVariable, moved: ReadonlySet<AnyNode>): AnyNode {
  const { scope, uses, declarations } = binding;
  const first = Math.min(...[...uses, ...declarations].map(({ node }) => node.start));
  for (const statement of statementsOf(scope.node)) {
    if (statement.start > first) break;
    const declaration = statement.type === "ForStatement" ? statement.init : statement;
    if (declaration?.type === "VariableDeclaration" && declaration.kind === "var")
      if (declaration.declarations.some((one) => !moved.has(one))) return declaration;
  }
  return scope.node;
}

function statementsOf(scope: AnyNode): readonly AnyNode[] {
  if (scope.type === "Program") return scope.body;
  const body = "body" in scope ? scope.body : undefined;
  return body && !Array.isArray(body) && body.type === "BlockStatement" ? body.body : [];
}

function declare(text: MagicString, place: AnyNode, names: string): void {
  if (place.type === "VariableDeclaration") {
    text.prependRight((place.declarations[0] as VariableDeclarator).start, `${names},`);
    return;
  }
  const first = statementsOf(place).find((statement) => !("directive" in statement));
  if (first) text.prependRight(first.start, `var ${names};`);
}

/** Takes declarations away that stand too late; what they begin with stays, as an assignment. */
function takeAway(text: MagicString, late: readonly LateVariable[], moved: ReadonlySet<AnyNode>): void {
  const done = new Set<AnyNode>();
  for (const { path } of late.flatMap(({ binding }) => binding.declarations)) {
    const [around, declaration] = path.slice(-2);
    if (declaration?.type !== "VariableDeclaration" || around === undefined || done.has(declaration))
      continue;
    done.add(declaration);
    const { declarations, start } = declaration;
    const stays = declarations.filter((one) => one.init || !moved.has(one) || isHead(declaration, around));
    if (stays.length === 0) removeStatement(text, declaration, around);
    else {
      // Where others need the word, a variable that is declared already is declared once more.
      if (declarations.every((one) => moved.has(one)))
        text.remove(start, (declarations[0] as VariableDeclarator).start);
      removeFromList(text, declarations, new Set(stays));
    }
  }
}

/** Whether it is the variable of a `for..in` or `for..of`. */
function isHead(declaration: AnyNode, around: AnyNode): boolean {
  return "left" in around && around.left === declaration;
}

/** What ends with a semicolon that the end of a block makes needless. */
const SIMPLE = /^(?:Expression|Return|Throw|Break|Continue)Statement$|^VariableDeclaration$/;

function removeStatement(text: MagicString, declaration: VariableDeclaration, around: AnyNode): void {
  const { start, end } = declaration;
  const list: unknown =
    "consequent" in around ? around.consequent : "body" in around ? around.body : undefined;
  if (Array.isArray(list)) {
    const before = (list as AnyNode[])[list.indexOf(declaration) - 1];
    const isNeedless =
      around.type === "BlockStatement" && list.at(-1) === declaration && before && SIMPLE.test(before.type);
    const hasSemicolon = isNeedless && text.original[before.end - 1] === ";" && before.end === start;
    text.remove(hasSemicolon ? start - 1 : start, end);
    // The head of a `for` has semicolons of its own; anywhere else there has to be a statement.
  } else if ("init" in around && around.init === declaration) text.remove(start, end);
  else text.overwrite(start, end, ";");
}

function removeFromList(text: MagicString, list: readonly AnyNode[], stays: ReadonlySet<AnyNode>): void {
  // Up to the first that stays all goes, and later each with the comma before it.
  let from = (list[0] as AnyNode).start;
  let isFirst = true;
  for (const one of list) {
    if (stays.has(one)) {
      if (isFirst) text.remove(from, one.start);
      isFirst = false;
    } else if (!isFirst) text.remove(from, one.end);
    if (!isFirst) from = one.end;
  }
}
