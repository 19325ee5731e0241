/** Whatever goes wrong while a lamp is flashed: one line that says what to do, and the old lamp still answers. */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Failure } from "../tools/cli/errors.ts";
import { bundleToFlash } from "../tools/cli/flash/bundle.ts";
import { Output } from "../tools/cli/output.ts";
import { loadProfile, profileNames } from "../tools/config/profile.ts";
import { misfit } from "../tools/flash/profile-fit.ts";
import { type FlashWorld, failure, flashWorld, type WorldOptions } from "./fixtures/flash-world.ts";

let world: FlashWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function given(options: WorldOptions = {}): Promise<FlashWorld> {
  world = await flashWorld(options);
  return world;
}

describe("the cable", () => {
  test("is pulled in the middle of the upload", async () => {
    const board = await given();
    const line = await failure(board, {
      comesBack: true,
      onProgress: (port, sent) => sent > 3000 && port.pull(),
    });
    expect(line).toMatch(
      /simulated is gone \(the cable was pulled\): .*; what was on the board before is as it was$/,
    );
    expect(await board.lampThatAnswers()).toBe("old");
    // The next attempt goes through.
    await board.flash();
    expect(await board.lampThatAnswers()).toBe("new");
  });

  test("is lost while the board starts over, as over Wi-Fi, and comes back: the proof goes on", async () => {
    const board = await given();
    let pulled = 0;
    await board.flash({
      comesBack: true,
      onEvent: (port, { step }) => {
        if (step !== "restart") return;
        pulled++;
        const { clock } = board.simulation;
        clock.schedule(clock.now() + 120, () => port.pull("the other side closed the connection"));
      },
    });
    expect(pulled).toBe(1);
    expect(board.events).toContainEqual(expect.objectContaining({ type: "installed", slot: "b" }));
    expect(await board.lampThatAnswers()).toBe("new");
  });

  test("is lost while the board starts over, and stays away: said after half a minute", async () => {
    const board = await given();
    const from = board.simulation.clock.now();
    const line = await failure(board, {
      onEvent: (port, { step }) => void (step === "restart" && port.pull()),
    });
    expect(line).toMatch(/^simulated is gone \(the cable was pulled\): .*; the new lamp is on the board$/);
    expect(board.simulation.clock.now() - from).toBeLessThan(45_000);
  });

  test("spoils a byte of the upload once: it is written again", async () => {
    const board = await given();
    let flips = 0;
    await board.flash({
      cable: {
        toBoard: (bytes) => (uploading(board) && flips++ === 100 ? flipped(bytes) : bytes),
      },
    });
    expect(flips).toBeGreaterThan(100);
    expect(board.events.filter(({ step }) => step === "upload")).toHaveLength(2);
    expect(await board.lampThatAnswers()).toBe("new");
  });

  test("spoils a byte of every upload: the new lamp is never chosen", async () => {
    const board = await given();
    let pieces = 0;
    const line = await failure(board, {
      cable: { toBoard: (bytes) => (uploading(board) && pieces++ % 200 === 100 ? flipped(bytes) : bytes) },
    });
    expect(line).toMatch(
      /^twice what the board holds in lamp\.b is not what was sent; try a shorter cable.*; what was on the board before is as it was$/,
    );
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("spoils an answer now and then: it is asked again", async () => {
    const board = await given();
    let pieces = 0;
    await board.flash({ cable: { toDesk: (bytes) => (pieces++ % 150 === 149 ? flipped(bytes) : bytes) } });
    expect(pieces).toBeGreaterThan(150);
    expect(await board.lampThatAnswers()).toBe("new");
  });

  test("has the wrong baud rate", async () => {
    const board = await given();
    const noise = (bytes: string): string =>
      bytes.replace(/[\s\S]/g, (one) => String.fromCharCode(((one.charCodeAt(0) * 37 + 128) & 255) | 128));
    const line = await failure(board, { cable: { toDesk: noise, toBoard: noise }, baud: 9600 });
    expect(line).toMatch(
      /^what comes from simulated at 9600 baud is no text .*: the baud rate is wrong; try --baud 115200, or flash\.baud/,
    );
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("leads to nothing", async () => {
    const board = await given();
    board.simulation.board.powerOff();
    const line = await failure(board);
    expect(line).toMatch(
      /^nothing answers on simulated at 115200 baud: press the board's reset button \(EN\).*--espruino DIR/,
    );
    board.simulation.board.boot();
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("Ctrl-C in the middle of the upload", async () => {
    const board = await given();
    const controller = new AbortController();
    const line = await failure(board, {
      signal: controller.signal,
      onProgress: (_, sent) => sent > 3000 && controller.abort(),
    });
    expect(line).toBe("stopped; what was on the board before is as it was");
    expect(await board.lampThatAnswers()).toBe("old");
    await board.flash();
    expect(await board.lampThatAnswers()).toBe("new");
  });

  test("Ctrl-C before anything is written", async () => {
    const board = await given();
    const line = await failure(board, { signal: AbortSignal.abort() });
    expect(line).toBe("stopped; nothing was written");
    expect(await board.lampThatAnswers()).toBe("old");
  });
});

describe("the board", () => {
  const called = (name: string) => {
    const { interpreter } = loadProfile("esp32-devkitc");
    return { interpreter: { ...interpreter, boards: [name] } };
  };

  test("is another one than the profile is for", async () => {
    const board = await given({ profile: called("ESP32C3_IDF4") });
    const line = await failure(board);
    expect(line).toMatch(
      /^this board says that it is "ESP32C3_IDF4" \(process\.env\.BOARD\), and the profile esp32-devkitc is for ESP32 \(did you mean "--board [\w-]+"\?\).*; nothing was written$/,
    );
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("is one of several: all are named, none is likelier", () => {
    const all = profileNames().map((name) => loadProfile(name));
    const found = { board: "ESP32", variables: { total: 16_383, free: 16_000, blockBytes: 14 } };
    const line = misfit(found, loadProfile("wemos-d1-mini"), all);
    expect(line).toMatch(/; name the board that it is with --board: .*esp32-devkitc, .*\w$/);
    expect(line).not.toContain("did you mean");
  });

  test("is one that no profile knows", async () => {
    const board = await given({ profile: called("TOASTER") });
    expect(await failure(board)).toMatch(
      /^this board says that it is "TOASTER".*no profile knows "TOASTER": write one in board-profiles\//,
    );
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("prints all the time: the lamp is installed all the same", async () => {
    const board = await given({
      files: { ".boot1": `setInterval(function(){print("tick "+Math.random())},10)` },
    });
    await board.flash();
    expect(await board.lampThatAnswers()).toBe("new");
  });

  test("starts over by itself every now and then", async () => {
    const board = await given({ files: { ".boot1": "setTimeout(function(){E.reboot()},900)" } });
    const line = await failure(board);
    expect(line).toMatch(
      /^the board starts over by itself soon after its start; .* npx wick monitor; what was on the board before is as it was$/,
    );
    const { files } = board.simulation.board.storage;
    files.erase(".boot1");
    board.simulation.board.boot();
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("starts over and over, as fast as it can", async () => {
    const board = await given({ files: { ".boot1": "setTimeout(function(){E.reboot()},70)" } });
    const line = await failure(board);
    expect(line).toMatch(
      /^the board on simulated starts over and over \(\d+ times while it was watched; .*--espruino DIR --erase erases that too$/,
    );
    const { files } = board.simulation.board.storage;
    files.erase(".boot1");
    board.simulation.board.boot();
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("is locked by a password", async () => {
    const board = await given();
    board.simulation.board.evaluate(`E.setPassword("secret");E.lockConsole()`);
    const line = await failure(board);
    expect(line).toMatch(
      /^the console on simulated is locked by a password; unlock it: .*npx wick monitor --port simulated/,
    );
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("has too few variables for a lamp", async () => {
    const board = await given({ profile: { memory: { variables: 600, blockSize: 14 } } });
    expect(await failure(board)).toMatch(
      /^this Espruino has 600 variables, and a lamp needs some \d+; .*; nothing was written$/,
    );
    expect(await board.lampThatAnswers()).toBe("old");
  });
});

describe("the board's Storage is full", () => {
  const flash = { pages: 10, pageBytes: 4096 };
  const full = { profile: { flash }, files: { log: "l".repeat(26_000) } } as unknown as WorldOptions;

  test("of files", async () => {
    const board = await given(full);
    const line = await failure(board);
    expect(line).toMatch(
      /^the board's Storage has \d+ bytes free, and \d+ are needed \(\d+ to write and a page of 4096 to stay clear of\); erase files that nobody needs: .*; what was on the board before is as it was$/,
    );
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("of replaced files: only --compact makes room", async () => {
    const board = await given(full);
    board.simulation.board.storage.files.erase("log");
    expect(await failure(board)).toMatch(
      /; 26032 bytes of replaced files can be won back with --compact; .* a power cut erases all of the Storage; /,
    );
    expect(await board.lampThatAnswers()).toBe("old");
    await board.flash({ compact: true });
    expect(board.said).toContain("Compacting the board's Storage: do not pull the plug now");
    expect(await board.lampThatAnswers()).toBe("new");
  });
});

describe("the bundle", () => {
  test("is too large for the profile", async () => {
    const board = await given();
    const file = join(tmpdir(), `wick-large-${process.pid}.js`);
    writeFileSync(file, "x".repeat(9000));
    const error = await bundleToFlash(board.config, file, new Output({ json: false, quiet: true })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Failure);
    const { bundleBytes } = loadProfile("esp32-devkitc").budget;
    expect((error as Failure).message).toMatch(
      new RegExp(`has 9000 bytes, ${9000 - bundleBytes} above the budget of esp32-devkitc `),
    );
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("stops with an exception at its start: the old lamp is started again", async () => {
    const board = await given();
    const line = await failure(board, { bundle: Buffer.from(`print("new lamp");nothing.there();`) });
    expect(line).toMatch(
      /^the new lamp stopped at its start: Uncaught ReferenceError: .*nothing.*; what was on the board before is as it was$/,
    );
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("stops a second after its start: the old lamp is started again", async () => {
    const board = await given();
    const line = await failure(board, {
      bundle: Buffer.from("setTimeout(function(){nothing.there()},1000)"),
    });
    expect(line).toMatch(/^the new lamp stopped at its start: Uncaught ReferenceError/);
    expect(await board.lampThatAnswers()).toBe("old");
  });

  test("is no program at all", async () => {
    const board = await given();
    const line = await failure(board, { bundle: Buffer.from("<html>not a lamp</html>") });
    expect(line).toMatch(/^the new lamp stopped at its start: Uncaught SyntaxError/);
    expect(await board.lampThatAnswers()).toBe("old");
  });
});

/** Between the beginning of an upload and the look at what came of it. */
function uploading({ events }: FlashWorld): boolean {
  return events.findLast(({ type }) => type === "step")?.step === "upload" && isOfLamp(events);
}

function isOfLamp(events: FlashWorld["events"]): boolean {
  return String(events.findLast(({ step }) => step === "upload")?.file).startsWith("lamp.");
}

/** With the lowest bit of a letter or digit in it changed: the packets stay packets. */
function flipped(bytes: string): string {
  return bytes.replace(/[A-Za-z0-9]/, (one) => String.fromCharCode(one.charCodeAt(0) ^ 1));
}
