/** What of a program's text takes up variables once it has been run from flash: its top-level functions and variables. */
import { type Node, parse } from "acorn";

export interface ProgramShape {
  readonly bytes: number;
  /** Functions made when the program runs, and their parameters. */
  readonly functions: number;
  readonly parameters: number;
  /** Variables declared at the top level. */
  readonly variables: number;
}

/** Counts in `code`. A text that is no program counts as one without functions and variables. */
export function shapeOf(code: string): ProgramShape {
  const shape = { bytes: code.length, functions: 0, parameters: 0, variables: 0 };
  let program: Node;
  try {
    program = parse(code, { ecmaVersion: "latest", sourceType: "script" });
  } catch {
    return shape;
  }
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (typeof value !== "object" || value === null || !("type" in value)) return;
    const { type } = value;
    if (typeof type === "string" && type.includes("Function")) {
      shape.functions++;
      shape.parameters += (value as unknown as { params: unknown[] }).params.length;
      // What stands inside is made when it is called.
      return;
    }
    if (type === "VariableDeclarator") shape.variables++;
    for (const child of Object.values(value)) visit(child);
  };
  visit(program);
  return shape;
}
