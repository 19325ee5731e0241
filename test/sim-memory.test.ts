/** The simulated board's memory: what the interpreter was read to use, and on it what the program makes and is sent. */
import { beforeAll, describe, expect, test } from "vitest";
import { measureBuild, measuredBuilds, measuredBundle, measureIdle } from "../bench/measured-memory.ts";
import { simulatedReadings } from "../bench/simulated-memory.ts";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { shapeOf } from "../sim/memory/program-shape.ts";
import { bundleHash, estimate, type MemoryReadings, measuredMemory } from "../sim/memory/records.ts";

const phases = ["boot", "online", "flood", "afterCommands"] as const;
/** What the simulator may be off by, as a part of the interpreter's reading. */
const tolerance = 0.15;
/** The same of an estimate for a program that is no lamp, made from lamps. */
const strangerTolerance = 0.2;

const bundles = new Map<string, string>();
beforeAll(async () => {
  for (const made of measuredBuilds) bundles.set(made.name, await measuredBundle(made));
});
const bundleOf = (name: string): string => bundles.get(name) ?? "";
const recordOf = (name: string) => {
  const record = measuredMemory().builds.find((one) => one.name === name);
  if (!record) throw new Error(`no record of "${name}": run npm run bench -- --only memory --write`);
  return record;
};

function expectWithin(found: MemoryReadings, interpreter: MemoryReadings, part = tolerance): void {
  for (const phase of phases) {
    expect(found[phase], phase).toBeGreaterThan(interpreter[phase] * (1 - part));
    expect(found[phase], phase).toBeLessThan(interpreter[phase] * (1 + part));
  }
}

describe.each(measuredBuilds)("$name", (made) => {
  test("is the bundle that was measured", () => {
    const found = bundleHash(bundleOf(made.name));
    const advice = "the firmware or the build has changed: run npm run bench -- --only memory --write";
    expect(found, advice).toBe(recordOf(made.name).sha256);
  });

  test("uses what it used on the interpreter: booted, online, in a flood and after it", async () => {
    const found = await simulatedReadings(made, bundleOf(made.name));
    expect(found.baseIs).toBe("measured");
    expectWithin(found, recordOf(made.name));
  });

  test("is estimated well from the others, and said to be estimated", () => {
    const record = recordOf(made.name);
    const others = measuredMemory().builds.filter((one) => one !== record);
    const found = estimate(shapeOf(bundleOf(made.name)), record.bufferVariables, others);
    expect(found.is).toBe("estimated");
    expectWithin({ ...record, ...found }, record, made.entry ? strangerTolerance : tolerance);
  });
});

describe.skipIf(!process.env.ESPRUINO_BIN)("the interpreter itself agrees", () => {
  const interpreter = process.env.ESPRUINO_BIN ?? "";
  let ofReporter = 0;
  beforeAll(async () => {
    ofReporter = (await measureIdle(interpreter)).reporter;
  });

  // Two at a time: what takes long is mostly waiting.
  test.each([{ pair: measuredBuilds.slice(0, 2) }, { pair: measuredBuilds.slice(3, 5) }])(
    "$pair.0.name; $pair.1.name",
    async ({ pair }) => {
      const compared = pair.map(async (made) => {
        const bundle = bundleOf(made.name);
        const read = await measureBuild(interpreter, made, bundle, ofReporter);
        expectWithin(await simulatedReadings(made, bundle), read);
      });
      await Promise.all(compared);
    },
  );
});

/** A board with `program` on it that has run for `ms`. */
async function running(program: string, ms = 100) {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile: { name: "linux", wifi: false }, bundle: program, clock, network });
  board.boot();
  await clock.advance(ms);
  return { board, clock, network };
}

test("process.memory() tells what the board's memory tells, in the interpreter's words", async () => {
  const { board } = await running(`var m=process.memory(),n=process.memory(false)`);
  const found = board.evaluate("JSON.stringify([m,Object.keys(n)])") as string;
  const [memory, keys] = JSON.parse(found);
  const { usage, total } = memory;
  expect(memory).toEqual({
    ...{ free: total - usage, usage, total: 16383, history: 0, gc: 0, gctime: 0, blocksize: 14 },
    ...{ rx: { used: 0, total: 1024 }, tx: { used: 0, total: 256 } },
  });
  expect(keys).toEqual(["free", "usage", "total", "history", "blocksize", "rx", "tx"]);
  expect(board.memory.baseIs).toBe("estimated");
});

test("another broker and another topic give an estimate near the measured build", async () => {
  const bundle = bundleOf("default")
    .replaceAll("127.0.0.1", "broker.example")
    .replaceAll("home/office", "a/b");
  const { board } = await running(bundle);
  expect(board.memory.baseIs).toBe("estimated");
  expect(Math.abs(board.memory.usage - recordOf("default").boot)).toBeLessThan(20);
});

test("timers, listeners, watches and buffers count while they are there", async () => {
  const { board, clock } = await running("var timer,kept;");
  const { memory } = board;
  const before = memory.usage;
  const after = (code: string): number => {
    board.evaluate(code);
    clock.runUntil(clock.now() + 1);
    return memory.usage - before;
  };
  expect(after("timer=setInterval(print,1e6)")).toBe(7);
  expect(after("clearInterval(timer)")).toBe(0);
  expect(after('process.on("uncaughtException",print)')).toBe(5);
  expect(after('process.removeAllListeners("uncaughtException")')).toBe(0);
  expect(after("timer=setWatch(print,D5,{repeat:true,debounce:25})")).toBe(14);
  expect(after("clearWatch(timer)")).toBe(0);
  expect(after("kept=new Uint8Array(1000)")).toBe(75);
  expect(memory.metered.buffers).toBe(75);
  expect(after("kept=0")).toBe(0);
});

test("what is in Storage takes no memory", async () => {
  const { board } = await running("");
  const before = board.memory.usage;
  board.evaluate(`require("Storage").write("long","x".repeat(5000))`);
  expect(board.memory.usage).toBe(before);
});

test("data that the other side does not take piles up until memory has run out, and is sent later", async () => {
  const { board, clock, network } = await running("var socket,sent=0;");
  let taken = 0;
  network.listen(1, (peer) => {
    peer.onData = (bytes) => {
      taken += bytes.length;
    };
  });
  board.evaluate('socket=require("net").connect({host:"127.0.0.1",port:1})');
  await clock.advance(100);
  board.evaluate('setTimeout(function(){for(;;){socket.write("x".repeat(1000));sent+=1000}},10)');
  clock.runUntil(clock.now() + 9);
  const idle = board.memory.usage;
  await clock.advance(1_000);
  expect(board.console[0]).toBe("OUT OF MEMORY");
  expect(board.memory.peak).toBeGreaterThan(16_300);
  const sent = Number(board.evaluate("sent"));
  expect(sent).toBeGreaterThan(155_000);
  // What still fitted of the last piece was kept.
  expect(taken).toBeGreaterThanOrEqual(sent);
  expect(taken).toBeLessThan(sent + 1_000);
  expect(board.memory.usage).toBe(idle - 5);
});
