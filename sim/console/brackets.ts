/** Decides, as the interpreter does, whether a line typed on the console is complete: by brackets, comments and template literals. */

/** Words after which a slash begins a regular expression. */
const BEFORE_VALUE = /^(?:return|typeof|case|delete|throw|in|of|instanceof|new|void|else|do)$/;

/** True while more lines have to come before `source` can be run. */
export function isUnfinished(source: string): boolean {
  let depth = 0;
  /** Whether what came last was a value, so that a slash divides. */
  let afterValue = false;
  let index = 0;
  const skipTo = (pattern: RegExp): boolean => {
    pattern.lastIndex = index;
    const found = pattern.exec(source);
    if (found) index += found[0].length;
    return found !== null;
  };
  while (index < source.length) {
    if (skipTo(/\s+|\/\/[^\n]*/y)) continue;
    if (source.startsWith("/*", index)) {
      if (!skipTo(/\/\*[\s\S]*?\*\//y)) return true;
      continue;
    }
    const character = source.charAt(index);
    if (character === "`") {
      if (!skipTo(/`(?:\\[\s\S]|[^\\`])*`/y)) return true;
      afterValue = true;
    } else if (character === '"' || character === "'") {
      // A string that is not finished is run at once, so that its error shows.
      if (!skipTo(character === '"' ? /"(?:\\[\s\S]|[^\\"\n])*"/y : /'(?:\\[\s\S]|[^\\'\n])*'/y))
        return false;
      afterValue = true;
    } else if (/[\w$]/.test(character)) {
      const start = index;
      skipTo(/[\w$]+/y);
      afterValue = !BEFORE_VALUE.test(source.slice(start, index));
    } else if (character === "/" && !afterValue && skipTo(/\/(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\[\n])+\//y)) {
      afterValue = true;
    } else {
      index++;
      if ("{[(".includes(character)) depth++;
      if ("}])".includes(character)) depth--;
      if (depth < 0) return false;
      afterValue = "}])".includes(character);
    }
  }
  return depth > 0;
}
