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
  const nodes = nodesOf(source);
  const at = offsetOf(source, frame.row, frame.column);
  const place = pointedAt(source, nodes, at, frame);
  const body = bodyAround(nodes, at);
  if (!body) return excerpt("REPL", source, place);
  // A function's lines are counted from its first statement, a single `return` left out.
  const start = body.start + 1 + (/^\s*(?:return\s)?/.exec(source.slice(body.start + 1))?.[0].length ?? 0);
  const code = source.slice(start, body.end - 1);
  // Blanks at its end belong to the last token, and show only when that is pointed at.
  const isLast = place - start >= code.search(/(?:[\w$]+|[^\w$\s])\s*$/);
  return excerpt(frame.name, isLast ? code : code.trimEnd(), place - start);
}

/** The lines for an error found before the code ran, which V8 tells at the head of the stack: file and row, the line, a mark. */
export function syntaxErrorLines(stack: string, source: string): string[] {
  const [head = "", , marks = ""] = stack.split("\n");
  const row = Number(head.slice(head.lastIndexOf(":") + 1));
  // There is no mark where the input ended too early.
  const column = marks.includes("^") ? marks.indexOf("^") : (source.split("\n")[row - 1]?.length ?? 0);
  return excerpt("REPL", source, offsetOf(source, row, column + 1));
}

function excerpt(name: string | undefined, text: string, offset: number): string[] {
  const before = text.slice(0, Math.max(0, offset)).split("\n");
  const column = before.at(-1)?.length ?? 0;
  const place = `:${before.length}:${column + 1}`;
  return [
    `    at ${name === undefined ? place : `${name} (${place})`}`,
    text.split("\n")[before.length - 1] ?? "",
    `${" ".repeat(column)}^`,
  ];
}

/** The interpreter points at the last token it took; V8 at the beginning of what failed. */
function pointedAt(source: string, nodes: readonly Node[], at: number, frame: TypedFrame): number {
  const blanksBefore = (index: number): number => /\s*$/.exec(source.slice(0, index))?.[0].length ?? 0;
  if (frame.isThrower && frame.title.startsWith("ReferenceError")) {
    const made = nodes.find((node) => node.type === "NewExpression" && node.start === at);
    const start = made ? at + (/^new\s+/.exec(source.slice(at))?.[0].length ?? 0) : at;
    const rest = /^[\w$]+(\s*)(?:[.?;]|[-+*/%&|^<>]|==|!=)/.exec(source.slice(start));
    return rest ? start + rest[0].search(/[^\w$\s]/) : start;
  }
  if (frame.isThrower && frame.title.startsWith("Error: Can't read property")) {
    const dot = at - 1 - blanksBefore(at);
    return source[dot] === "." ? dot : at;
  }
  if (frame.isThrower && frame.title.startsWith("Error: Function")) return at;
  if (frame.isThrower && frame.title.startsWith("TypeError: Assignment")) {
    const assignment = nodes.findLast(
      ({ start, end, type }) =>
        /^(?:AssignmentExpression|VariableDeclarator)$/.test(type) && start <= at && at < end,
    ) as (Node & { right?: Node; init?: Node }) | undefined;
    return (assignment?.right ?? assignment?.init)?.start ?? at;
  }
  const call = nodes.find((node) => isCall(node) && callPlace(node) === at);
  return call ? call.end - 1 : at;
}

function isCall(node: Node): boolean {
  return node.type === "CallExpression" || node.type === "NewExpression";
}

/** Where V8 says a call is: at the name that is called, or at `new`. */
function callPlace(node: Node): number {
  if (node.type === "NewExpression") return node.start;
  const { callee } = node as Node & { callee: Node & { property?: Node } };
  return callee.type === "MemberExpression" && callee.property ? callee.property.start : callee.start;
}

/** The body of the innermost function around `offset`. */
function bodyAround(nodes: readonly Node[], offset: number): Node | undefined {
  const bodies = nodes
    .filter((node) => /Function/.test(node.type))
    .map((node) => (node as Node & { body: Node }).body)
    .filter((body) => body.type === "BlockStatement" && body.start < offset && offset < body.end);
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
