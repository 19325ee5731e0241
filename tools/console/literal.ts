/** Bytes as JavaScript text that passes any cable and any version of the interpreter, and the board's quoted text read back. */

/** Code for a string of these bytes, in printable ASCII, whichever way is shorter: a literal with escapes, or base64 that the board decodes. */
export function bytesAsCode(bytes: Uint8Array): string {
  const literal = quoted(bytes);
  if (literal.length <= bytes.length * 1.3) return literal;
  const encoded = `atob("${base64(bytes)}")`;
  return encoded.length < literal.length ? encoded : literal;
}

/** A string literal. Bytes over 126 are escaped: newer interpreters would take some for UTF-8. */
export function quoted(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte === 10) text += "\\n";
    else if (byte === 13) text += "\\r";
    else if (byte < 32 || byte > 126) text += `\\x${byte.toString(16).padStart(2, "0")}`;
    else text += String.fromCharCode(byte);
  }
  return `"${text}"`;
}

/** A name or other text of single-byte characters as a literal. */
export function quotedText(text: string): string {
  return quoted(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/** Code without any byte but printable ASCII, line feeds aside: what else there is can only stand in a string, where an escape means the same. */
export function printableCode(code: string): string {
  return code.replace(/[^\n\x20-\x7e]/g, (character) => {
    const point = character.charCodeAt(0);
    if (character === "\t" || character === "\r") return " ";
    return point < 256
      ? `\\x${point.toString(16).padStart(2, "0")}`
      : `\\u${point.toString(16).padStart(4, "0")}`;
  });
}

/** What the board wrote between quotes (jsvar.c escapeCharacter), as it was. */
export function unescaped(text: string): string {
  return text.replace(/\\(x[0-9A-Fa-f]{2}|[0-7]|[\s\S])/g, (_all, name: string) => {
    if (name.startsWith("x")) return String.fromCharCode(Number.parseInt(name.slice(1), 16));
    if (/[0-7]/.test(name)) return String.fromCharCode(Number(name));
    return NAMED[name] ?? name;
  });
}

const NAMED: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
};

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Undefined when it is no base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
