/**
 * Program text as the board's interpreter means it where a variable is used before its `var` has run. V8 hoists and the interpreter does not: there the
 * name is one of an outer function, or of the whole program, until the `var` runs.
 */
import { type AnyNode, type Program, parse } from "acorn";
import { type Edit, edited } from "./edits.ts";
import { lateVariables } from "./late-names.ts";
import type { Binding, Declaration } from "./scopes.ts";

/** The board of a test, and a thousand others, run the same few texts. */
const LARGEST_CACHE = 32;
const made = { everywhere: new Map<string, string>(), "in functions": new Map<string, string>() };

/**
 * What V8 may run in the place of `code`; the same text where no variable is late, and where acorn cannot read it. Lines stay lines. "in functions"
 * leaves the text's own variables alone: in `eval` they belong to the program that calls it.
 */
export function unhoisted(code: string, where: "everywhere" | "in functions" = "everywhere"): string {
  if (!/\bvar\b/.test(code)) return code;
  const cache = made[where];
  const known = cache.get(code);
  if (known !== undefined) return known;
  const text = rewritten(code, where);
  if (cache.size >= LARGEST_CACHE) cache.clear();
  cache.set(code, text);
  return text;
}

const HEAD = "(function(){";
const TAIL = "})";

/** The same for the text of a function's body. */
export function unhoistedBody(code: string): string {
  return unhoisted(`${HEAD}${code}\n${TAIL}`, "in functions").slice(HEAD.length, -TAIL.length);
}

function rewritten(code: string, where: "everywhere" | "in functions"): string {
  let program: Program;
  try {
    program = parse(code, { ecmaVersion: "latest", allowReturnOutsideFunction: true });
  } catch {
    return code;
  }
  // What is strict has no `with`.
  if (/["']use strict["']/.test(code)) return code;
  const names = freshNames(code);
  const edits: Edit[] = [];
  const wrapped = new Set<AnyNode>();
  for (const { binding } of lateVariables(program)) {
    const { node } = binding.scope;
    const isProgram = node.type === "Program";
    if (isStrict(binding) || (isProgram && where === "in functions")) continue;
    for (const declaration of binding.declarations)
      if (declaration.kind === "var")
        edits.push(...declared(declaration, isProgram ? "this" : names.scope, names.unused));
    if (isProgram || wrapped.has(node)) continue;
    wrapped.add(node);
    edits.push(...withNames(node, names.scope));
  }
  return edited(code, edits);
}

/** Classes are strict, whatever is in them. */
function isStrict({ declarations }: Binding): boolean {
  return declarations.some(({ path }) => path.some(({ type }) => type === "ClassBody"));
}

/** From its `var` on the name is found in an object around the function's statements. */
function withNames(node: AnyNode, scope: string): Edit[] {
  if (!("body" in node) || node.body === null || Array.isArray(node.body)) return [];
  const { start, end } = node.body;
  return [
    { at: start + 1, cut: 0, text: `var ${scope}={__proto__:null};with(${scope}){` },
    { at: end - 1, cut: 0, text: "}" },
  ];
}

/** The interpreter makes the variable first, as far as there is none, and then works out its value. */
function declared({ node, path }: Declaration, scope: string, unused: string): Edit[] {
  if (node.type !== "VariableDeclarator" || node.id.type !== "Identifier") return [];
  const { id, init, start, end } = node;
  const name = `${scope}.${id.name}`;
  const list = path.at(-1);
  const loop = path.at(-2);
  const isHead = (loop?.type === "ForInStatement" || loop?.type === "ForOfStatement") && loop.left === list;
  if (isHead && list) return [{ at: list.start, cut: list.end - list.start, text: name }];
  const first = `${unused}=(${name}=`;
  if (!init) return [{ at: start, cut: end - start, text: `${first}${name})` }];
  return [
    { at: start, cut: init.start - start, text: `${first}(${name}=${name},` },
    { at: end, cut: 0, text: "))" },
  ];
}

/** Names that the text does not hold. */
function freshNames(code: string): { scope: string; unused: string } {
  let scope = "late";
  while (code.includes(scope)) scope += "_";
  let unused = "spare";
  while (code.includes(unused)) unused += "_";
  return { scope, unused };
}
