/** Topic names against topic filters (MQTT 3.1.1 section 4.7), pure. */

/** Whether a filter has a wildcard. */
export function hasWildcard(filter: string): boolean {
  return /[+#]/.test(filter);
}

/**
 * Whether a topic name matches a filter: `+` stands for one level, `#` at the end for any number of levels including
 * none, and neither at the beginning matches a name that begins with `$` (MQTT-4.7.1-2, -3, MQTT-4.7.2-1).
 */
export function matches(filter: string, topic: string): boolean {
  const levels = topic.split("/");
  const wanted = filter.split("/");
  const open = wanted[wanted.length - 1] === "#";
  if (open) wanted.pop();
  if (levels.length < wanted.length || (!open && levels.length > wanted.length)) return false;
  if (topic[0] === "$" && filter[0] !== "$") return false;
  return wanted.every((level, index) => level === "+" || level === levels[index]);
}

/**
 * Whether the bytes are a topic name: not empty, no wildcard, no U+0000, well-formed UTF-8 (MQTT-1.5.3-1, -2,
 * MQTT-3.3.2-2, MQTT-4.7.3-1).
 */
export function isTopicName(name: string): boolean {
  // Bytes of a character still to come, its code point so far, and the least one that needs so many bytes.
  let follow = 0;
  let code = 0;
  let least = 0;
  for (let index = 0; index < name.length; index++) {
    const byte = name.charCodeAt(index);
    if (follow) {
      code = (code << 6) | (byte & 63);
      if (byte >> 6 !== 2 || (!--follow && (code < least || code >> 11 === 27 || code > 1114111)))
        return false;
    } else if (byte > 127) {
      follow = byte > 239 ? 3 : byte > 223 ? 2 : 1;
      code = byte & (63 >> follow);
      least = follow > 1 ? 64 << (follow * 5 - 5) : 128;
      if (byte < 192 || byte > 247) return false;
    } else if (!byte || byte === 35 || byte === 43) return false;
  }
  return !!name && !follow;
}
