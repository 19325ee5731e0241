// The board driver for the real interpreter (ESPRUINO_BIN): a process, real TCP over loopback, time that passes by itself.
import { existsSync } from "node:fs";
import type { ScriptedBroker } from "../broker/scripted-broker.ts";
import type { BoardDriver, DriverKind, PinEvent, Program, RunningBoard } from "./driver.ts";
import { type EspruinoProcess, listenForQuestions, startEspruino } from "./espruino-process.ts";
import { overdue } from "./simulator.ts";

const binary = process.env.ESPRUINO_BIN;

/** Marks a line that tells of a pin. */
const pinMark = "\u0010pin ";

/** Tells on the console of every write to a pin, then writes it: the interpreter's pins have nothing behind them. */
const tellOfPins = `(function(){
function tell(p,v){print("\\x10pin "+p+" "+(+v))}
var d=digitalWrite,a=analogWrite,P=Pin.prototype;
global.digitalWrite=function(p,v){d(p,v);tell(p,v?1:0)};
global.analogWrite=function(p,v,o){a(p,v,o);tell(p,Math.min(1,Math.max(0,v)))};
P.set=function(){digitalWrite(this,1)};
P.reset=function(){digitalWrite(this,0)};
P.write=function(v){digitalWrite(this,v)};
P.toggle=function(){var v=!this.read();digitalWrite(this,v);return v};
})();`.replace(/\n/g, "");

function whyMissing(): string | undefined {
  if (!binary) return "ESPRUINO_BIN, the path of Espruino for Linux, is not set";
  return existsSync(binary) ? undefined : `ESPRUINO_BIN names ${binary}, which does not exist`;
}

export const interpreter: DriverKind = {
  name: "real interpreter",
  missing: whyMissing(),
  create: () => new InterpreterDriver(),
};

class InterpreterDriver implements BoardDriver {
  readonly name = "real interpreter";
  private readonly boards: EspruinoProcess[] = [];
  private readonly brokers: ScriptedBroker[] = [];

  async serve(broker: ScriptedBroker): Promise<number> {
    this.brokers.push(broker);
    return broker.listen();
  }

  async start(program: Program): Promise<RunningBoard> {
    if (!binary) throw new Error(whyMissing());
    const board = await startEspruino({
      interpreter: binary,
      bootCode: program.bundle,
      prelude: listenForQuestions + tellOfPins,
    });
    this.boards.push(board);
    const pins: PinEvent[] = [];
    const values = new Map<string, number>();
    const console: string[] = [];
    board.onLine((line) => {
      if (!line.startsWith(pinMark)) return void console.push(line);
      const [pin = "", text] = line.slice(pinMark.length).split(" ");
      const value = Number(text);
      if ((values.get(pin) ?? 0) === value) return;
      values.set(pin, value);
      pins.push({ pin, value });
    });
    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    return {
      pins,
      console,
      pin: (name) => values.get(name) ?? 0,
      advance: pause,
      async until(condition, withinMs, what) {
        const end = performance.now() + withinMs;
        while (!condition()) {
          if (board.hasEnded()) throw new Error(`the interpreter ended while waiting: ${what}`);
          if (performance.now() >= end) throw new Error(overdue(what, withinMs, console));
          await pause(10);
        }
      },
      evaluate: (expression) => board.evaluate(expression),
      stop: () => board.stop(),
    };
  }

  async close(): Promise<void> {
    for (const board of this.boards) await board.stop();
    for (const broker of this.brokers) await broker.stop();
  }
}
