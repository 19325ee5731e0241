/** `${NAME}` in a text of the configuration stands for an environment variable; `$${` is `${` itself. */

/** What a reference looks like; the schema has the same. */
export const variablePattern = /(?<!\$)\$\{[A-Za-z_][A-Za-z0-9_]*\}/;

/** Whether a value needs the environment. */
export function holdsVariable(value: unknown): boolean {
  return typeof value === "string" && variablePattern.test(value);
}

/** The text for a configuration file that means exactly `text`. */
export function escapeVariables(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** Puts the values in the places of the names; `lookUp` is asked for each name, and undefined counts as empty. */
export function resolveVariables(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(/\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (found, name: string | undefined) =>
    name === undefined ? found.slice(1) : (lookUp(name) ?? ""),
  );
}
