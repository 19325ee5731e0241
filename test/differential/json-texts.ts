// JSON as it comes from a network and from people: right, cut short, changed, and with what the interpreter's lexer takes beyond the standard.
import type { Choice } from "./choice.ts";

/** Whatever may stand somewhere in a text. Texts beyond ASCII are left out: Linux counts their characters, boards and simulator bytes. */
const pieces = [
  ..."{ } [ ] , : \" ' ` - + . ; ( ) = == === => && || ?? ?. ! / * ++ -- -= # @ \\ ~".split(" "),
  ..."1 0 -0 -5 +5 .5 5. 0.25 1e3 1e 1e-2 1E+2 0x1F 0X 0b11 0b12 0o17 0o 012 089 012.5 1_000 1__0 1_ 0x_f 4294967296 2147483648".split(
    " ",
  ),
  ..."true false null undefined NaN Infinity tru on x if of new __proto__ constructor".split(" "),
  '"a"',
  "'b'",
  "`c`",
  "`x${1}y`",
  "`x\ny`",
  '"x\ny"',
  '"\\u0041"',
  '"\\uZZ"',
  '"\\x4"',
  '"\\x41"',
  '"\\101"',
  '"\\8"',
  '"\\q\\n"',
  '"\\ud83dx"',
  " ",
  "\t",
  "\n",
  "\r\n",
  "\v",
  "\xa0",
  "\0",
  "//c\n",
  "//",
  "/*c*/",
  "/*",
  "/r/g",
  "\x80",
  "\x81",
  "\x82",
  "\x83",
  "\x84",
  "\x8a",
  "\xa2",
  "\xb0",
  "\xb4",
  "\xb5",
  "\xb6",
  "\xc7",
  "\xd0",
  "\xd1\x02ab",
  "\xd2\x02\x00ab",
  "\xd3",
  "\xd4\x05",
  "\xd4\xff",
  "\xd5\x01\x02",
  "\xd6",
  "\xff",
  "a".repeat(70),
];

const keys = [
  ...'"state" "state" "brightness" "a" "b" "__proto__" "constructor" "toString" "" \'state\' `state` state'.split(
    " ",
  ),
  '"\xffhidden"',
];

/** Any text, for the parser. */
export function jsonText(choice: Choice): string {
  const how = choice.int(0, 6);
  if (how === 0) return choice.list(choice.int(1, 6), () => choice.one(pieces)).join("");
  if (how === 1) return record(choice, () => choice.one(pieces));
  if (how === 2)
    return `[${choice.list(choice.int(0, 4), () => choice.one(pieces)).join()}${choice.one(["]", "]", ",]", ""])}`;
  const good = JSON.stringify(value(choice, 3), undefined, choice.one([0, 0, 1]));
  if (how === 3) return good;
  if (how === 4) return good.slice(0, choice.int(0, good.length));
  const at = choice.int(0, good.length);
  return good.slice(0, at) + choice.one(pieces) + good.slice(at + choice.int(0, 1));
}

function value(choice: Choice, depth: number): unknown {
  const kind = choice.int(0, depth > 0 ? 7 : 5);
  if (kind === 0) return choice.int(-1000, 100000);
  if (kind === 1) return choice.one(["on", "", 'a"b', "x\ny", "\\"]);
  if (kind === 2) return choice.one([true, false, null]);
  if (kind === 3) return choice.one([0.5, -2.25, 1e3]);
  if (kind < 6) return choice.int(0, 255);
  if (kind === 6) return choice.list(choice.int(0, 3), () => value(choice, depth - 1));
  return Object.fromEntries(
    ["state", "b", "c"].slice(0, choice.int(0, 3)).map((key) => [key, value(choice, depth - 1)]),
  );
}

/** An object of keys that may come twice, and often a word too much. */
function record(choice: Choice, make: () => string): string {
  const pairs = choice.list(
    choice.int(1, 3),
    () => choice.one(keys) + choice.one([":", ":", " : "]) + make(),
  );
  const end = choice.one(["}", "}", "}", "}", ",}", "", `}${choice.one(pieces)}`]);
  return `{${pairs.join(choice.one([",", ",", ",", " , ", " "]))}${end}`;
}

const commandKeys = [
  "state",
  "state",
  "brightness",
  "brightness",
  "transition",
  "effect",
  "color_temp",
  "stat",
  "__proto__",
  "constructor",
  "toString",
  "a\\nb",
];
const commandValues = [
  ...'"ON" "OFF" "off" "TOGGLE" "DIM" "1" "" 1 0 true false null [] {} ["ON"] [3]'.split(" "),
  ...'0 1 128 255 256 -1 127.5 1.0 0.4 255.5 "128" "127.5" "" " " "-1" "05" 05 "0x10" 0x10 1e2 "1e2" 1_0 99999999999'.split(
    " ",
  ),
  ...'{"state":"ON"} {"state":"OFF","brightness":9}'.split(" "),
  '" 12 "',
  "`ON`",
  "'OFF'",
  "`${1}`",
];

/** A command for `base/set`: mostly nearly right. */
export function commandText(choice: Choice): string {
  if (choice.chance(0.15)) return jsonText(choice);
  const pairs = choice.list(
    choice.int(1, 3),
    () => `"${choice.one(commandKeys)}":${choice.one(["", "", " "])}${choice.one(commandValues)}`,
  );
  const whole = `{${pairs.join()}}`;
  if (choice.chance(0.8)) return whole;
  return choice.one([
    ` ${whole}\n`,
    whole + choice.one(pieces),
    `${whole} ${choice.one(pieces)}}`,
    `[${whole}]`,
  ]);
}
