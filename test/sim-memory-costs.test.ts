/** The table of sim/memory/costs.ts, in the simulator and on the interpreter it was measured on. */
import { describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { bufferVariables, stringVariables } from "../sim/memory/costs.ts";
import { startEspruino } from "./drivers/espruino-process.ts";

/** A statement, and how many variables more are in use after it. It may keep something in `a` and has `u`, a typed array, and `f`, a function. */
const costs: readonly (readonly [statement: string, variables: number])[] = [
  ["a=new Uint8Array(1)", 3],
  ["a=new Uint8Array(10)", 4],
  ["a=new Uint8Array(19)", 4],
  ["a=new Uint8Array(20)", 5],
  ["a=new Uint8Array(29)", 6],
  ["a=new Uint8Array(2048)", 150],
  ["a=new Uint16Array(64)", 13],
  ["a=new Float64Array(8)", 8],
  ["a=new ArrayBuffer(100)", 10],
  ["a=new Uint8Array(u.buffer,2,5)", 1],
  ["a=u.subarray(2,5)", 1],
  ["setTimeout(f,1e8)", 5],
  ["setTimeout(f,1e8,1)", 8],
  ["setTimeout(f,1e8,1,2)", 9],
  ["setInterval(f,1e8)", 7],
  ["setWatch(f,D5,{repeat:true,edge:'both'})", 11],
  ["setWatch(f,D6,{repeat:true,edge:'both',debounce:50})", 14],
  ["process.on('xyz',f)", 4],
  ["process.on('xyz',f);process.on('xyz',f)", 5],
  ["process.on('long name of an event',f)", 5],
  // The event stays in the queue until the program has returned.
  ["process.on('xyz',f);process.emit('xyz',1)", 4 + 7],
];

/** Takes back what a statement did. */
const undo =
  "a=0;clearTimeout();clearWatch();process.removeAllListeners('xyz');process.removeAllListeners('long name of an event');";

/** Everything is done twice, because the first use of something built in takes variables for good; the second time counts. */
const program = `var a,m=0,k=0,u=new Uint8Array(64),f=function(){};setTimeout(function(){
${costs.map(([statement]) => `${statement};${undo}`).join("\n")}
m=process.memory().usage;
${costs.map(([statement], index) => `${statement};k=process.memory().usage;print("${index}:",k-m);${undo}`).join("\n")}
},10)`;

const results = (lines: readonly string[]): [string, number][] =>
  costs.map(([statement], index) => {
    const line = lines.find((one) => one.startsWith(`${index}:`));
    return [statement, Number(line?.split(": ")[1] ?? line?.split(":")[1])];
  });

test("the simulator counts what the table says", async () => {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const profile = { name: "linux", wifi: false };
  const board = createBoard({ profile, bundle: program, clock, network });
  board.boot();
  await clock.advance(100);
  expect(results(board.console)).toEqual(costs);
});

test("long strings and buffers take what was measured", () => {
  expect([0, 9, 10, 19, 20, 37, 100, 500].map(stringVariables)).toEqual([1, 1, 2, 2, 3, 4, 11, 51]);
  expect([64, 128, 1000].map(bufferVariables)).toEqual([7, 12, 74]);
});

const interpreter = process.env.ESPRUINO_BIN;

describe.skipIf(!interpreter)("the interpreter itself", () => {
  test("takes what the table says", async () => {
    const board = await startEspruino({ interpreter: interpreter ?? "", bootCode: program, prelude: " " });
    try {
      const end = performance.now() + 8_000;
      while (
        !board.console.some((line) => line.startsWith(`${costs.length - 1}:`)) &&
        performance.now() < end
      )
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(results(board.console)).toEqual(costs);
    } finally {
      await board.stop();
    }
  });
});
