/** The property names that firmware/board.d.ts declares: they belong to the board and keep their length. */

/** Names of members in interfaces, object types and namespaces; names of parameters are not among them. */
export function declaredMembers(declarations: string): Set<string> {
  const text = declarations.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, " ");
  const members = new Set<string>();
  const brackets: string[] = [];
  // An identifier or text in quotes with what follows it, or a bracket.
  const tokens = /(?:([A-Za-z_$][\w$]*)|"([^"]*)")(\s*\??\s*[:(<]|\s*;)?|[{}()[\]]/g;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const name = match[1] ?? match[2];
    if (name === undefined) {
      if ("{([".includes(match[0])) brackets.push(match[0]);
      else brackets.pop();
      continue;
    }
    const follows = match[3]?.trim() ?? "";
    if (brackets.at(-1) === "{" && /[:(<]$/.test(follows)) members.add(name);
    // `const`, `function` and `let` in a namespace: the name stands before its type, so it has been seen just now.
    if (follows.endsWith("(")) brackets.push("(");
  }
  return members;
}
