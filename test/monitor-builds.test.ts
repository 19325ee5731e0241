// Builds are kept by the hash of their bundle, and their maps lead from where the interpreter points to where it was in TypeScript.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildResult } from "../tools/build/build.ts";
import { BUILDS_KEPT, findMap, keepBuild } from "../tools/build/kept-builds.ts";
import { pretokeniseWithPlaces } from "../tools/build/pretokenise.ts";
import { bundleHash, crc32 } from "../tools/console/bundle-hash.ts";
import { loader } from "../tools/flash/loader.ts";
import { SourcePlaces, translateErrors } from "../tools/monitor/source-places.ts";
import { latin1Literal } from "./drivers/espruino-process.ts";
import { type OwnBuild, ownBuild } from "./fixtures/monitored-board.ts";

/** Texts with line breaks in them and numbers in binary: bytes 10 that end no line of TypeScript. */
const source = `interface Level { now: number }
function read(levels: Level[], at: number): number {
  print("reading\\nlevel " + at);
  return levels[at]!.now;
}
function show(what: string, value: number): void {
  print(what + value + 2570);
}
setTimeout(() => {
  show(
    "level\\n",
    read([], 2570),
  );
}, 50);
setTimeout(() => show("never", read([], 5)), 1e9);
`;

let folder: string;
let text: OwnBuild;
let tokens: OwnBuild;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wick-builds-"));
  text = await ownBuild(source);
  tokens = await ownBuild(source, { pretokenised: true });
});
afterAll(() => {
  text.remove();
  tokens.remove();
  rmSync(folder, { recursive: true });
});

const bytesOf = (program: string): Uint8Array => Buffer.from(program, "latin1");
const mapOf = async ({ program, findMap: find }: OwnBuild): Promise<string> =>
  find({ hash: await bundleHash(bytesOf(program)) }) ?? "";

describe("kept builds", () => {
  const numbered = (number: number): Pick<BuildResult, "code" | "map"> => ({
    code: `print(${number})`,
    map: JSON.stringify({ version: 3, sources: ["own.ts"], names: [], mappings: "AAAA" }),
  });

  test("are found by hash, or by CRC-32 and length where a board has no more", async () => {
    const { hash } = await keepBuild(numbered(7), { folder });
    const bytes = bytesOf(numbered(7).code);
    expect(hash).toBe(await bundleHash(bytes));
    const kept = findMap({ hash }, folder);
    expect(kept).toContain("own.ts");
    expect(findMap({ crc32: crc32(bytes), bytes: bytes.length }, folder)).toBe(kept);
    expect(findMap({ crc32: crc32(bytes), bytes: 9 }, folder)).toBeUndefined();
    expect(findMap({ hash: "0".repeat(64) }, folder)).toBeUndefined();
    expect(findMap({ hash }, join(folder, "none"))).toBeUndefined();
  });

  test("are the newest; the same bundle built again is among them again", async () => {
    const files: string[] = [];
    for (let number = 100; number < 100 + BUILDS_KEPT + 5; number++) {
      const { file } = await keepBuild(numbered(number), { folder });
      utimesSync(file, number, number);
      files.push(file);
    }
    expect(readdirSync(folder)).toHaveLength(BUILDS_KEPT);
    expect(readdirSync(folder)).not.toContain(files[0]?.split("/").at(-1));
    const oldest = await keepBuild(numbered(105), { folder });
    await keepBuild(numbered(200), { folder });
    expect(readdirSync(folder)).toContain(`${oldest.hash}.map`);
  });

  test("say nothing of secrets, and how functions are called in TypeScript", async () => {
    const map = JSON.parse(await mapOf(text)) as { x_wick: { functions: [string][] } };
    expect(map.x_wick.functions.map(([name]) => name)).toEqual(["read", "show", "", ""]);
  });
});

describe.each(["text", "pretokenised"])("a bundle as %s", (kind) => {
  const own = (): OwnBuild => (kind === "text" ? text : tokens);

  /** Where in TypeScript a token leads to, given by its offset in the bundle as text; counted as the interpreter counts. */
  async function placeOf(offset: number): Promise<string> {
    const { program, result } = own();
    const tokenAt = new Map(pretokeniseWithPlaces(result.code).places.map(([to, from]) => [from, to]));
    const at = kind === "text" ? offset : (tokenAt.get(offset) ?? -1);
    const before = program.slice(0, at).split("\n");
    const place = new SourcePlaces(await mapOf(own())).at(before.length, (before.at(-1)?.length ?? 0) + 1);
    return `${place?.functionName}:${place?.line}:${place?.column}`;
  }

  test("leads from the bracket that ends a call to what is called, and from a dot to the name behind it", async () => {
    const { code } = own().result;
    expect(await placeOf(code.indexOf(".now"))).toBe("read:4:22");
    const call = /\("level\\n",\w\([^)]*\)\)/.exec(code);
    const end = (call?.index ?? 0) + (call?.[0].length ?? 0);
    expect(await placeOf(end - 1)).toBe("undefined:10:3");
    expect(await placeOf(end - 2)).toBe("undefined:12:5");
  });

  test.runIf(process.env.ESPRUINO_BIN !== undefined)(
    "as the interpreter counts lines and columns (ESPRUINO_BIN)",
    async () => {
      const interpreter = process.env.ESPRUINO_BIN ?? "";
      const board = mkdtempSync(join(tmpdir(), "wick-builds-board-"));
      const write = (name: string, content: string): string =>
        `require("Storage").write(${latin1Literal(name)},${latin1Literal(content)});`;
      writeFileSync(
        join(board, "write.js"),
        write(".boot0", loader) + write("lamp.a", own().program),
        "latin1",
      );
      await promisify(execFile)(interpreter, ["write.js"], { cwd: board, timeout: 20_000 });
      const child = spawn(interpreter, [], { cwd: board, stdio: "pipe" });
      const closed = new Promise((resolve) => child.once("close", resolve));
      let said = "";
      await new Promise<void>((resolve) => {
        child.stdout.setEncoding("latin1").on("data", (piece: string) => {
          said += piece;
          if ((said.match(/^ *\^/gm) ?? []).length === 2) resolve();
        });
      });
      child.kill("SIGKILL");
      await closed;
      rmSync(board, { recursive: true });
      const stream = translateErrors(await mapOf(own()));
      const writer = stream.writable.getWriter();
      void writer.write(said).then(() => writer.close());
      let translated = "";
      for await (const piece of stream.readable) translated += piece;
      expect(translated).toMatch(/ at read \(\S*own\.ts:4:22, lamp\.a:\d+:\d+\)/);
      expect(translated).toMatch(/ at \S*own\.ts:12:5, lamp\.a:\d+:\d+/);
    },
  );
});

test("wick build keeps what it builds", async () => {
  // So that the file on disk and the kept map are of one build.
  const wick = new URL("../bin/wick.js", import.meta.url).pathname;
  const here = mkdtempSync(join(tmpdir(), "wick-builds-here-"));
  const set = ["--board", "linux", "--set", "mqtt.host=broker"];
  await promisify(execFile)(process.execPath, [wick, "build", ...set], { cwd: here });
  const bundle = readFileSync(join(here, "dist/lamp.js"));
  expect(findMap({ hash: await bundleHash(bundle) }, join(here, "dist/builds"))).toContain(
    "firmware/main.ts",
  );
  rmSync(here, { recursive: true });
});
