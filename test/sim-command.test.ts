/** `wick sim` as a user starts it: a process of its own, its lines, its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const wick = fileURLToPath(new URL("../bin/wick.js", import.meta.url));
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Starts `wick sim`; `lines` grows as it prints to stdout. */
function sim(...options: string[]) {
  const child = spawn(process.execPath, [wick, "sim", ...options], { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  const lines: string[] = [];
  const seen: { stdout: string; stderr: string } = { stdout: "", stderr: "" };
  const waiting: (() => void)[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    seen.stdout += text;
    lines.splice(0, lines.length, ...seen.stdout.split("\n").slice(0, -1));
    for (const look of waiting) look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    seen.stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const line = (contains: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((text) => text.includes(contains));
        if (found !== undefined) resolve(found);
      };
      waiting.push(look);
      look();
      ended.then(() => reject(new Error(`ended without "${contains}":\n${seen.stdout}${seen.stderr}`)));
    });
  return { child, lines, seen, ended, line };
}

test("--json prints one event a line, in board time, and nothing else, on stdout", async () => {
  const run = sim("--json", "--speed", "max", "--duration", "10s", "--seed", "3");
  expect(await run.ended).toBe(0);
  const events = run.lines.map((line) => JSON.parse(line));
  expect(events[0]).toEqual({ t: 0, type: "boot" });
  expect(events).toContainEqual(expect.objectContaining({ type: "wifi", state: "connected" }));
  expect(events).toContainEqual(expect.objectContaining({ type: "socket", state: "open" }));
  const times = events.map(({ t }) => t);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.at(-1)).toBeLessThanOrEqual(10_000);
});

test("a broker that refuses is retried; SIGINT ends it well within a second, with exit code 0", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const run = sim("--json", "--broker", `mqtt://somebody:hush-hush@127.0.0.1:${port}`);
  await run.line('"state":"closed"');
  const asked = performance.now();
  run.child.kill("SIGINT");
  expect(await run.ended).toBe(0);
  expect(performance.now() - asked).toBeLessThan(1000);
  expect(run.seen.stdout + run.seen.stderr).not.toContain("hush-hush");
});

test.each([
  [["--duration", "5"], "5min"],
  [["--broker", "http://127.0.0.1"], "mqtt://"],
  [["--speed", "max"], "--duration"],
  [["--speed", "max", "--duration", "1s", "--broker", "mqtt://127.0.0.1"], "--broker"],
])("%j is refused in one line that says what is allowed", async (options, hint) => {
  const run = sim(...options);
  expect(await run.ended).toBe(2);
  expect(run.seen.stderr.trim().split("\n")).toHaveLength(1);
  expect(run.seen.stderr).toContain(hint);
});
