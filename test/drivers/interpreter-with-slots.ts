// The real interpreter as a lamp that was flashed: files in its Storage, and started again whenever it ends itself.
import {
  type EspruinoProcess,
  latin1Literal,
  listenForQuestions,
  startEspruino,
} from "./espruino-process.ts";

/** A board of the interpreter that is started again whenever it ends itself: on Linux that is what `E.reboot` does. */
export class InterpreterWithSlots {
  private process: EspruinoProcess | undefined;
  private stopped = false;
  private readonly binary: string;
  readonly console: string[] = [];

  constructor(binary: string) {
    this.binary = binary;
  }

  /** A fresh board with these files, started anew from them; `also` runs before them, beside what answers questions. */
  async install(files: Readonly<Record<string, string>>, also = ""): Promise<void> {
    const first = await startEspruino({
      interpreter: this.binary,
      bootCode: "",
      prelude: listenForQuestions + also,
    });
    try {
      for (const [name, content] of Object.entries(files)) {
        const written = await first.evaluate(
          `require("Storage").write(${latin1Literal(name)},${latin1Literal(content)})`,
        );
        if (written !== "true") throw new Error(`${name} could not be written: ${written}`);
      }
    } finally {
      await first.stop({ keepFolder: true });
    }
    await this.start(first.folder);
  }

  private async start(folder: string): Promise<void> {
    const process = await startEspruino({ interpreter: this.binary, folder });
    this.process = process;
    process.onLine((line) => this.console.push(line));
    const look = setInterval(() => {
      if (!process.hasEnded() && !this.stopped) return;
      clearInterval(look);
      if (!this.stopped) void this.start(folder);
    }, 50);
  }

  evaluate(expression: string): Promise<string> {
    return this.process?.evaluate(expression) ?? Promise.reject(new Error("no interpreter runs"));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.process?.stop();
  }
}
