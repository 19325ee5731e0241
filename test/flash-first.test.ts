/** A board with a program of its own in its boot code gets its first lamp: when that one fails, the board goes on with what it did before. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { bundleHash } from "../tools/console/bundle-hash.ts";
import { type FlashWorld, failure, flashWorld, type WorldOptions } from "./fixtures/flash-world.ts";

let world: FlashWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** The board's own program is an older lamp, which tells by answering at the broker that it runs. */
async function given(options: WorldOptions = {}): Promise<FlashWorld> {
  world = await flashWorld({ asBootCode: true, ...options });
  return world;
}

const filesOf = ({ simulation }: FlashWorld): Record<string, string | undefined> => {
  const { files } = simulation.board.storage;
  return Object.fromEntries(files.names().map((name) => [name, files.read(name)]));
};
const program = (text: string): Uint8Array => new TextEncoder().encode(text);
const throwsAtOnce = program(`print("new lamp");nothing.there();`);

describe("the new lamp", () => {
  test.each([
    ["throws at its start", throwsAtOnce, /^the new lamp stopped at its start: Uncaught ReferenceError: /],
    [
      "throws a second after its start",
      program("setTimeout(function(){nothing.there()},1000)"),
      /^the new lamp stopped at its start: Uncaught ReferenceError: /,
    ],
    [
      "is no program at all",
      program("<html>not a lamp</html>"),
      /^the new lamp stopped at its start: Uncaught SyntaxError: /,
    ],
    [
      "starts the board over",
      program("setTimeout(function(){E.reboot()},900)"),
      /^the board starts over by itself soon after its start; /,
    ],
  ])("%s: the board's own program runs again, and its Storage is as it was", async (_, bundle, line) => {
    const board = await given({ files: { log: "mine" } });
    const before = filesOf(board);
    const said = await failure(board, { bundle });
    expect(said).toMatch(line);
    expect(said).toMatch(/; what was on the board before is as it was$/);
    expect(await board.lampThatAnswers()).toBe("old");
    expect(filesOf(board)).toEqual(before);
    expect(board.said).toContain("The new lamp does not start; going back to .bootcde");
  });

  test("threw, and the next one is installed: nothing is left of the first", async () => {
    const board = await given();
    await failure(board, { bundle: throwsAtOnce });
    await board.flash();
    expect(await board.lampThatAnswers()).toBe("new");
    expect(Object.keys(filesOf(board)).sort()).toEqual([".boot0", "lamp.a"]);
  });

  test("keeps the board from answering until it is broken off by Ctrl-C: the same", async () => {
    const board = await given();
    let isOnTrial = false;
    let isHanging = false;
    const line = await failure(board, {
      onEvent: (_, { step }) => {
        isOnTrial = step === "trial";
      },
      cable: {
        // From the first word of the program that was started on.
        toDesk: (bytes) => {
          if (isOnTrial && bytes.includes("new lamp")) isHanging = true;
          return isHanging ? "" : bytes;
        },
        toBoard: (bytes) => {
          if (bytes.includes("\x03")) isHanging = isOnTrial = false;
          return isHanging ? "" : bytes;
        },
      },
    });
    expect(line).toMatch(
      /^the new lamp hangs, or keeps the board from answering; what was on the board before is as it was$/,
    );
    expect(await board.lampThatAnswers()).toBe("old");
    expect(Object.keys(filesOf(board))).toEqual([".bootcde"]);
  });

  test("is on trial when the cable is pulled: said, and the next start is of the board's own program", async () => {
    const board = await given();
    const line = await failure(board, {
      onEvent: (cable, { step }) => void (step === "trial" && cable.pull()),
    });
    expect(line).toMatch(
      /^simulated is gone .*; the new lamp is not kept: press the board's reset button \(EN\), or take its power, and what was on it before starts$/,
    );
    board.simulation.board.powerOff();
    board.simulation.board.boot();
    expect(await board.lampThatAnswers()).toBe("old");
  });
});

describe("boot code that runs after every reset (.bootrst), beside which nothing can be tried", () => {
  test("stays as a copy in a slot, and that one runs when the new lamp throws", async () => {
    const board = await given({ asBootCode: ".bootrst" });
    const { ".bootrst": before } = filesOf(board);
    const line = await failure(board, { bundle: throwsAtOnce });
    expect(board.said).toContain(
      "Writing lamp.a; what is in .bootrst goes on meanwhile, and stays in lamp.b should the new lamp not start",
    );
    expect(line).toMatch(/; what was on the board before runs again, from a copy of it in a slot$/);
    expect(await board.lampThatAnswers()).toBe("old");
    expect(filesOf(board)).toMatchObject({ "lamp.b": before, "lamp.now": "b" });
    await board.flash();
    expect(await board.lampThatAnswers()).toBe("new");
  });

  test("without room for the copy: said before anything is written", async () => {
    const flash = { pages: 10, pageBytes: 4096 } as NonNullable<FlashWorld["config"]["profile"]["flash"]>;
    const board = await given({
      ...{ asBootCode: ".bootrst", profile: { flash } },
      files: { log: "l".repeat(21_000) },
    });
    const saidBefore: string[] = [];
    const line = await failure(board, {
      bundle: Buffer.from(`nothing.there();${" ".repeat(6000)}`),
      onEvent: (_, { step }) => void (step === "upload" && saidBefore.push(...board.said.splice(0))),
    });
    expect(saidBefore).toContainEqual(
      expect.stringMatching(
        /^note: should the new lamp not start, there is no way back: a copy of \.bootrst takes \d+ bytes more than are free$/,
      ),
    );
    expect(line).toMatch(/; the new lamp is on the board$/);
  });
});

describe("what is replaced", () => {
  test("is kept on the desk, under its hash, readable by nobody else; the line that puts it back does", async () => {
    const board = await given();
    const { ".bootcde": own = "" } = filesOf(board);
    await board.flash();
    const path = join(board.replacedFolder, `${await bundleHash(Buffer.from(own, "latin1"))}.js`);
    expect(readFileSync(path, "latin1")).toBe(own);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o077).toBe(0);
    expect(board.said).toContain(
      `The program in .bootcde (${own.length.toLocaleString("en")} bytes) is kept in ${path}; to put it back: npx wick flash --no-wait --file ${path}`,
    );
    expect(board.events).toContainEqual(
      expect.objectContaining({ type: "kept", file: ".bootcde", bytes: own.length, path }),
    );
    expect(await board.lampThatAnswers()).toBe("new");
    await board.flash({ bundle: readFileSync(path) });
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("where it cannot be kept nothing is written", async () => {
    const board = await given();
    const before = filesOf(board);
    const file = join(board.replacedFolder, "file");
    writeFileSync(file, "");
    const line = await failure(board, { replacedFolder: join(file, "replaced") });
    expect(line).toMatch(
      /cannot be written \(ENOTDIR\), and the board's \.bootcde would be lost without a copy; .*; nothing was written to the board$/,
    );
    expect(filesOf(board)).toEqual(before);
    expect(await board.lampThatAnswers()).toBe("old");
  });
});
