/** Whatever the board lacks and other JavaScript has, the build says what to write instead, wherever there is something. */
import { readFileSync } from "node:fs";
import { parse } from "acorn";
import { describe, expect, test } from "vitest";
import { checkDialect } from "../tools/build/dialect.ts";
import { interpreterName, missingMembers } from "../tools/build/interpreter.ts";
import { globalReplacements, memberReplacements, staticReplacements } from "../tools/build/replacements.ts";

type Members = Record<string, string>;
const facts: {
  members: Record<string, Members>;
  statics: Record<string, Members>;
  modules: Record<string, Members>;
} = JSON.parse(readFileSync(new URL("../board-profiles/interpreter.json", import.meta.url), "utf8"));

const lacking = (members: Members = {}) =>
  Object.keys(members).filter((name) => members[name] === "undefined");
const lackingStatics = Object.entries(facts.statics).flatMap(([owner, members]) =>
  lacking(members).map((name) => `${owner}.${name}`),
);
const lackingGlobals = lacking(facts.members.global).filter((name) => name !== "undefined");

/** For these there is nothing: other machines, old names of HTML, and what has no sense on a board. */
const nothing = {
  statics: /^Object\.getOwnPropertySymbols$|^process\.(?:argv|stdin)$|^E\.(?!toUTF8)/,
  globals: /^(?:Atomics|FinalizationRegistry|Intl|Proxy|WebAssembly|document)$/,
  members:
    /^(?:anchor|big|blink|bold|fixed|fontcolor|fontsize|italics|link|small|strike|sub|sup|isWellFormed|toWellFormed|normalize)$|^(?:compile|dotAll|flags|global|hasIndices|ignoreCase|multiline|sticky|unicode|unicodeSets|BYTES_PER_ELEMENT)$|^[gs]etBig|^(?:maxByteLength|resizable|resize|msg|writeAtTime|pause|resume|setKeepAlive|setNoDelay|address|replaceWith)$|^(?:isExtensible|freeze|log2)$/,
};

describe("there is something to write instead of", () => {
  test("every member of a built-in object, but for a few", () => {
    const left = lackingStatics.filter((name) => !Object.hasOwn(staticReplacements, name));
    expect(left.filter((name) => !nothing.statics.test(name))).toEqual([]);
  });

  test("every global, but for a few", () => {
    const left = lackingGlobals.filter((name) => !Object.hasOwn(globalReplacements, name));
    expect(left.filter((name) => !nothing.globals.test(name))).toEqual([]);
  });

  test("every member of a value, but for a few", () => {
    const values = Object.entries(facts.members).filter(([owner]) => owner !== "global");
    const all = values.flatMap(([, members]) => lacking(members)).filter((name) => missingMembers.has(name));
    const left = all.filter((name) => !Object.hasOwn(memberReplacements, name));
    expect(left.filter((name) => !nothing.members.test(name))).toEqual([]);
  });
});

describe("what is written instead", () => {
  test("is told only of what the board lacks", () => {
    expect(Object.keys(staticReplacements).filter((name) => !lackingStatics.includes(name))).toEqual([]);
    expect(Object.keys(globalReplacements).filter((name) => !lackingGlobals.includes(name))).toEqual([]);
    expect(Object.keys(memberReplacements).filter((name) => !missingMembers.has(name))).toEqual([]);
  });

  test("exists on the board", () => {
    const all = [staticReplacements, globalReplacements, memberReplacements].flatMap((table) =>
      Object.values(table),
    );
    // What is code in them: up to a remark, and one of several.
    for (const text of all.flatMap((one) =>
      one.split(/: the |: nothing |, (?:and|below|or|of) | or | and (?!the)/),
    )) {
      for (const [, owner = "", member = ""] of text.matchAll(/\b([A-Z]\w*|process|console|url)\.(\w+)/g)) {
        const members = facts.statics[owner];
        if (members !== undefined)
          expect([text, members[member]]).toEqual([text, expect.stringMatching(/function|number|object/)]);
      }
      for (const [, member = ""] of text.matchAll(/(?<!Math|Object|Date|url)\.(\w+)\(/g))
        expect([text, missingMembers.has(member)]).toEqual([text, false]);
      for (const [, name = ""] of text.matchAll(/(?:^|new |\()([A-Za-z]\w+)\(/g))
        if (
          !/^(?:then|slice|reduce|map|match|trim|replace|on|end|removeListener|set\w+|to\w+|getFullYear|charCodeAt|hasOwnProperty)$/.test(
            name,
          )
        )
          expect([text, facts.members.global?.[name]]).toEqual([text, "function"]);
      for (const [, name = ""] of text.matchAll(/require\("(\w+)"\)/g))
        expect(facts.modules).toHaveProperty(name);
    }
  });
});

test.each([
  ["Number.parseInt(x)", "Number.parseInt", "; write parseInt(text, 10)"],
  ["Number.parseFloat(x)", "Number.parseFloat", "; write parseFloat(text)"],
  ["Number.isNaN(x)", "Number.isNaN", "; write isNaN(x)"],
  ["Math.log2(x)", "Math.log2", "; write Math.log(x) / Math.LN2"],
  ["Math.flor(x)", "Math.flor", ' (did you mean "Math.floor"?)'],
  ["Object.vales(x)", "Object.vales", ' (did you mean "Object.values"?)'],
  ["structuredClone(x)", "the global structuredClone", "; write JSON.parse(JSON.stringify(x))"],
  ["setImmediate(x)", "the global setImmediate", "; write setTimeout(f, 0)"],
  ["prnt(x)", "the global prnt", ' (did you mean "print"?)'],
  ["digitalWrit(D2, x)", "the global digitalWrit", ' (did you mean "digitalWrite"?)'],
  ["digitalWrite(D22, x)", "the global D22", ' (did you mean "D2"?)'],
  ["xs.length; const xss = []; xs.push(x)", "the global xs", ' (did you mean "xss"?)'],
  ["x.trimStart()", "the built-in .trimStart", '; write trim(), or replace(/^\\s+/, "")'],
  ["x.flat()", "the built-in .flat", "; write reduce((all, one) => all.concat(one), [])"],
  ["console.time(x)", "console.time", "; write getTime()"],
])("%s is told with its mend", (code, what, mend) => {
  const tree = parse(`let x = 5; ${code}`, { ecmaVersion: "latest" });
  expect(checkDialect(tree, { pins: ["D2"], hasWifi: true })[0]?.sentence).toBe(
    `${what} is not known to the board (${interpreterName})${mend}`,
  );
});
