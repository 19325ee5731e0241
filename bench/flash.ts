// An installation over a simulated serial line: how much board time a bundle of 9 KB takes until it runs.
import { flashBoard, lampNamed } from "../test/fixtures/flash-board.ts";
import { inBoardTime, simulatedPort } from "../test/fixtures/simulated-port.ts";
import { BoardConsole } from "../tools/console/board-console.ts";
import { identify } from "../tools/console/identify.ts";
import { installBundle } from "../tools/flash/install.ts";
import type { Row, Section } from "./report.ts";

const BUNDLE_BYTES = 9 * 1024;
/** What the lamp's own pulse asks for; a choice, not work. */
const WATCH_MS = 1100;

/** Board time: the line at 115,200 baud and the board count, this computer hardly. */
export async function flashSection(): Promise<Section> {
  const rows: Row[] = [];
  for (const packets of [true, false]) {
    const { all, upload } = await installation(packets);
    const how = packets ? "framed packets" : "chunked text";
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
    const toRunning = all - WATCH_MS;
    rows.push(
      {
        what: `from the first question to the new lamp running, ${how}`,
        measured: seconds(toRunning),
        asked: "3 s",
        met: toRunning < 3000,
      },
      { what: "of that, sending the bundle and reading its hash back", measured: seconds(upload) },
      {
        what: "with the 1.1 s for which the new lamp is watched",
        measured: seconds(all),
      },
    );
  }
  return { title: `Flashing: ${BUNDLE_BYTES} bytes over a simulated serial line at 115,200 baud`, rows };
}

async function installation(packets: boolean): Promise<{ all: number; upload: number }> {
  const board = flashBoard({ files: { ".bootcde": lampNamed("old") } });
  const { clock } = board;
  board.board.boot();
  const began = clock.now();
  const port = simulatedPort(board);
  await inBoardTime(clock, identify(port, { clock }));
  const console = new BoardConsole(port, { clock, packets });
  const bundle = new TextEncoder().encode(lampNamed("new", BUNDLE_BYTES - 1));
  const at = new Map<string, number>();
  const work = installBundle(console, bundle, {
    ...{ clock, watchMs: WATCH_MS },
    onStep(step) {
      const name = "file" in step ? `${step.step} ${step.file}` : step.step;
      at.set(name, clock.now());
    },
  });
  await inBoardTime(clock, work);
  const all = clock.now() - began;
  await console.close();
  return { all, upload: (at.get("trial") ?? 0) - (at.get("upload lamp.a") ?? 0) };
}
