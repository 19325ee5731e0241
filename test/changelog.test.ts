/** CHANGELOG.md says of nothing both that it is there and that it is not. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { futureSettings } from "../firmware/settings.ts";
import { projectRoot } from "../tools/version.ts";
import { runHere } from "./fixtures/in-process.ts";

const text = readFileSync(`${projectRoot}CHANGELOG.md`, "utf8");
const newest = text.split(/^## /m)[1] ?? "";

function section(title: string): string {
  const found = newest.split(/^### /m).find((one) => one.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`CHANGELOG.md has no section ${title}`);
  return found;
}

const namedIn = (title: string, pattern: RegExp): string[] =>
  [...new Set([...section(title).matchAll(pattern)].map(([, name = ""]) => name))].sort();

async function commands(): Promise<string[]> {
  const { out } = await runHere("help");
  return [...(out.split("Commands:\n")[1] ?? "").matchAll(/^ {2}(\w+)/gm)].map(([, name = ""]) => name);
}

test("every command there is was added", async () => {
  const there = (await commands()).sort();
  expect(there.length).toBeGreaterThan(7);
  expect(namedIn("Added", /`wick (\w+)/g)).toEqual(expect.arrayContaining(there));
});

test("no command, and no flag of one, that is there is not there yet", async () => {
  const there = await commands();
  const missing = [...section("Not yet").matchAll(/`wick (\w+)( --\w+)?`/g)];
  expect(missing.length).toBeGreaterThan(0);
  for (const [words, name = "", flag] of missing) {
    if (flag === undefined) expect(there).not.toContain(name);
    else expect((await runHere("help", name)).out, words).not.toContain(`${flag} `);
  }
});

test("every setting that is not there yet is refused, and none that is refused is left out", () => {
  const keys = namedIn("Not yet", /`((?:lamp|mqtt|wifi|update|flash)\.\w+)`/g);
  expect(keys).toEqual(futureSettings.map(({ key }) => key).sort());
});
