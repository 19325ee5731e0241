/** The pins as the world around the board has them: what is at each, and what drives it. */
import type { Emit } from "./events.ts";
import { isHigh, isHighOutside, type PinState, type PinStates, valueAt } from "./pins.ts";

/** The pins as the world around the board sees and drives them. */
export interface BoardPins {
  /** Names of the pins the board has. */
  readonly names: readonly string[];
  /** Level or duty cycle at the pin, 0 to 1. */
  value(pin: string): number;
  /** PWM frequency in Hz of the last analogWrite; undefined when none was asked for or the pin is not in PWM. */
  frequency(pin: string): number | undefined;
  /** As `getPinMode` tells it. */
  mode(pin: string): string;
  /** Whether it counts as high: an output in PWM at any duty cycle above 0, an input from half of the supply on. */
  isHigh(pin: string): boolean;
  /** What drives it from outside; undefined: nothing does. */
  driven(pin: string): number | undefined;
  /**
   * Drives a pin from outside: 0 and 1 as a button does, all between as a sensor does, in parts of the supply.
   * @throws Error for what is no number from 0 to 1
   */
  drive(pin: string, level: number): void;
  /** Lets go of a pin that was driven: a pull-up or pull-down decides, else it reads 0. */
  release(pin: string): void;
}

/** What the world sees of a board's pins. */
export class OutsidePins implements BoardPins {
  private readonly states: PinStates;
  /** Told when a level, as a program reads it, changed from outside. */
  private readonly changed: (pin: PinState) => void;
  private readonly emit: Emit;

  constructor(states: PinStates, changed: (pin: PinState) => void, emit: Emit) {
    this.states = states;
    this.changed = changed;
    this.emit = emit;
  }

  get names(): readonly string[] {
    return this.states.names;
  }

  value(pin: string): number {
    return valueAt(this.named(pin));
  }

  frequency(pin: string): number | undefined {
    return this.named(pin).frequency;
  }

  mode(pin: string): string {
    return this.named(pin).mode;
  }

  isHigh(pin: string): boolean {
    const state = this.named(pin);
    return isHighOutside(state);
  }

  driven(pin: string): number | undefined {
    return this.named(pin).driven;
  }

  drive(pin: string, level: number): void {
    if (typeof level !== "number" || !(level >= 0 && level <= 1))
      throw new Error(`${pin} is driven to ${String(level)}; allowed is a number from 0 to 1`);
    this.setDriven(pin, level);
  }

  release(pin: string): void {
    this.setDriven(pin, undefined);
  }

  private named(name: string): PinState {
    const pin = this.states.get(name);
    if (!pin) throw new Error(`this board has no pin ${name}; it has ${this.names.join(", ")}`);
    return pin;
  }

  private setDriven(name: string, level: number | undefined): void {
    const pin = this.named(name);
    const before = valueAt(pin);
    const wasHigh = isHigh(pin);
    pin.driven = level;
    const after = valueAt(pin);
    if (after === before) return;
    this.emit({ type: "pin", pin: name, value: after });
    if (isHigh(pin) !== wasHigh) this.changed(pin);
  }
}
