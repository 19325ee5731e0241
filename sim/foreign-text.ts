/**
 * Program text made fit for V8. `import()` would hand the program objects of the host, and with them the host; on the board `import` is a name
 * that nobody declared. And a direct `eval` would compile text that nobody has seen.
 */
import { parse } from "acorn";

/** Of a keyword V8 allows no escapes; in a string, a template, a pattern or a name of somebody's own they mean the same. So no parser has to be right. */
const ESCAPED = "\\u0069mport";
/** Not where a backslash before it makes an escape of its first letter: no token ends with one. */
const KEYWORD = /(?<![\w$])(?<=(?<!\\)(?:\\\\)*)import(?![\w$])/g;
/** Called as the board reads `import`: nothing of that name is there. */
const UNDECLARED = '(()=>{throw ReferenceError("import is not defined")})';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What V8 may compile in the place of `code`. */
export function boardText(code: string): string {
  if (!/import|eval/.test(code)) return code;
  return edited(code, editsOf(code)).replace(KEYWORD, ESCAPED);
}

function editsOf(code: string): Edit[] {
  const edits: Edit[] = [];
  const visit = (value: unknown, within: Node | undefined): void => {
    if (Array.isArray(value)) for (const one of value) visit(one, within);
    else if (isNode(value)) {
      if (value.type === "ImportExpression")
        edits.push({ start: value.start, end: value.start + "import".length, text: UNDECLARED });
      if (within && isEval(value)) edits.push(withScope(value, within));
      const inner = within ?? (/Function|Method/.test(value.type) ? value : undefined);
      for (const member of Object.values(value)) visit(member, inner);
    }
  };
  try {
    visit(parse(code, { ecmaVersion: "latest", allowReturnOutsideFunction: true }), undefined);
  } catch {
    // What acorn cannot read V8 may still run: with every `import` refused, and `eval` seeing no names but the global ones.
    return [];
  }
  return edits;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

function isEval({ type, callee, arguments: args }: Node): boolean {
  if (type !== "CallExpression" || !isNode(callee) || !Array.isArray(args)) return false;
  return callee.type === "Identifier" && callee.name === "eval" && args.length === 1;
}

/** The board's `eval` is handed the names around it. Those of the whole outermost function: what is not in scope at the call is not there. */
function withScope(call: Node, within: Node): Edit {
  const names = new Set<string>();
  declaredIn(within, names);
  let value = "v";
  while (names.has(value)) value += "_";
  const members = [...names].map(
    (name) => `get ${name}(){return ${name}},set ${name}(${value}){${name}=${value}}`,
  );
  const { end } = (call.arguments as Node[])[0] as Node;
  return { start: end, end, text: `,{${["__proto__:null", ...members].join()}},this` };
}

const UNNAMEABLE = new Set(["eval", "arguments"]);

function declaredIn(value: unknown, names: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) declaredIn(one, names);
  if (!isNode(value)) return;
  const { id, params, param } = value;
  for (const pattern of [id, params, param]) namesIn(pattern, names);
  for (const member of Object.values(value)) declaredIn(member, names);
}

/** The names that a pattern binds. */
function namesIn(pattern: unknown, names: Set<string>): void {
  if (Array.isArray(pattern)) for (const one of pattern) namesIn(one, names);
  if (!isNode(pattern)) return;
  if (pattern.type === "Identifier") {
    if (!UNNAMEABLE.has(String(pattern.name))) names.add(String(pattern.name));
    return;
  }
  const { left, argument, elements, properties, value } = pattern;
  for (const part of [left, argument, elements, properties, value]) namesIn(part, names);
}

function edited(code: string, edits: readonly Edit[]): string {
  let text = code;
  for (const { start, end, text: fresh } of edits.toSorted((one, other) => other.start - one.start))
    text = text.slice(0, start) + fresh + text.slice(end);
  return text;
}
