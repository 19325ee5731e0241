/** What the interpreter says of itself when it starts without a program. */

/** The version whose behaviour this simulator was measured against, and the commit it was built of. */
export const INTERPRETER = { version: "2v29.277", commit: "c5ff787b1" };

const LINES = [
  "",
  " ____                 _ ",
  "|  __|___ ___ ___ _ _|_|___ ___ ",
  "|  __|_ -| . |  _| | | |   | . |",
  "|____|___|  _|_| |___|_|_|_|___|",
  "         |_| espruino.com",
  ` ${INTERPRETER.version} (c) 2026 G.Williams`,
  "",
  "Espruino is Open Source. Our work is supported",
  "only by sales of official boards and donations:",
  "http://espruino.com/Donate",
  "",
];

/** Keeps terminals from wrapping lines; sent by boards, not by a PC. */
const NO_WORD_WRAP = "\x1b[?7l";

export function banner(isBoard: boolean): string {
  return (isBoard ? NO_WORD_WRAP : "") + LINES.join("\n");
}
