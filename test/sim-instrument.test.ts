/** `wick sim` as an instrument: scenarios, traces, replay, live commands and the board's console, as a user starts them. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Heard } from "./fixtures/heard.ts";
import { startWick } from "./fixtures/wick-process.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-instrument-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `wick sim` to its end, in a folder of its own. */
async function sim(...options: string[]) {
  const { code, out, error } = await startWick(["sim", ...options], { folder }).ended;
  return { code, stdout: out, stderr: error };
}

const inFolder = (name: string) => join(folder, name);

describe("scenarios", () => {
  const passes =
    "name: It switches\nsteps:\n  - expect-link: { is: online, within: 10s }\n  - publish: on\n  - expect-lamp: on\n";
  const fails = `${passes.replace("It switches", "It stays lit")}  - expect-lamp: off\n`;

  test("a project of somebody else's has its own lamp, and its expectations decide the exit code", async () => {
    writeFileSync(
      inFolder("flash.config.json"),
      '{"board":"esp32-c3-supermini","lamp":{"topic":"attic/lamp"}}',
    );
    mkdirSync(inFolder("scenarios"));
    writeFileSync(inFolder("scenarios/one.yaml"), passes);
    writeFileSync(inFolder("scenarios/two.yaml"), fails);
    const { code, stdout } = await sim("--scenario", "scenarios/*.yaml", "--reporter", "tap");
    expect(code).toBe(42);
    expect(stdout).toContain("TAP version 14\n1..2\nok 1 - It switches");
    expect(stdout).toContain("not ok 2 - It stays lit");
    expect(stdout).toContain("scenarios/two.yaml:6:5");
    expect(readFileSync(inFolder("dist/scenarios/two/trace.jsonl"), "utf8")).toContain("attic/lamp");
  });

  test("a mistake in one of them runs nothing, and is told with its place", async () => {
    writeFileSync(inFolder("one.yaml"), passes);
    writeFileSync(inFolder("two.yaml"), passes.replace("expect-lamp", "expect-lmap"));
    const { code, stdout, stderr } = await sim("--scenario", "one.yaml", "two.yaml");
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.trim()).toMatch(/^two\.yaml:5:5: .*did you mean "expect-lamp"/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("settings of a scenario are checked as those of a config are", async () => {
    writeFileSync(inFolder("one.yaml"), `set: { lamp.topc: hall }\n${passes}`);
    const { code, stderr } = await sim("--scenario", "one.yaml");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^one\.yaml:1:\d+: .*lamp\.topc.*lamp\.topic/);
  });
});

test("a run is recorded, drawn, captured and replayed; another lamp is told apart at the first byte", async () => {
  const files = ["--vcd", "run.vcd", "--pcap", "run.pcap", "--record", "run.jsonl"];
  const run = await sim("--speed", "max", "--duration", "2min", "--quiet", ...files);
  expect(run).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(readFileSync(inFolder("run.vcd"), "utf8")).toContain("$enddefinitions");
  expect(readFileSync(inFolder("run.pcap")).readUInt32LE(0)).toBe(0xa1b2c3d4);
  const same = await sim("--replay", "run.jsonl");
  expect(same.code).toBe(0);
  expect(same.stdout).toContain("0 differences");
  const other = await sim("--replay", "run.jsonl", "--set", "lamp.topic=other/lamp", "--quiet");
  expect(other.code).toBe(1);
  expect(other.stderr).toContain("the board differs from run.jsonl, line");
});

test("a password is in none of the files that a run leaves", async () => {
  writeFileSync(
    inFolder("flash.config.json"),
    '{"board":"esp32-devkitc","wifi":{"ssid":"net","password":"wifi-hush-hush"},"mqtt":{"username":"me","password":"mqtt-hush-hush"}}',
  );
  const files = ["run.vcd", "run.pcap", "run.jsonl"];
  const [vcd = "", pcap = "", recording = ""] = files;
  const { code } = await sim(
    ..."--speed max --duration 10s --quiet --vcd".split(" "),
    vcd,
    "--pcap",
    pcap,
    "--record",
    recording,
  );
  expect(code).toBe(0);
  for (const file of files) expect(readFileSync(inFolder(file), "latin1")).not.toContain("hush-hush");
});

test.each(["mqtt://me:hush-hush@@bad:x", "mqtt://me:hush-hush%@host", "http://me:hush-hush@host"])(
  "a broker that is none (%s) is refused without its password",
  async (url) => {
    const { code, stdout, stderr } = await sim("--broker", url);
    expect(code).toBe(2);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("--broker");
    expect(stdout + stderr).not.toContain("hush-hush");
  },
);

test("a trace that cannot be written is said in one line", async () => {
  const { code, stderr } = await sim(
    "--speed",
    "max",
    "--duration",
    "1s",
    "--quiet",
    "--vcd",
    "no/such/run.vcd",
  );
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain("mkdir -p no/such");
});

test("a file that is no image of the board's flash is refused in one line, and left alone", async () => {
  writeFileSync(inFolder("notes.txt"), "hello");
  const { code, stderr } = await sim(..."--speed max --duration 1s --storage notes.txt".split(" "));
  expect(code).toBe(2);
  expect(stderr).toBe(
    "--storage: notes.txt has 5 bytes, an image of this board's flash has 917504; name another file, or delete this one to start with an empty flash\n",
  );
  expect(readFileSync(inFolder("notes.txt"), "utf8")).toBe("hello");
});

test.runIf(existsSync("/dev/full"))("a full disk is told once, and the other traces are whole", async () => {
  const { code, stderr } = await sim(
    ..."--speed max --duration 3s --quiet --vcd /dev/full --record beside.jsonl".split(" "),
  );
  expect(code).toBe(1);
  expect(stderr).toBe("cannot write /dev/full: the disk is full; make room or choose another place\n");
  expect(readFileSync(inFolder("beside.jsonl"), "utf8")).toMatch(/"type":"end"\}\n$/);
});

test("a reader of the report that has enough of it, as head has, is no mistake", async () => {
  writeFileSync(inFolder("short.yaml"), "name: Short\nsteps:\n  - wait: 1s\n");
  const { child, ended } = startWick(["sim", "--scenario", "short.yaml"], { folder });
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ code: 0, error: "" });
});

test.runIf(existsSync("/proc/self"))("results where no folder can be made are told in one line", async () => {
  writeFileSync(inFolder("dark.yaml"), "name: Dark\nsteps:\n  - expect-lamp: on\n");
  const { code, stderr } = await sim("--scenario", "dark.yaml", "--results", "/proc/none");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^cannot make the folder \/proc\/none\/dark [^\n]*--results FOLDER\n$/);
});

test.each([
  [["--replay", "a.jsonl", "--scenario", "b.yaml"], "--scenario"],
  [["--scenario", "b.yaml", "--vcd", "a.vcd"], "--vcd"],
  [["--jobs", "2"], "--scenario"],
  [["--console", "com1"], "tcp:PORT"],
  [["--speed", "max", "--duration", "1s", "--watch"], "--watch"],
  [["--replay", "missing.jsonl"], "missing.jsonl"],
  [["--replay", "."], "it is a folder"],
  [["--reporter", "tap"], "--scenario"],
  [["--scenario", ""], "empty"],
  [["--storage", "."], "it is a folder"],
  [["--storage", "no/such/lamp.flash"], "mkdir -p no/such"],
  [["--broker", "mqtt://127.0.0.1:0"], "mqtt://127.0.0.1:1883"],
])("%j is refused in one line", async (options, hint) => {
  const { code, stderr } = await sim(...options);
  expect(code).toBe(2);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(hint);
});

test("live commands, the console and the flash file of a lamp that runs", async () => {
  const options = ["--headless", "--console", "tcp:0", "--storage", "board.flash"];
  const lamp = startWick(["sim", ...options], { folder, input: true });
  try {
    const [, port] = await lamp.out.match(/tcp:\/\/127\.0\.0\.1:(\d+)/);
    await lamp.out.match(/socket open/);
    lamp.child.stdin?.write("set-pin: { pin: D4, level: high }\n");
    await lamp.out.match(/D4 = 1/);
    lamp.child.stdin?.write("wifi: down\n");
    await lamp.out.match(/Wi-Fi disconnected/);
    const console = connect(Number(port), "127.0.0.1").setEncoding("latin1");
    const answer = new Heard();
    console.on("data", (text: string) => answer.add(text)).on("close", () => answer.end("it was closed"));
    console.write('\x10print(6*7,require("Storage").write("kept","yes"))\n');
    await answer.match(/42 true/);
    console.destroy();
    lamp.child.kill("SIGINT");
    expect(await lamp.ended).toMatchObject({ code: 0 });
    expect(readFileSync(inFolder("board.flash")).includes("kept")).toBe(true);
  } finally {
    await lamp.kill();
  }
});
