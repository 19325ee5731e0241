/** What becomes of a program that takes more memory than the board has: in the simulator as on the interpreter. */
import { describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { startEspruino } from "./drivers/espruino-process.ts";

interface Case {
  readonly what: string;
  readonly program: string;
  /** What the console says, without the places of errors. */
  readonly says: readonly string[];
}

const told = "New interpreter error: LOW_MEMORY,MEMORY";
const cut = "Execution Interrupted during event processing.";

const cases: readonly Case[] = [
  {
    what: "a buffer that is too large ends the bundle, and what it set going runs",
    program: `print("A");setTimeout(function(){print("later",E.getErrorFlags().join())},200);
try{var a=new Uint8Array(300000)}catch(e){print("caught")}finally{print("finally")}print("B");`,
    says: ["A", "OUT OF MEMORY", "Execution Interrupted", told, "later LOW_MEMORY,MEMORY"],
  },
  {
    what: "no catch and no finally is run",
    program: `setTimeout(function(){try{new Uint8Array(300000)}catch(e){print("caught")}finally{print("finally")}print("on")},100)`,
    says: ["OUT OF MEMORY", cut, told],
  },
  {
    what: "a second time is told only once the flag has been read",
    program: `E.on("errorFlag",function(f){print("event",f.join())});
setTimeout(function(){print(1);new Uint8Array(300000)},100);setTimeout(function(){print(2);new Uint8Array(300000)},200);
setTimeout(function(){print(E.getErrorFlags().join())},300);setTimeout(function(){print(3);new ArrayBuffer(300000)},400)`,
    says: [
      ...["1", "OUT OF MEMORY", cut, "event LOW_MEMORY,MEMORY", told],
      ...["2", cut, "LOW_MEMORY,MEMORY"],
      ...["3", "OUT OF MEMORY", cut, "event LOW_MEMORY,MEMORY", told],
    ],
  },
  {
    what: "an interval that is cut short is gone, and so is one that comes after it in the same pass",
    program: `var n=0;setInterval(function(){print("tick",++n);if(n==2)new Uint8Array(300000)},100);
setInterval(function(){print("other")},100);setTimeout(function(){print("end")},600)`,
    says: [
      ...["tick 1", "other", "tick 2", "OUT OF MEMORY"],
      "ERROR: Ctrl-C while processing interval - removing it.",
      "other",
      "ERROR: Ctrl-C while processing interval - removing it.",
      ...[cut, "New interpreter error: CALLBACK,LOW_MEMORY,MEMORY", "end"],
    ],
  },
  {
    what: "buffers that are kept add up",
    program: `var kept=[];setTimeout(function(){while(1)kept.push(new Uint8Array(2000))},100);
setTimeout(function(){print(kept.length>100,kept.length<120);kept=0;kept=new Uint8Array(100000);print(kept.length)},300)`,
    says: ["OUT OF MEMORY", cut, told, "true true", "100000"],
  },
  {
    what: "buffers that nothing holds any more do not",
    program: `var kept;setInterval(function(){for(var i=0;i<9;i++)kept=new Uint8Array(20000)},50);
setTimeout(function(){print(kept.length)},600)`,
    says: ["20000"],
  },
  {
    what: "events that are emitted without end",
    program: `var o={},n=0;o.on("x",function(){n++});setTimeout(function(){while(1)o.emit("x",1)},100);
setTimeout(function(){print(n>2000,n<2500)},1500)`,
    says: ["OUT OF MEMORY", cut, told, "true true"],
  },
  {
    what: "timers that are made without end",
    program: `setTimeout(function(){while(1)setTimeout(print,1e7)},100);setTimeout(function(){clearTimeout();print(1)},300)`,
    says: ["OUT OF MEMORY", cut, told, "1"],
  },
  {
    what: "constructors that are metered look as they always did",
    program: `print(Uint8Array,typeof Uint8Array,new Uint8Array(2).constructor==Uint8Array,new Uint8Array([1,2,3]).subarray(1) instanceof Uint8Array)`,
    says: ["function () { [native code] } function true true"],
  },
  {
    what: "a buffer longer than any can be is an error like another",
    program: `try{new ArrayBuffer(16777216)}catch(e){print(e.message)}try{new ArrayBuffer(-1)}catch(e){print(e.message)}`,
    says: ["ArrayBuffer too long", "Invalid length for ArrayBuffer"],
  },
];

describe("the simulator", () => {
  test.each(cases)("$what", async ({ program, says }) => {
    const clock = new VirtualClock();
    const network = new LoopbackNetwork(clock);
    const profile = { name: "linux", wifi: false, memory: { variables: 16383, blockSize: 14 } };
    const board = createBoard({ profile, bundle: program, clock, network });
    board.boot();
    await clock.advance(1_800);
    expect(board.console.filter((line) => !line.startsWith("    at "))).toEqual(says);
    board.powerOff();
  });

  test("names the place in the program", async () => {
    const clock = new VirtualClock();
    const network = new LoopbackNetwork(clock);
    const bundle = "setTimeout(function(){\n  new Uint8Array(300000);\n},100)";
    const board = createBoard({ profile: { name: "linux", wifi: false }, bundle, clock, network });
    board.boot();
    await clock.advance(200);
    expect(board.console.slice(0, 2)).toEqual(["OUT OF MEMORY", "    at .bootcde:2:3"]);
  });
});

const interpreter = process.env.ESPRUINO_BIN;

describe.skipIf(!interpreter)("the interpreter itself", () => {
  test.concurrent.each(cases)(
    "$what",
    async ({ program, says }) => {
      const board = await startEspruino({ interpreter: interpreter ?? "", bootCode: program, prelude: " " });
      try {
        const end = performance.now() + 8_000;
        while (withoutPlaces(board.console).length < says.length && performance.now() < end)
          await new Promise((resolve) => setTimeout(resolve, 20));
        expect(withoutPlaces(board.console)).toEqual(says);
      } finally {
        await board.stop();
      }
    },
    20_000,
  );
});

/** What the console said after the banner, without the places of errors and the lines of source they quote. */
function withoutPlaces(console: readonly string[]): string[] {
  const start = console.findIndex((line) => line.includes("espruino.com/Donate"));
  return console.slice(start + 1).flatMap((line, index, lines) => {
    const quotes = lines[index + 1]?.trim() === "^" || line.trim() === "^";
    return quotes ? [] : [line.replace(/^OUT OF MEMORY.*/, "OUT OF MEMORY")];
  });
}
