/** Stands for parts of @espruino-tools/core that the page never uses: its compiler, and the styles of its chooser. */

/** Names of styles. */
export const classes: Readonly<Record<string, string>> = {};

export function transpile(): never {
  throw new Error("the page sends no compiled functions");
}
