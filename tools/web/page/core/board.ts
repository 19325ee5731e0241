/** A connected board through @espruino-tools/core: evaluation and pins as core offers them, on a console that answers or says why it does not. */
import { DeviceController } from "@espruino-tools/core/lib/device-controller.js";
import type { BoardConsole } from "../../../console/board-console.ts";

/** Longest for a question: to hash a bundle is the slowest of them. */
const ANSWER_MS = 10_000;
/** Longest for a pin. */
const PIN_MS = 4_000;

export class CoreBoard {
  private readonly controller = new DeviceController();

  constructor(console: BoardConsole) {
    // In the place of core's own, which never settles when the cable is lost, takes the first line for the answer, whoever said it, and trips over XOFF.
    Object.assign(this.controller, { UART: new ConsoleUart(console) });
  }

  /** The value of an expression, as JSON carries it. @throws ConsoleError */
  evaluate(expression: string): Promise<unknown> {
    return settled(this.controller.eval(expression));
  }

  /** `process.env.BOARD` */
  async boardName(): Promise<string> {
    return String(await settled(this.controller.getDeviceType()));
  }

  /** The level of a pin, 0 or 1. Of a pin that glows by PWM it is that of the moment. */
  async level(pin: string): Promise<number> {
    return Number(await settled(this.controller.Pin.val(pin)));
  }

  async setLevel(pin: string, level: 0 | 1): Promise<void> {
    await this.controller.Pin.digitalOn(pin, level);
  }

  /** `duty`: 0 to 1. */
  async setDuty(pin: string, duty: number): Promise<void> {
    await this.controller.Pin.analogOn(pin, duty);
  }
}

/** Core hands results over as `{data, log}`; our own failures travel in `log`. */
async function settled(answer: Promise<unknown>): Promise<unknown> {
  const { data, log } = (await answer) as { data: unknown; log: unknown };
  if (log instanceof Error) throw log;
  return data;
}

/** What core expects of its `UART`. */
class ConsoleUart {
  private readonly console: BoardConsole;

  constructor(console: BoardConsole) {
    this.console = console;
  }

  eval(expression: string, told: (data: unknown, log: unknown) => void): void {
    this.console.evaluate(expression, { deadlineMs: ANSWER_MS }).then(
      (value) => told(value, "success"),
      (error: unknown) => told(undefined, error),
    );
  }

  /** A statement of core's pins, such as `digitalWrite(D2,1);`. Core hands the promise on, so that a failure is heard of. */
  write(statement: string): Promise<unknown> {
    return this.console.evaluate(statement.trim().replace(/;$/, ""), { deadlineMs: PIN_MS });
  }
}
