/** The waveform of the pins: a canvas that runs with the board's time, PWM as a shade as high as its duty. */
import type { Model, PinTrace } from "./model.ts";

export const ROW_HEIGHT = 58;
const AXIS_HEIGHT = 22;
/** Rows that fit a screen. */
const MOST_ROWS = 8;
/** With reduced motion the picture moves on in steps. */
const STEP_MS = 1000;

export interface ScopeRow {
  pin: string;
  role: "lamp" | "button" | "";
}

/** Which pins are worth a row: the lamp's, the button's, and those that ever changed. */
export function rowsOf({ facts, traces }: Model): ScopeRow[] {
  if (!facts) return [];
  const { lamp } = facts;
  const rows: ScopeRow[] = lamp ? [{ pin: lamp.pin, role: "lamp" }] : [];
  if (lamp?.button) rows.push({ pin: lamp.button.pin, role: "button" });
  for (const [pin, { times }] of traces)
    if (times.length > 1 && !rows.some((row) => row.pin === pin)) rows.push({ pin, role: "" });
  return rows.slice(0, MOST_ROWS);
}

const COLOURS = { lamp: "#ffbe68", button: "#8fbcff", "": "#7fd1ae" } as const;

/** More pictures a second are work that nobody sees. */
const FRAME_MS = 33;

export class Scope {
  private readonly canvas: HTMLCanvasElement;
  private readonly stillness = matchMedia("(prefers-reduced-motion: reduce)");
  private width = 0;
  private drawnAt = 0;
  private drawnEnd = Number.NaN;

  /** `resized` is called when the canvas has another width, and has to be drawn anew. */
  constructor(canvas: HTMLCanvasElement, resized: () => void) {
    this.canvas = canvas;
    new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0;
      if (width === this.width) return;
      this.width = width;
      resized();
    }).observe(canvas);
  }

  /** Draws the last `windowMs` of board time up to `t`, if that is another picture than the last one; `isNew`: other than by the passing of time. */
  draw(model: Model, t: number, windowMs: number, isNew: boolean): void {
    const { canvas, width } = this;
    const end = this.stillness.matches && model.running ? Math.ceil(t / STEP_MS) * STEP_MS : t;
    const moved = (Math.abs(end - this.drawnEnd) / windowMs) * width;
    const now = performance.now();
    if (width === 0 || (!isNew && (moved < 1 || now - this.drawnAt < FRAME_MS))) return;
    this.drawnAt = now;
    this.drawnEnd = end;
    const rows = rowsOf(model);
    const height = rows.length * ROW_HEIGHT + AXIS_HEIGHT;
    const ratio = devicePixelRatio;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext("2d");
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const start = end - windowMs;
    const x = (time: number): number => ((time - start) / windowMs) * width;
    this.axis(context, start, end, width, rows.length * ROW_HEIGHT, x);
    for (const [index, { pin, role }] of rows.entries()) {
      const trace = model.traces.get(pin);
      if (trace) wave(context, trace, start, t, index * ROW_HEIGHT, COLOURS[role], x);
    }
  }

  private axis(
    context: CanvasRenderingContext2D,
    start: number,
    end: number,
    width: number,
    height: number,
    x: (t: number) => number,
  ): void {
    const step = tick((end - start) / Math.max(2, width / 90));
    context.font = "11px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";
    context.textAlign = "center";
    context.lineWidth = 1;
    for (let at = Math.ceil(Math.max(0, start) / step) * step; at <= end; at += step) {
      const place = Math.round(x(at)) + 0.5;
      context.strokeStyle = "#ffffff1a";
      context.beginPath();
      context.moveTo(place, 0);
      context.lineTo(place, height);
      context.stroke();
      const label = step < 1000 ? `${(at / 1000).toFixed(step < 100 ? 2 : 1)} s` : `${at / 1000} s`;
      // At the edges there is no room for half a label.
      if (place > 24 && place < width - 24) {
        context.fillStyle = "#a3a9b8";
        context.fillText(label, place, height + 15);
      }
    }
  }
}

/** The next of 1, 2, 5, 10, … ms that is at least `ms`. */
function tick(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(ms));
  return power * ([1, 2, 5].find((factor) => factor * power >= ms) ?? 10);
}

function wave(
  context: CanvasRenderingContext2D,
  { times, values }: PinTrace,
  start: number,
  end: number,
  top: number,
  colour: string,
  x: (t: number) => number,
): void {
  const low = top + ROW_HEIGHT - 8;
  const high = top + 10;
  const y = (value: number): number => low - value * (low - high);
  context.strokeStyle = "#ffffff14";
  context.beginPath();
  context.moveTo(0, low + 0.5);
  context.lineTo(x(end), low + 0.5);
  context.stroke();
  context.fillStyle = `${colour}55`;
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  context.beginPath();
  for (let index = firstVisible(times, start); index < times.length; index++) {
    // Before it was made the board had no time.
    const from = Math.max(times[index] ?? 0, start, 0);
    if (from > end) break;
    const until = Math.min(times[index + 1] ?? end, end);
    const value = values[index] ?? 0;
    const left = x(from);
    const right = x(until);
    context.fillRect(left, y(value), right - left, low - y(value));
    context.lineTo(left, y(value));
    context.lineTo(right, y(value));
  }
  context.stroke();
}

/** Index of the value that holds at `t`. */
function firstVisible(times: readonly number[], t: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= t) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
