/** A bundle's source map made to fit the places that the interpreter names in its errors: it points at the last token it took, not at the beginning of what failed. */
import remapping from "@jridgewell/remapping";
import { decodedMappings, type SourceMapSegment, TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import { type AnyNode, parse } from "acorn";
import { visit } from "./syntax-tree.ts";

/** A function of the bundle: from `start` up to `end`, offsets in the bundle's text. */
export interface NamedRange {
  readonly start: number;
  readonly end: number;
  /** In TypeScript; empty for one without a name. */
  readonly name: string;
}

export interface BoardMap {
  /** JSON text of a source map, version 3. */
  readonly map: string;
  /** Outer ones before inner ones. */
  readonly functions: readonly NamedRange[];
}

/**
 * `map` belongs to `code`. The new one also knows the brackets at which calls end, which lead to what is called, and the dots before names, which
 * lead to the name.
 */
export function boardMap(code: string, map: string): BoardMap {
  const trace = new TraceMap(map);
  const placeOf = lineCounter(code);
  const mappings = decodedMappings(trace).map((line) => [...line]);
  const at = (offset: number): Readonly<SourceMapSegment> | null => {
    const { line, column } = placeOf(offset);
    return traceSegment(trace, line, column);
  };
  const functions: NamedRange[] = [];
  const nameAt = (node: AnyNode | undefined): string | undefined => {
    if (node?.type !== "Identifier") return undefined;
    const segment = at(node.start);
    return (segment?.length === 5 ? trace.names[segment[4]] : undefined) ?? node.name;
  };
  const lead = (from: number, to: number): void => {
    const segment = at(to);
    if (segment === null || segment.length === 1) return;
    const { line, column } = placeOf(from);
    const [, ...original] = segment;
    mappings[line]?.push([column, ...original] as SourceMapSegment);
  };
  visit(parse(code, { ecmaVersion: "latest", sourceType: "script" }), (node, path) => {
    if (node.type === "MemberExpression" && !node.computed)
      lead(code.indexOf(".", node.object.end), node.property.start);
    if ((node.type === "CallExpression" || node.type === "NewExpression") && code[node.end - 1] === ")") {
      const { callee } = node;
      lead(
        node.end - 1,
        callee.type === "MemberExpression" && !callee.computed ? callee.property.start : callee.start,
      );
    }
    if (/^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type))
      functions.push({ start: node.start, end: node.end, name: nameAt(namedBy(node, path.at(-1))) ?? "" });
  });
  for (const line of mappings) line.sort((one, other) => one[0] - other[0]);
  const { sources, sourcesContent, names } = trace;
  const made = remapping(
    { version: 3, sources, sourcesContent: sourcesContent ?? [], names, mappings },
    () => null,
  );
  return { map: made.toString(), functions: functions.sort((one, other) => one.start - other.start) };
}

/** Where a function's name stands: its own, or that of the variable or member that it is given to. */
function namedBy(node: AnyNode, parent: AnyNode | undefined): AnyNode | undefined {
  if ("id" in node && node.id) return node.id;
  if (parent?.type === "VariableDeclarator") return parent.id;
  if (parent?.type === "AssignmentExpression" && parent.right === node)
    return parent.left.type === "MemberExpression" ? parent.left.property : parent.left;
  if (parent?.type === "Property" || parent?.type === "MethodDefinition") return parent.key;
  return undefined;
}

/** Line and column, both from 0, of an offset. */
export function lineCounter(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return (offset) => {
    let low = 0;
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low, column: offset - (starts[low] ?? 0) };
  };
}
