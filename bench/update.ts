// An update over the air: how long 9 KB take, on the simulated board and on the interpreter, and what being ready for it costs the lamp.
import { EmbeddedBroker } from "../sim/index.ts";
import { InterpreterWithSlots } from "../test/drivers/interpreter-with-slots.ts";
import { lampOfVersion, updatableLamp, updateKey } from "../test/fixtures/update-world.ts";
import { chosenFile, loader, loaderFiles, slotFiles } from "../tools/flash/loader.ts";
import { updateOverTheAir } from "../tools/flash/over-the-air.ts";
import type { Row, Section } from "./report.ts";
import { builtBundle } from "./wick-bundle.ts";

const bytes = 9 * 1024;
const askedSeconds = 10;
const roundTripMs = 50;

/** Without the interpreter its rows are missing. */
export async function updateSection(interpreter: string | undefined): Promise<Section> {
  const rows = [await simulated()];
  const online = await lampBytes();
  if (interpreter) rows.push(...(await onInterpreter(interpreter)));
  return {
    title: `Update over the air: ${bytes} bytes, from the first one until all are in the flash`,
    rows: [...rows, online],
  };
}

function timeRow(what: string, ms: number): Row {
  const seconds = ms / 1000;
  return {
    what,
    measured: `${seconds.toFixed(1)} s`,
    asked: `${askedSeconds} s`,
    met: seconds < askedSeconds,
  };
}

async function simulated(): Promise<Row> {
  const lamp = await updatableLamp();
  lamp.onTheWay = (message) => {
    lamp.clock.schedule(lamp.clock.now() + roundTripMs, () => lamp.deliver(message));
    return [];
  };
  const next = await lampOfVersion(2000);
  const began = performance.now();
  const { sendingMs } = await lamp.update({ ...next, bundle: next.bundle.padEnd(bytes) }, { wait: false });
  const wall = (performance.now() - began) / 1000;
  return timeRow(
    `simulated board, ${roundTripMs} ms there and back (board time; ${wall.toFixed(1)} s of real time)`,
    sendingMs,
  );
}

/** Prints what is in use from `.boot0` on. */
const reporter = `setInterval(function(){print("\\x10holds",process.memory().usage)},10);`;

async function onInterpreter(interpreter: string): Promise<Row[]> {
  const broker = await EmbeddedBroker.create();
  const port = await broker.listen(0);
  const settings = { "mqtt.port": port };
  const [old, next] = [await lampOfVersion(1000, settings), await lampOfVersion(2000, settings)];
  const board = new InterpreterWithSlots(interpreter);
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const variables = (from: number) =>
    board.console.slice(from).flatMap((line) => Number(/holds (\d+)/.exec(line)?.[1] ?? Number.NaN) || []);
  try {
    const files = { [slotFiles.a]: old.bundle, [chosenFile]: "a", [loaderFiles[1]]: loader };
    await board.install(files, reporter);
    await pause(3_000);
    const idle = Math.min(...variables(Math.max(0, board.console.length - 50)));
    const from = board.console.length;
    let highest = 0;
    const { sendingMs } = await updateOverTheAir({
      ...next,
      bundle: next.bundle.padEnd(bytes),
      topic: "home/office/lamp",
      wait: false,
      onProgress({ step }) {
        if (step === "sending") highest = Math.max(highest, ...variables(from));
      },
    });
    return [
      timeRow("Espruino for Linux, a broker on this computer (real time)", sendingMs),
      { what: "variables in use before, and at most meanwhile", measured: `${idle}, ${highest}` },
    ];
  } finally {
    await board.stop();
    await broker.close();
  }
}

async function lampBytes(): Promise<Row> {
  const board = "esp32-devkitc";
  const wifi = { "wifi.ssid": "network" };
  const without = await builtBundle(1883, 1, wifi, board);
  const with_ = await builtBundle(
    1883,
    1,
    { ...wifi, "update.key": updateKey, "update.version": 2e9 },
    board,
  );
  return {
    what: `bytes of the bundle that it takes, default settings, board ${board}`,
    measured: `${with_.code.length - without.code.length} (${without.code.length} without)`,
  };
}
