/** Where an error in typed code was, as the interpreter tells it: the place, the line, and a mark under it. */
import { type Node, parse } from "acorn";

/** One frame of V8's stack trace in typed code. */
export interface TypedFrame {
  /** Of the function; undefined at top level and in functions without a name. */
  name: string | undefined;
  /** Counted from one. */
  row: number;
  column: number;
  /** What the error says; the token that the interpreter points at depends on it. */
  title: string;
  /** Nothing of the interpreter's own lies between this frame and the error. */
  isThrower: boolean;
}

/** The lines the console prints for one frame in `source`. */
export function placeLines(source: string, frame: TypedFrame): string[] {
  const { code, start, place, isTopLevel } = look(source, frame);
  return excerpt(isTopLevel ? "REPL" : frame.name, code, place - start);
}

/** The same for a frame in a program that runs from the flash: `file`, `source`, and what the interpreter calls its top level. */
export function storedPlaceLines(
  program: { readonly file: string; readonly source: string; readonly topLevel: string },
  frame: TypedFrame,
): { lines: string[]; isTopLevel: boolean } {
  const { file, source, topLevel } = program;
  const { code, start, place, isTopLevel } = look(source, frame);
  const lines = excerpt(
    isTopLevel ? topLevel : frame.name,
    code,
    place - start,
    file + placeOf(source, place),
  );
  return { lines, isTopLevel };
}

/** By what name the call at a place of V8's (from 1) calls: of a variable or a member; undefined where there is no call. */
export function calledName(source: string, row: number, column: number): string | undefined {
  const at = offsetOf(source, row, column);
  const call = nodesOf(source).find((node) => isCall(node) && callPlace(source, node) === at);
  let callee = (call as (Node & { callee?: Node }) | undefined)?.callee as NamedNode | undefined;
  // `(0,o.m)()` calls m.
  if (callee?.type === "SequenceExpression") callee = callee.expressions?.at(-1);
  if (callee?.type === "Identifier") return callee.name;
  if (callee && /Function/.test(callee.type)) return functionText(source, callee);
  if (callee?.type !== "MemberExpression") return undefined;
  const { property } = callee;
  if (!callee.computed) return property?.name;
  return typeof property?.value === "string" ? property.value : undefined;
}

/** A function without a name goes by its text (jslPrintStackTrace), of which so much is shown. */
const LONGEST_NAME = 63;

function functionText(source: string, callee: NamedNode): string {
  const { params = [], body } = callee;
  if (!body) return "";
  const names = params.map(({ start, end }) => source.slice(start, end)).join(", ");
  const code = source.slice(body.start, body.end);
  const text = `function (${names}) ${body.type === "BlockStatement" ? code : `{return ${code}}`}`;
  return text.slice(0, LONGEST_NAME);
}

type NamedNode = Node & {
  readonly params?: readonly Node[];
  readonly body?: Node;
  readonly name?: string;
  readonly value?: unknown;
  readonly computed?: boolean;
  readonly property?: NamedNode;
  readonly expressions?: readonly NamedNode[];
};

/** The text that the interpreter has before it where a frame is: of the function, or the whole; and the offset it points at. */
function look(
  source: string,
  frame: TypedFrame,
): { code: string; start: number; place: number; isTopLevel: boolean } {
  const nodes = nodesOf(source);
  const at = offsetOf(source, frame.row, frame.column);
  const place = pointedAt(source, nodes, at, frame);
  const body = bodyAround(nodes, at);
  if (!body) return { code: source, start: 0, place, isTopLevel: true };
  const opens = body.type === "BlockStatement" ? 1 : 0;
  // A function's lines are counted from its first statement, a single `return` left out.
  const start =
    body.start + opens + (/^\s*(?:return\b\s*)?/.exec(source.slice(body.start + opens))?.[0].length ?? 0);
  const code = source.slice(start, body.end - opens);
  // Blanks at its end belong to the last token, and show only when that is pointed at.
  const isLast = place - start >= code.search(/(?:[\w$]+|[^\w$\s])\s*$/);
  return { code: isLast ? code : code.trimEnd(), start, place, isTopLevel: false };
}

/**
 * The lines for an error found before the code ran, which V8 tells at the head of the stack: file and row, the line, a mark. `stored`: of a program
 * that runs from the flash.
 */
export function syntaxErrorLines(
  stack: string,
  source: string,
  stored?: { readonly file: string; readonly topLevel: string },
): string[] {
  const [head = "", , marks = ""] = stack.split("\n");
  const row = Number(head.slice(head.lastIndexOf(":") + 1));
  // There is no mark where the input ended too early.
  const column = marks.includes("^") ? marks.indexOf("^") : (source.split("\n")[row - 1]?.length ?? 0);
  const offset = offsetOf(source, row, column + 1);
  if (stored) return excerpt(stored.topLevel, source, offset, stored.file + placeOf(source, offset));
  return excerpt("REPL", source, offset);
}

/** `:line:column` of an offset, both from 1. */
function placeOf(text: string, offset: number): string {
  const before = text.slice(0, Math.max(0, offset)).split("\n");
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** jslPrintTokenLineMarker: of a line of more than 60 characters it shows 60, from 30 before the place on. */
const LONG_LINE = 60;
const BEFORE_PLACE = 30;

function excerpt(
  name: string | undefined,
  text: string,
  offset: number,
  place = placeOf(text, offset),
): string[] {
  const before = text.slice(0, Math.max(0, offset)).split("\n");
  const column = before.at(-1)?.length ?? 0;
  const line = text.split("\n")[before.length - 1] ?? "";
  const skipped = line.length > LONG_LINE && column > BEFORE_PLACE ? column - BEFORE_PLACE : 0;
  const start = skipped > 0 ? "..." : "";
  const end = line.length - skipped >= LONG_LINE ? "..." : "";
  return [
    `    at ${name === undefined ? place : `${name} (${place})`}`,
    start + line.slice(skipped, skipped + LONG_LINE) + end,
    `${" ".repeat(start.length + column - skipped)}^`,
  ];
}

/** The interpreter points at the last token it took; V8 at the beginning of what failed. */
function pointedAt(source: string, nodes: readonly Node[], at: number, frame: TypedFrame): number {
  const blanksBefore = (index: number): number => /\s*$/.exec(source.slice(0, index))?.[0].length ?? 0;
  if (frame.isThrower && frame.title.startsWith("ReferenceError")) {
    const name = /^ReferenceError: "(.*)" is not defined$/.exec(frame.title)?.[1];
    // V8 points at the name, or at what is done with it.
    const named = nodes
      .filter((node) => node.type === "Identifier" && (node as NamedNode).name === name)
      .sort((one, other) => Math.abs(one.start - at) - Math.abs(other.start - at));
    const start = named[0]?.start ?? at;
    const rest = /^[\w$]+(\s*)(?:[.?;]|[-+*/%&|^<>]|==|!=)/.exec(source.slice(start));
    return rest ? start + rest[0].search(/[^\w$\s]/) : start;
  }
  if (frame.isThrower && frame.title.startsWith("Error: Can't read property")) {
    const dot = at - 1 - blanksBefore(at);
    if (source[dot] === ".") return dot;
    // V8 points at the `=` of an assignment to what is not there.
    const assigned = nodes.findLast(
      ({ type, start, end }) => type === "AssignmentExpression" && start <= at && at < end,
    ) as (Node & { left: Node & { object?: Node; computed?: boolean } }) | undefined;
    return assigned?.left.object && !assigned.left.computed
      ? source.indexOf(".", assigned.left.object.end)
      : at;
  }
  if (frame.isThrower && frame.title.startsWith("Error: Function")) return at;
  if (frame.isThrower && frame.title.startsWith("TypeError: Assignment")) {
    const assignment = nodes.findLast(
      ({ start, end, type }) =>
        /^(?:AssignmentExpression|VariableDeclarator)$/.test(type) && start <= at && at < end,
    ) as (Node & { right?: Node; init?: Node }) | undefined;
    return (assignment?.right ?? assignment?.init)?.start ?? at;
  }
  const call = nodes.find((node) => isCall(node) && callPlace(source, node) === at);
  return call ? call.end - 1 : at;
}

function isCall(node: Node): boolean {
  return node.type === "CallExpression" || node.type === "NewExpression";
}

/** Where V8 says a call is: at the name that is called, or at `new`; where there is no name, at the bracket. */
function callPlace(source: string, node: Node): number {
  if (node.type === "NewExpression") return node.start;
  const { callee } = node as Node & { callee: Node & { property?: Node; computed?: boolean } };
  if (callee.type === "Identifier") return callee.start;
  if (callee.type === "MemberExpression" && callee.property && !callee.computed) return callee.property.start;
  return source.indexOf("(", callee.end);
}

/** The body of the innermost function around `offset`: a block, or the expression of an arrow function. */
function bodyAround(nodes: readonly Node[], offset: number): Node | undefined {
  const bodies = nodes
    .filter((node) => /Function/.test(node.type))
    .map((node) => (node as Node & { body: Node }).body)
    .filter((body) =>
      body.type === "BlockStatement"
        ? body.start < offset && offset < body.end
        : body.start <= offset && offset < body.end,
    );
  return bodies.at(-1);
}

/** All nodes, outer ones first; none when `source` is no JavaScript. */
function nodesOf(source: string): Node[] {
  const nodes: Node[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null && "type" in value) {
      nodes.push(value as Node);
      Object.values(value).forEach(visit);
    }
  };
  try {
    visit(parse(source, { ecmaVersion: "latest", allowReturnOutsideFunction: true }));
  } catch {
    return [];
  }
  return nodes;
}

function offsetOf(source: string, row: number, column: number): number {
  const lines = source.split("\n").slice(0, row - 1);
  return lines.reduce((sum, line) => sum + line.length + 1, 0) + column - 1;
}
