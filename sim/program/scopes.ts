/** Which name in a program's text means which declaration, by the language's own rules. */
import type { AnyNode, Program } from "acorn";
import { isReference, type Path, visit } from "./syntax-tree.ts";

export type DeclarationKind =
  | "var"
  | "let"
  | "const"
  | "class"
  | "function"
  | "parameter"
  | "catch"
  /** A function's or class's own name inside of it, where it is an expression. */
  | "own name";

export interface Declaration {
  readonly kind: DeclarationKind;
  /** The declarator of a variable, else the function, class or catch clause. */
  readonly node: AnyNode;
  /** Around `node`, outermost first. */
  readonly path: Path;
}

export interface Use {
  readonly node: AnyNode;
  readonly path: Path;
}

/** One name in one scope. */
export interface Binding {
  readonly name: string;
  readonly scope: Scope;
  readonly declarations: Declaration[];
  /** In the order of the text. */
  readonly uses: Use[];
}

export interface Scope {
  /** The program, a function, or what has names of its own inside of one: a block, loop, switch, catch clause or class. */
  readonly node: AnyNode;
  readonly bindings: ReadonlyMap<string, Binding>;
  /** The innermost function, or the program, that it belongs to. */
  readonly owner: AnyNode;
}

/** Every scope with a name in it, outer ones first. Names that nobody declares are in none. */
export function scopesOf(program: Program): Scope[] {
  const scopes = new Map<AnyNode, OpenScope>();
  const declared = new Set<AnyNode>();
  visit(program, (node, path) => {
    for (const { names, kind, at } of declarationsAt(node, path)) {
      for (const name of names) {
        declared.add(name);
        const home = homeOf(kind, node, path);
        if (home === undefined) continue;
        const scope = scopes.get(home) ?? openScope(home, path);
        scopes.set(home, scope);
        if (kind === "own name" && scope.bindings.has(name.name)) continue;
        bindingIn(scope, name.name).declarations.push({ kind, ...at });
      }
    }
  });
  visit(program, (node, path) => {
    if (node.type !== "Identifier" || declared.has(node) || !isReference(node, path)) return;
    const binding = resolve(node, path, scopes);
    binding?.uses.push({ node, path: [...path] });
  });
  return [...scopes.values()].sort((one, other) => one.node.start - other.node.start);
}

export function isFunction(node: AnyNode): boolean {
  return "params" in node;
}

/** The innermost function on a path, or the program. */
export function functionAround(path: Path): AnyNode {
  return path.findLast(isFunction) ?? (path[0] as AnyNode);
}

interface OpenScope {
  readonly node: AnyNode;
  readonly bindings: Map<string, Binding>;
  readonly owner: AnyNode;
}

function openScope(node: AnyNode, path: Path): OpenScope {
  const around = path.includes(node) ? path.slice(0, path.indexOf(node)) : path;
  return {
    node,
    bindings: new Map(),
    owner: node.type === "Program" || isFunction(node) ? node : functionAround(around),
  };
}

function bindingIn(scope: OpenScope, name: string): Binding {
  let binding = scope.bindings.get(name);
  if (!binding) {
    binding = { name, scope, declarations: [], uses: [] };
    scope.bindings.set(name, binding);
  }
  return binding;
}

type Name = Extract<AnyNode, { type: "Identifier" }>;

interface Declared {
  readonly names: readonly Name[];
  readonly kind: DeclarationKind;
  readonly at: { readonly node: AnyNode; readonly path: Path };
}

function declarationsAt(node: AnyNode, path: Path): Declared[] {
  const at = { node, path: [...path] };
  const one = (id: AnyNode | null | undefined, kind: DeclarationKind): Declared => ({
    names: namesIn(id),
    kind,
    at,
  });
  switch (node.type) {
    case "VariableDeclarator": {
      const parent = path.at(-1);
      const kind = parent?.type === "VariableDeclaration" ? parent.kind : "var";
      return [one(node.id, kind === "let" || kind === "const" ? kind : "var")];
    }
    case "FunctionDeclaration":
      return [one(node.id, "function"), ...node.params.map((parameter) => one(parameter, "parameter"))];
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return [...node.params.map((parameter) => one(parameter, "parameter")), one(node.id, "own name")];
    case "ClassDeclaration":
      return [one(node.id, "class")];
    case "ClassExpression":
      return [one(node.id, "own name")];
    case "CatchClause":
      return [one(node.param, "catch")];
    default:
      return [];
  }
}

/** The names that a pattern binds; one, but for destructuring. */
function namesIn(pattern: AnyNode | null | undefined): Name[] {
  if (pattern == null) return [];
  if (pattern.type === "Identifier") return [pattern];
  const names: Name[] = [];
  visit(pattern, (node, path) => {
    if (node.type === "Identifier" && isReference(node, path)) names.push(node);
  });
  return names;
}

const BLOCKS = new Set([
  "Program",
  "BlockStatement",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "SwitchStatement",
]);

/** Whose scope a declaration belongs to. */
function homeOf(kind: DeclarationKind, node: AnyNode, path: Path): AnyNode | undefined {
  if (kind === "parameter" || kind === "own name" || kind === "catch") return node;
  if (kind === "var") return functionAround(path);
  for (let index = path.length - 1; index >= 0; index--) {
    const around = path[index] as AnyNode;
    if (isFunction(around)) return around;
    // The block of a function is the function's scope.
    const outer = path[index - 1];
    if (BLOCKS.has(around.type) && !(outer && isFunction(outer))) return around;
  }
  return undefined;
}

function resolve(node: Name, path: Path, scopes: ReadonlyMap<AnyNode, OpenScope>): Binding | undefined {
  for (let index = path.length - 1; index >= 0; index--) {
    const around = path[index] as AnyNode;
    // What is switched on stands outside of the block that the cases are.
    if (around.type === "SwitchStatement" && around.discriminant === (path[index + 1] ?? node)) continue;
    const binding = scopes.get(around)?.bindings.get(node.name);
    if (binding) return binding;
  }
  return undefined;
}
