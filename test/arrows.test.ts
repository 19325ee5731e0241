/** The rooms of the house and the arrows between them (docs/architecture.md), and what every source file has in common. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const rooms = ["bench", "bin", "board-profiles", "docs", "examples", "firmware", "sim", "test", "tools"];
const notOurs = new Set(["node_modules", "dist", "__pycache__"]);

/** Some 300 lines are one sitting; from here on a file is two. */
const mostLines = 360;
/** Tables, which nobody reads from top to bottom. */
const dataTables = new Set(["firmware/settings.ts", "test/vectors/packets.ts", "test/vectors/malformed.ts"]);

/** Paths from the root, with "/", of the files and of the folders below a room. */
function walk(folder: string): { files: string[]; folders: string[] } {
  const found = { files: [] as string[], folders: [folder] };
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) found.files.push(path);
    else if (!notOurs.has(entry.name)) {
      const below = walk(path);
      found.files.push(...below.files);
      found.folders.push(...below.folders);
    }
  }
  return found;
}

/** Modules that the firmware finds on the board. */
const boardModules = ["net", "tls", "Wifi", "Storage", "crypto"];

const house = rooms.map(walk);
const sources = house.flatMap(({ files }) => files).filter((file) => /\.(ts|js|py)$/.test(file));
const text = (file: string) => readFileSync(join(root, file), "utf8");

interface Import {
  from: string;
  /** A path from the root, or the name of a package. */
  to: string;
  /** `import type`: nothing of it is left when the program runs. */
  isType: boolean;
}

const importPattern =
  /^(?:import|export)\s+(type\s)?[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\b(?:import|require)\(\s*"([^"]+)"\s*\)/gm;

function importsOf(file: string): Import[] {
  return [...text(file).matchAll(importPattern)].map(([, type, ...names]) => {
    const name = names.find((candidate) => candidate !== undefined) ?? "";
    const to = name.startsWith(".") ? posix.join(dirname(file), name) : name;
    return { from: file, to, isType: type !== undefined };
  });
}

const imports = sources.filter((file) => file.endsWith(".ts")).flatMap(importsOf);
const arrowsFrom = (room: string) => imports.filter(({ from }) => from.startsWith(`${room}/`));
const arrow = ({ from, to }: Import) => `${from} -> ${to}`;
const isIn = (...allowed: string[]) => {
  return ({ to }: Import) =>
    allowed.some((room) => to === room || (room.endsWith("/") && to.startsWith(room)));
};
const isPackage = ({ to }: Import) =>
  !rooms.some((room) => to.startsWith(`${room}/`)) && !to.startsWith("..");

test("the rooms are read at all", () => {
  for (const room of ["firmware", "sim", "tools", "examples"])
    expect(arrowsFrom(room).length).toBeGreaterThan(0);
});

test("firmware/ imports nothing outside of itself but the board's own modules", () => {
  const outside = arrowsFrom("firmware").filter((one) => !isIn("firmware/", ...boardModules)(one));
  expect(outside.map(arrow)).toEqual([]);
});

test("mqtt/ knows no socket module: the socket is handed in", () => {
  const modules = arrowsFrom("firmware").filter(
    ({ from, to }) => /\/(mqtt|lamp)\//.test(from) && !to.includes("/"),
  );
  expect(modules.map(arrow)).toEqual([]);
});

test("sim/ imports nothing from firmware/ or tools/: it loads the bundle", () => {
  const outside = arrowsFrom("sim").filter((one) => !isPackage(one) && !isIn("sim/", "board-profiles/")(one));
  expect(outside.map(arrow)).toEqual([]);
});

test("tools/ take nothing of the firmware but the table of settings and the pure bytes of packets", () => {
  // The CONNECT packet is made by the build: it never changes on the board.
  const firmware = ["firmware/settings.ts", "firmware/mqtt/wire.ts"];
  const allowed = isIn("tools/", "sim/", "board-profiles/", ...firmware);
  const outside = arrowsFrom("tools").filter((one) => !isPackage(one) && !allowed(one));
  expect(outside.map(arrow)).toEqual([]);
});

test("tools/console/ runs in browsers too: nothing of Node in it", () => {
  // Modules of the board are asked for in expressions that it evaluates; the names of its files stand beside the loader.
  const allowed = isIn("tools/console/", "tools/flash/loader.ts", ...boardModules);
  const outside = arrowsFrom("tools/console").filter((one) => !one.isType && !allowed(one));
  expect(arrowsFrom("tools/console").length).toBeGreaterThan(5);
  expect(outside.map(arrow)).toEqual([]);
});

test("what the browser's page is made of reaches nothing of Node", () => {
  const next = new Map<string, string[]>();
  for (const { from, to, isType } of imports) if (!isType) next.set(from, [...(next.get(from) ?? []), to]);
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const one of next.get(file) ?? []) follow(one);
  };
  follow("tools/web/page/main.ts");
  expect([...seen].filter((file) => file.startsWith("tools/flash/"))).not.toEqual([]);
  expect([...seen].filter((file) => file.startsWith("node:"))).toEqual([]);
});

test("examples/ are programs for the board", () => {
  const outside = arrowsFrom("examples").filter((one) => !isIn("firmware/", "examples/", "net", "tls")(one));
  expect(outside.map(arrow)).toEqual([]);
});

test("nothing that is used depends on tests or benchmarks", () => {
  const used = ["firmware", "sim", "tools", "examples"].flatMap(arrowsFrom);
  expect(used.filter(isIn("test/", "bench/")).map(arrow)).toEqual([]);
});

test("firmware/ has no cycle of imports", () => {
  const next = new Map<string, string[]>();
  for (const { from, to } of arrowsFrom("firmware").filter(({ isType }) => !isType))
    next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const follow = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    else if (!done.has(file)) for (const one of next.get(file) ?? []) follow(one, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) follow(file, []);
  expect(cycles).toEqual([]);
});

test("no folder is called utils, helpers or common", () => {
  const folders = house.flatMap((room) => room.folders);
  expect(folders.filter((folder) => /(^|\/)(utils?|helpers?|common|misc|shared|lib)$/i.test(folder))).toEqual(
    [],
  );
});

test("every source file opens with a sentence that says what it is for", () => {
  // Behind a line for the shell: a comment, or Python's text, of at least three words.
  const opening = /^(#![^\n]*\n)?(\/\/ |\/\*\* |\/\*\*\n \* |"""|# )(?!biome-|@ts-)\S+( \S+){2}/;
  expect(sources.filter((file) => !opening.test(text(file)))).toEqual([]);
});

test(`no source file has more than ${mostLines} lines, but for tables`, () => {
  const long = sources
    .filter((file) => !dataTables.has(file))
    .map((file) => ({ file, lines: text(file).trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > mostLines);
  expect(long).toEqual([]);
});

test("the documentation names files that exist", () => {
  const pages = [...walk("docs").files, "README.md", "CHANGELOG.md", "CONTRIBUTING.md"];
  const places = new Set(house.flatMap(({ files, folders }) => [...files, ...folders]));
  // Not in the middle of the name of a package.
  const path = new RegExp(`(?<!-)\\b(?:${rooms.join("|")})/[\\w./-]*\\w`, "g");
  const named = pages.flatMap((page) => [...text(page).matchAll(path)].map(([found]) => ({ page, found })));
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ found }) => !places.has(found))).toEqual([]);
});

test("docs/timers.md gives the values that the firmware has", () => {
  const rows = text("docs/timers.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && / = /.test(line));
  expect(rows.length).toBeGreaterThan(7);
  for (const row of rows) {
    const [, name, value] = row.match(/`(\w+) = ([^`]+)`/) ?? [];
    const file = row.match(/`(firmware\/[\w./]+)`/)?.[1] ?? "";
    expect(text(file)).toContain(`const ${name} = ${value};`);
  }
});
