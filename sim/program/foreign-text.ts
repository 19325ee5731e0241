/**
 * Program text made fit for V8. `import()` would hand the program objects of the host, and with them the host; on the board `import` is a name
 * that nobody declared. And a direct `eval` would compile text that nobody has seen.
 */
import { type AnyNode, type Program, parse } from "acorn";
import { type Edit, edited } from "./edits.ts";
import { isFunction, scopesOf } from "./scopes.ts";
import { visit } from "./syntax-tree.ts";

/** Of a keyword V8 allows no escapes; in a string, a template, a pattern or a name of somebody's own they mean the same. So no parser has to be right. */
const ESCAPED = "\\u0069mport";
/** Not where a backslash before it makes an escape of its first letter: no token ends with one. */
const KEYWORD = /(?<![\w$])(?<=(?<!\\)(?:\\\\)*)import(?![\w$])/g;
/** Called as the board reads `import`: nothing of that name is there. */
const UNDECLARED = '(()=>{throw ReferenceError("import is not defined")})';

/** What V8 may compile in the place of `code`. */
export function boardText(code: string): string {
  if (!/import|eval/.test(code)) return code;
  return edited(code, editsOf(code)).replace(KEYWORD, ESCAPED);
}

function editsOf(code: string): Edit[] {
  let program: Program;
  try {
    program = parse(code, { ecmaVersion: "latest", allowReturnOutsideFunction: true });
  } catch {
    // What acorn cannot read V8 may still run: with every `import` refused, and `eval` seeing no names but the global ones.
    return [];
  }
  const edits: Edit[] = [];
  visit(program, (node, path) => {
    if (node.type === "ImportExpression")
      edits.push({ at: node.start, cut: "import".length, text: UNDECLARED });
    const outermost = path.find(isFunction);
    const argument = evalArgument(node);
    if (outermost && argument) edits.push(withScope(argument, namesWithin(outermost, program)));
  });
  return edits;
}

/** Of a direct `eval` of one argument. */
function evalArgument(node: AnyNode): AnyNode | undefined {
  if (node.type !== "CallExpression" || node.arguments.length !== 1) return undefined;
  return node.callee.type === "Identifier" && node.callee.name === "eval" ? node.arguments[0] : undefined;
}

/** The board's `eval` is handed the names around it. Those of the whole outermost function: what is not in scope at the call is not there. */
function withScope({ end }: AnyNode, names: readonly string[]): Edit {
  let value = "v";
  while (names.includes(value)) value += "_";
  const members = names.map(
    (name) => `get ${name}(){return ${name}},set ${name}(${value}){${name}=${value}}`,
  );
  return { at: end, cut: 0, text: `,{${["__proto__:null", ...members].join()}},this` };
}

/** These cannot be assigned. */
const FIXED = new Set(["eval", "arguments"]);

function namesWithin({ start, end }: AnyNode, program: Program): string[] {
  const inner = scopesOf(program).filter(({ node }) => node.start >= start && node.end <= end);
  return [...new Set(inner.flatMap(({ bindings }) => [...bindings.keys()]))].filter(
    (name) => !FIXED.has(name),
  );
}
