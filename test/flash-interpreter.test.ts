// The real interpreter (ESPRUINO_BIN) is flashed by `wick flash --port tcp://…`; and what power cuts leave of an installation starts there as on the simulated board.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { LINUX_FLASH, MemoryStorage } from "../sim/index.ts";
import { installBundle } from "../tools/flash/install.ts";
import { freshFolder, startEspruino } from "./drivers/espruino-process.ts";
import { lampNamed } from "./fixtures/flash-board.ts";
import { noTime, QuickBoard } from "./fixtures/quick-board.ts";

const interpreter = process.env.ESPRUINO_BIN;
const missing = !interpreter
  ? "ESPRUINO_BIN, the path of Espruino for Linux, is not set"
  : existsSync(interpreter)
    ? undefined
    : `ESPRUINO_BIN names ${interpreter}, which does not exist`;
/** Its console listens on TCP port 2323, always, and shares it with any other: each run has a network of its own. */
const ownNetwork = ["-n", "-rn"].find(
  (flags) => spawnSync("unshare", [flags, "ip", "link", "set", "lo", "up"]).status === 0,
);
const noNetwork = ownNetwork === undefined ? "unshare cannot make a network of its own here" : missing;

let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
});

const suite = noNetwork === undefined ? describe : describe.skip;
suite(`wick flash to the real interpreter${noNetwork === undefined ? "" : `: ${noNetwork}`}`, () => {
  test("lamps that fail leave what was on it; then one is put on it over TCP and another beside it, which answer at the broker", async () => {
    folder = mkdtempSync(join(tmpdir(), "wick-flash-"));
    const stage = fileURLToPath(new URL("fixtures/flash-stage.ts", import.meta.url));
    const command = `ip link set lo up && exec "$0" --import tsx "$1"`;
    const child = spawn("unshare", [ownNetwork ?? "", "sh", "-c", command, process.execPath, stage], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      env: { ...process.env, WICK_STAGE: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stdout.on("data", (text) => (said += text));
    child.stderr.on("data", (text) => (said += text));
    const tooLate = setTimeout(() => child.kill("SIGKILL"), 170_000);
    const code = await new Promise((resolve) => child.on("close", resolve));
    clearTimeout(tooLate);
    const asItWas = "exit code 1, what was on the board before is as it was, 7,.bootcde .varimg";
    expect(said.split("\n").filter((line) => line.startsWith("stage: "))).toEqual([
      `stage: throws: ${asItWas}`,
      `stage: throws later: ${asItWas}`,
      "stage: lamp.a installed and online, exit code 0",
      "stage: lamp.b installed and online, exit code 0",
      "stage: lamp answers on off",
    ]);
    expect(code).toBe(0);
  }, 180_000);
});

describe.skipIf(missing !== undefined)(
  `what power cuts leave, on the real interpreter${missing ? `: ${missing}` : ""}`,
  () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    // Twice as long as a page, and then some.
    const lamp = (name: string): string => lampNamed(name, 2300);

    /** What the interpreter prints when it starts with this flash, and the files that it then has. */
    async function started(image: Uint8Array): Promise<{ lamps: string[]; erased: boolean }> {
      const place = freshFolder();
      writeFileSync(join(place, "espruino.flash"), image);
      const running = await startEspruino({ interpreter: interpreter ?? "", folder: place });
      await new Promise<void>((resolve) => {
        const until = setTimeout(resolve, 1500);
        running.onLine((line) => {
          if (!line.startsWith("lamp ")) return;
          clearTimeout(until);
          resolve();
        });
        if (running.console.some((line) => line.startsWith("lamp "))) {
          clearTimeout(until);
          resolve();
        }
      });
      const { console } = running;
      await running.stop({ keepFolder: true });
      const erased = !readFileSync(join(place, "espruino.flash")).some((byte) => byte !== 0xff);
      rmSync(place, { recursive: true });
      return {
        lamps: console.filter((line) => line.startsWith("lamp ")).map((line) => line.slice("lamp ".length)),
        erased: erased || console.includes("Storage is corrupt."),
      };
    }

    test.each([
      ["a first installation", { ".bootcde": lamp("old") }, []],
      ["an update", {}, ["older", "old"]],
    ] as const)(
      "%s: the old lamp or the new one",
      async (_title, files, before) => {
        const board = new QuickBoard(LINUX_FLASH, { ...files });
        board.start();
        const options = { clock: noTime, watchMs: 0, pageBytes: 1024 };
        for (const name of before) await installBundle(board, bytes(lamp(name)), options);
        const image = board.storage.flash.image();
        const all = board.storage.flash.bytesProgrammed;
        await installBundle(board, bytes(lamp("new")), options);
        const steps = board.storage.flash.bytesProgrammed - all;
        // Headers at the beginning and the end, and a few in between.
        const at = [
          0,
          1,
          2,
          3,
          20,
          36,
          42,
          43,
          44,
          60,
          400,
          1500,
          2400,
          ...[45, 38, 37, 36, 35, 20, 5, 3, 2, 1, 0].map((left) => steps - left),
        ];
        const seen = new Set<string>();
        for (const cut of at) {
          const cutBoard = new QuickBoard(LINUX_FLASH);
          cutBoard.storage = new MemoryStorage(LINUX_FLASH, image);
          cutBoard.start();
          cutBoard.storage.flash.cutAfterBytes(cut);
          await installBundle(cutBoard, bytes(lamp("new")), options).catch(() => {});
          cutBoard.storage.flash.keepPower();
          const left = cutBoard.storage.flash.image();
          const simulated = cutBoard.start();
          expect(await started(left), `cut after ${cut} of ${steps} bytes`).toEqual({
            lamps: simulated,
            erased: false,
          });
          for (const name of simulated) seen.add(name);
          // What half a header may leave, the next installation clears away; it too starts on the interpreter.
          await installBundle(cutBoard, bytes(lampNamed("next", 2111)), options);
          expect(await started(cutBoard.storage.flash.image()), `and the next, after ${cut}`).toEqual({
            lamps: ["next"],
            erased: false,
          });
        }
        expect([...seen].sort()).toEqual(["new", "old"]);
      },
      120_000,
    );
  },
);
