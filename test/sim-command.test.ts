/** `wick sim` as a user starts it: a process of its own, its lines, its end. */
import { afterEach, expect, test } from "vitest";
import { projectRoot } from "../tools/version.ts";
import { freePort } from "./fixtures/free-port.ts";
import { msToEnd, type RunningProgram, startWick } from "./fixtures/wick-process.ts";

const started: RunningProgram[] = [];

afterEach(async () => {
  for (const program of started.splice(0)) await program.kill();
});

function sim(...options: string[]): RunningProgram {
  const program = startWick(["sim", ...options], { folder: projectRoot });
  started.push(program);
  return program;
}

test("--json prints one event a line, in board time, and nothing else, on stdout", async () => {
  const run = sim("--json", "--speed", "max", "--duration", "10s", "--seed", "3");
  expect(await run.ended).toMatchObject({ code: 0 });
  const events = run.lines.map((line) => JSON.parse(line));
  expect(events[0]).toEqual({ t: 0, type: "boot" });
  expect(events).toContainEqual(expect.objectContaining({ type: "wifi", state: "connected" }));
  expect(events).toContainEqual(expect.objectContaining({ type: "socket", state: "open" }));
  const times = events.map(({ t }) => t);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.at(-1)).toBeLessThanOrEqual(10_000);
});

test("at full speed no line to try is shown, as nobody could reach the broker", async () => {
  const { code, out } = await sim("--speed", "max", "--duration", "3s").ended;
  expect(code).toBe(0);
  expect(out).not.toMatch(/mosquitto_pub|mqtt pub|Try this/);
  expect(out).toMatch(/^At full speed the broker is inside this process/);
});

test("a broker that refuses is retried; SIGINT ends it well within a second, with exit code 0", async () => {
  const port = await freePort();
  const took = await msToEnd(async () => {
    const run = sim("--json", "--broker", `mqtt://somebody:hush-hush@127.0.0.1:${port}`);
    await run.line(/"state":"closed","reason":"connection refused"/);
    return run;
  });
  expect(took).toBeLessThan(1000);
  for (const { out, error } of started) expect(out.text + error.text).not.toContain("hush-hush");
});

test("a broker that is down is one line on stderr that says what to do, once", async () => {
  const port = await freePort();
  const broker = `mqtt://127.0.0.1:${port}`;
  const run = sim("--json", "--headless", "--board", "linux", "--broker", broker, "--duration", "5s");
  expect(await run.ended).toMatchObject({ code: 0 });
  expect(run.lines.filter((line) => line.includes("connection refused")).length).toBeGreaterThan(1);
  expect(run.error.text.split("\n").filter((line) => line.startsWith("No broker"))).toEqual([
    `No broker at 127.0.0.1:${port}: connection refused. Start it, or leave --broker out to use the built-in one; the board keeps trying.`,
  ]);
});

test("--duration ends it after so much of board time, beside real time too, with exit code 0", async () => {
  const broker = `mqtt://127.0.0.1:${await freePort()}`;
  const run = sim("--json", "--board", "linux", "--broker", broker, "--duration", "1s");
  expect(await run.ended).toMatchObject({ code: 0 });
  expect(JSON.parse(run.lines[0] ?? "")).toEqual({ t: 0, type: "boot" });
  for (const line of run.lines) expect(JSON.parse(line).t).toBeLessThanOrEqual(1000);
});

test.each([
  [["--duration", "5"], "5min"],
  [["--broker", "http://127.0.0.1"], "mqtt://"],
  [["--speed", "max"], "--duration"],
  [["--speed", "max", "--duration", "1s", "--broker", "mqtt://127.0.0.1"], "--broker"],
])("%j is refused in one line that says what is allowed", async (options, hint) => {
  const { code, error } = await sim(...options).ended;
  expect(error.trim().split("\n")).toHaveLength(1);
  expect(error).toContain(hint);
  expect(code).toBe(2);
});
