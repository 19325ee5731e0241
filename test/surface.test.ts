/** The simulator has exactly the built-ins of board-profiles/interpreter.json, and that file is what the interpreter says. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { kinds } from "../tools/interpreter/candidates.ts";
import { factsFile, type InterpreterFacts, recordFacts, textOf } from "../tools/interpreter/record.ts";

const committed = readFileSync(factsFile, "utf8");
const facts: InterpreterFacts = JSON.parse(committed);
const interpreter = process.env.ESPRUINO_BIN;

/** What V8 will not let go of, or reads itself; and what there is nothing to ask, as it is not simulated. */
const exceptions = new Set([
  "typedarray.BYTES_PER_ELEMENT",
  "Uint8Array.BYTES_PER_ELEMENT",
  "function.name",
  ..."dotAll flags global hasIndices ignoreCase multiline sticky unicode unicodeSets"
    .split(" ")
    .map((flag) => `regexp.${flag}`),
]);
const notMade = new Set(["storagefile"]);

const clock = new VirtualClock();
const board = createBoard({
  profile: { name: "linux", wifi: false },
  bundle: "var socket=Object.create(Socket.prototype),server=Object.create(Server.prototype)",
  clock,
  network: new LoopbackNetwork(clock),
});
board.boot();

/** What `typeof` gives for each of the names, on the simulated board, without the exceptions. */
function typesOn(expression: string, owner: string, members: Readonly<Record<string, string>>) {
  const names = Object.keys(members).filter((name) => !exceptions.has(`${owner}.${name}`));
  return Object.fromEntries(
    names.map((name) => [
      name,
      board.evaluate(expression === "" ? `typeof ${name}` : `typeof (${expression}).${name}`),
    ]),
  );
}
const without = (owner: string, members: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !exceptions.has(`${owner}.${name}`)));

describe("the simulated board has what the interpreter has, under the same names, and nothing else", () => {
  const members = Object.entries(facts.members).filter(([kind]) => !notMade.has(kind));
  test.each(members)("members of: %s", (kind, expected) => {
    const expression = kind === "global" ? "" : (kinds[kind]?.expression ?? "");
    expect(typesOn(expression, kind, expected)).toEqual(without(kind, expected));
  });

  test.each(Object.entries(facts.statics))("%s", (owner, expected) => {
    expect(typesOn(owner, owner, expected)).toEqual(without(owner, expected));
  });

  test.each(Object.entries(facts.modules))("the module %s", (name, expected) => {
    expect(typesOn(`require("${name}")`, name, expected)).toEqual(expected);
  });

  test("no global but those, the pins, and what a program makes", () => {
    const listed = new Set([
      ...Object.keys(facts.members.global ?? {}),
      ...Array.from({ length: 32 }, (_, number) => `D${number}`),
      "socket",
      "server",
    ]);
    const present = board.evaluate("Object.getOwnPropertyNames(globalThis).join()") as string;
    expect(present.split(",").filter((name) => !listed.has(name))).toEqual([]);
  });

  test.each(["String", "Array", "Number", "Date", "Function", "Promise", "DataView", "Object"])(
    "no member of %s.prototype but those",
    (name) => {
      const kind = name.toLowerCase();
      const listed = new Set([
        ...Object.keys(facts.members[kind] ?? {}),
        "constructor",
        "prototype",
        "name",
        "length",
      ]);
      const hidden = /^__/;
      const present = board.evaluate(`Object.getOwnPropertyNames(${name}.prototype).join()`) as string;
      expect(present.split(",").filter((member) => !listed.has(member) && !hidden.test(member))).toEqual([]);
    },
  );

  test("what is not simulated says so", () => {
    expect(() => board.evaluate("E.FFT([1])")).toThrow("E.FFT is not simulated");
    expect(() => board.evaluate('require("crypto").AES("a")')).toThrow("crypto.AES is not simulated");
  });
});

describe.skipIf(!interpreter)("the interpreter itself (ESPRUINO_BIN)", () => {
  test("says what stands in board-profiles/interpreter.json", async () => {
    // Names that a newer V8 adds to the question, and the interpreter does not have, change nothing.
    const asked = await recordFacts(interpreter ?? "", facts);
    for (const table of [asked.members, asked.statics, asked.modules]) {
      for (const [owner, members] of Object.entries(table)) {
        const before = [facts.members, facts.statics, facts.modules][
          [asked.members, asked.statics, asked.modules].indexOf(table)
        ]?.[owner];
        for (const [name, type] of Object.entries(members))
          if (type === "undefined" && before !== undefined && !(name in before)) delete members[name];
      }
    }
    expect(textOf(asked)).toBe(committed);
  });
});
