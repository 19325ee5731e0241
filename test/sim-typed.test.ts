/** `wick sim` drawn in a terminal: what is typed there is shown, done, and told. */
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { projectRoot } from "../tools/version.ts";
import { Heard } from "./fixtures/heard.ts";

const pty = await import("@lydell/node-pty").catch(() => undefined);
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function drawnSim() {
  if (!pty) throw new Error("@lydell/node-pty is missing");
  const terminal = pty.spawn(process.execPath, ["bin/wick.js", "sim", "--port", "0", "--board", "linux"], {
    ...{ cols: 110, rows: 40, cwd: projectRoot },
    env: { ...process.env, TERM: "xterm-256color", CI: "" },
  });
  const screen = new Heard();
  terminal.onData((text) => screen.add(stripVTControlCharacters(text)));
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  ended.then((code) => screen.end(`it ended with ${code}`));
  closing.push(() => {
    terminal.kill("SIGKILL");
    return ended;
  });
  return { terminal, screen, ended };
}

describe.skipIf(!pty)(`on a pseudo-terminal${pty ? "" : " (@lydell/node-pty is not installed)"}`, () => {
  test("a fault is typed, completed, done; a mistake is told; Ctrl-C ends it", async () => {
    const { terminal, screen, ended } = drawnSim();
    await screen.match(
      /Enter does a step typed here, such as wifi: down · Tab completes, ↑ brings back · Ctrl-C stops/,
    );
    await screen.match(/Broker {3}online/);
    terminal.write("net");
    await screen.match(/ > net/);
    terminal.write("\t");
    await screen.match(/ > network: /);
    terminal.write("{ refuse: true }\r");
    await screen.match(/│ > network: \{ refuse: true \}/);
    terminal.write("broker: stop\r");
    await screen.match(/retrying: /);
    terminal.write("brocer: start\r");
    await screen.match(/did you mean "broker"/);
    terminal.write("\x1b[A");
    await screen.match(/ > brocer: start/);
    terminal.write("\x03");
    expect(await ended).toBe(0);
  });
});
