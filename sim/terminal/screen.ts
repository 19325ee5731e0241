/** Keeps the drawing of the lamp on a terminal up to date, through resizing, until it is stopped. */
import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import type { ColourDepth } from "./colour.ts";
import type { LampModel } from "./model.ts";
import { drawLamp } from "./view.ts";

/** No eye and no terminal wants more pictures a second. */
const FRAME_MS = 40;

export class Screen {
  private readonly model: LampModel;
  private readonly terminal: WriteStream;
  private readonly update: ReturnType<typeof createLogUpdate>;
  private timer: NodeJS.Timeout | undefined;
  private readonly resized = (): void => {
    this.update.clear();
    this.draw();
  };

  constructor(model: LampModel, terminal: WriteStream) {
    this.model = model;
    this.terminal = terminal;
    this.update = createLogUpdate(terminal);
    terminal.on("resize", this.resized);
    this.draw();
  }

  /** Something changed: draws soon. */
  changed(): void {
    this.timer ??= setTimeout(() => this.draw(), FRAME_MS);
  }

  /** Leaves the last picture standing. */
  stop(): void {
    this.terminal.removeListener("resize", this.resized);
    this.draw();
    clearTimeout(this.timer);
    this.update.done();
  }

  private draw(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { columns, rows } = this.terminal;
    this.update(
      drawLamp(this.model, { columns: columns || 80, rows: rows || 24, depth: depthOf(this.terminal) }),
    );
  }
}

/** getColorDepth honours FORCE_COLOR and TERM; NO_COLOR, set to anything, is stronger (no-color.org). */
function depthOf(terminal: WriteStream): ColourDepth {
  return process.env.NO_COLOR ? 1 : (terminal.getColorDepth() as ColourDepth);
}
