// `wick sim --bare`: a board without interpreter to practise on. People type its buttons; Espruino is put on it through its console's port.
import { afterEach, describe, expect, test, vi } from "vitest";
import { UsageError } from "../tools/cli/errors.ts";
import { main } from "../tools/cli/main.ts";
import { checkTogether, type SimOptions } from "../tools/cli/simulate/options.ts";
import { chooseImages } from "../tools/flash/espruino/images.ts";
import { writeEspruino } from "../tools/flash/espruino/write.ts";
import { openTcp } from "../tools/ports/tcp.ts";
import { projectRoot } from "../tools/version.ts";
import { boardWith, releaseFor } from "./fixtures/espruino-release.ts";
import { type RunningProgram, startWick } from "./fixtures/wick-process.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function bareBoard(...options: string[]): RunningProgram {
  const program = startWick(["sim", "--bare", "--headless", ...options], {
    folder: projectRoot,
    input: true,
  });
  closing.push(() => program.kill());
  return program;
}

test("a bare board is given Espruino through its console, its buttons typed into wick sim", async () => {
  const board = bareBoard("--console", "tcp:0");
  const place = Number((await board.out.match(/console is at tcp:\/\/127\.0\.0\.1:(\d+)/))[1]);
  const port = await openTcp("127.0.0.1", place);
  closing.push(() => port.close());
  let heard = "";
  port.onBytes((bytes) => {
    heard += Buffer.from(bytes).toString("latin1");
  });
  const images = await chooseImages(releaseFor("ESP32", 2000), boardWith("ESP32").images, "RELEASE");
  const asked: string[] = [];
  const written = await writeEspruino(port, images, {
    onStep: (step) => {
      if (step.step !== "do") return;
      asked.push(step.what);
      board.child.stdin?.write(step.what.startsWith("Hold") ? "reset: loader\n" : "reset: program\n");
    },
  });
  expect(heard).toContain("boot:0x13 (SPI_FAST_FLASH_BOOT)\r\ninvalid header: 0xffffffff\r\n");
  expect(asked).toHaveLength(2);
  expect(written.espruino.board).toBe("ESP32");
  expect(board.out.text).toContain("npx wick flash --espruino DIR --port tcp://127.0.0.1:");
  board.child.kill("SIGINT");
  expect(await board.ended).toMatchObject({ code: 0 });
});

describe("--bare is refused in one line", () => {
  test("on a board without a loader in its chip", async () => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    closing.push(() => said.mockRestore());
    expect(await main(["sim", "--bare", "--headless", "--board", "linux"])).toBe(2);
    expect(said.mock.calls.map(([text]) => text)).toEqual([
      "--bare: a linux has no loader in its chip; choose another with --board, such as esp32-devkitc\n",
    ]);
  });

  test("with what is of a lamp", () => {
    const options = {
      set: [],
      json: false,
      quiet: false,
      headless: true,
      watch: true,
      bare: true,
      speed: "real",
      seed: 1,
    };
    expect(() => checkTogether(options as SimOptions)).toThrow(
      new UsageError(
        "--bare and --watch do not go together, as a bare board runs no lamp; leave one of them out",
      ),
    );
  });
});
