/** The board's pins: levels, PWM, modes, and the Pin objects D0, D1, … */
import type { Clock } from "./clock.ts";
import type { Emit } from "./events.ts";
import { isNamed } from "./names.ts";
import type { BoardProfile } from "./profile.ts";
import type { Realm, Value } from "./realm.ts";

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
  /** Drives a pin from outside, as a button does. */
  drive(pin: string, level: 0 | 1): void;
  /** Lets go of a pin that was driven: a pull-up or pull-down decides, else it reads 0. */
  release(pin: string): void;
}

export interface PinState {
  readonly name: string;
  readonly number: number;
  readonly canOutput: boolean;
  readonly canPwm: boolean;
  mode: string;
  /** Set by pinMode: writes no longer change the mode. */
  fixed: boolean;
  /** What the board drives, 0 to 1. */
  output: number;
  frequency: number | undefined;
  driven: 0 | 1 | undefined;
  /** Level to which a resistor on the board pulls it. */
  pull: 0 | 1 | undefined;
}

/** jswrap_io.c, pinMode */
const MODES = new Set([
  "analog",
  "input",
  "input_pullup",
  "input_pulldown",
  "output",
  "opendrain",
  "opendrain_pullup",
  "af_output",
  "af_opendrain",
  "auto",
]);
const isOutput = (mode: string): boolean =>
  mode === "output" || mode === "af_output" || mode.startsWith("opendrain");

/** The pin of the board's button has a resistor that pulls it to its level at rest. */
export function createPinStates(
  pins: BoardProfile["pins"],
  button?: BoardProfile["button"],
): Map<string, PinState> {
  const all = ["input", "output", "pwm"];
  const listed =
    pins ?? Object.fromEntries(Array.from({ length: 32 }, (_, number) => [`D${number}`, { can: all }]));
  const states = new Map<string, PinState>();
  for (const [name, { can }] of Object.entries(listed)) {
    states.set(name, {
      name,
      number: Number(/\d+$/.exec(name)?.[0] ?? states.size),
      canOutput: can.includes("output"),
      canPwm: can.includes("pwm"),
      mode: "input",
      fixed: false,
      output: 0,
      frequency: undefined,
      driven: undefined,
      pull: name === button?.pin ? (button.activeLow ? 1 : 0) : undefined,
    });
  }
  return states;
}

/** Level or duty cycle at a pin, 0 to 1. */
export function valueAt(pin: PinState): number {
  if (isOutput(pin.mode)) return pin.output;
  if (pin.driven !== undefined) return pin.driven;
  if (pin.pull !== undefined) return pin.pull;
  return pin.mode.endsWith("pullup") ? 1 : 0;
}

/** The pins of one power-on: the functions and Pin objects in the realm. */
export class PinFunctions {
  private readonly objects = new Map<PinState, Value>();
  private readonly stateOf = new WeakMap<object, PinState>();
  private prototype: Value;

  private readonly realm: Realm;
  private readonly states: Map<string, PinState>;
  private readonly clock: Clock;
  private readonly emit: Emit;
  private readonly alive: () => boolean;

  constructor(realm: Realm, states: Map<string, PinState>, clock: Clock, emit: Emit, alive: () => boolean) {
    this.realm = realm;
    this.states = states;
    this.clock = clock;
    this.emit = emit;
    this.alive = alive;
    this.installFunctions();
    this.installObjects();
  }

  /** The pin that `value` names (Pin object, name or number). @throws Error "Invalid pin" of the realm */
  pin(value: Value): PinState {
    const found =
      this.stateOf.get(value) ??
      (typeof value === "string" ? this.states.get(value) : undefined) ??
      (typeof value === "number"
        ? [...this.states.values()].find(({ number }) => number === value)
        : undefined);
    if (!found) throw this.realm.error("Error", "Invalid pin");
    return found;
  }

  object(pin: PinState): Value {
    let object = this.objects.get(pin);
    if (object === undefined) {
      object = this.realm.create(this.prototype);
      this.objects.set(pin, object);
      this.stateOf.set(object, pin);
    }
    return object;
  }

  private setOutput(pin: PinState, value: number, frequency?: number): void {
    if (!pin.canOutput) return;
    const before = valueAt(pin);
    if (!pin.fixed) pin.mode = "output";
    pin.output = value;
    pin.frequency = frequency;
    const after = valueAt(pin);
    if (after !== before) this.emit({ type: "pin", pin: pin.name, value: after });
  }

  private write(target: Value, value: Value): void {
    if (Array.isArray(target)) {
      // Bit 0 belongs to the last pin of the list.
      const bits = Number(value);
      for (const [index, pin] of target.entries()) {
        this.setOutput(this.pin(pin), (bits >> (target.length - 1 - index)) & 1);
      }
    } else {
      this.setOutput(this.pin(target), Number(value) !== 0 && value ? 1 : 0);
    }
  }

  private analogWrite(target: Value, value: Value, options: Value): void {
    const pin = this.pin(target);
    if (!pin.canPwm) throw this.realm.error("Error", `Unable to do analogWrite on ${pin.name}`);
    const duty = Math.min(1, Math.max(0, Number(value)));
    this.setOutput(pin, Number.isNaN(duty) ? 0 : duty, Number(options?.freq) || undefined);
  }

  private setMode(target: Value, mode: Value): void {
    const pin = this.pin(target);
    if (mode !== undefined && !MODES.has(mode)) throw this.realm.error("Error", "Unknown pin mode");
    const before = valueAt(pin);
    pin.fixed = mode !== undefined && mode !== "auto";
    if (pin.fixed && (pin.canOutput || !isOutput(mode))) pin.mode = mode;
    const after = valueAt(pin);
    if (after !== before) this.emit({ type: "pin", pin: pin.name, value: after });
  }

  private read(target: Value): number {
    if (Array.isArray(target)) return target.reduce((bits: number, pin) => bits * 2 + this.read(pin), 0);
    const pin = this.pin(target);
    if (!pin.fixed && !isOutput(pin.mode)) pin.mode = "input";
    return valueAt(pin) > 0 ? 1 : 0;
  }

  /** Pulses of alternating level; `times` is one duration or a list of them, in ms. */
  private pulse(target: Value, level: Value, times: Value): void {
    const pin = this.pin(target);
    let at = this.clock.now();
    let value = level ? 1 : 0;
    this.setOutput(pin, value);
    for (const time of Array.isArray(times) ? times : [times]) {
      at += Number(time);
      value = 1 - value;
      const next = value;
      this.clock.schedule(at, () => this.alive() && this.setOutput(pin, next));
    }
  }

  private installFunctions(): void {
    const { realm } = this;
    const define = (name: string, run: (args: ArrayLike<Value>) => unknown): void =>
      realm.define(
        realm.global,
        name,
        realm.method(name, (_self, args) => run(args)),
      );
    define("digitalWrite", (args) => this.write(args[0], args[1]));
    define("digitalRead", (args) => this.read(args[0]));
    define("digitalPulse", (args) => this.pulse(args[0], args[1], args[2]));
    define("analogWrite", (args) => this.analogWrite(args[0], args[1], args[2]));
    define("analogRead", (args) => valueAt(this.pin(args[0])));
    define("pinMode", (args) => this.setMode(args[0], args[1]));
    define("getPinMode", (args) => this.pin(args[0]).mode);
    realm.define(realm.global, "HIGH", 1);
    realm.define(realm.global, "LOW", 0);
  }

  private installObjects(): void {
    const { realm } = this;
    const Pin = realm.method("Pin", (_self, args) => this.object(this.pin(args[0])));
    const prototype = realm.object();
    Pin.prototype = prototype;
    realm.define(realm.global, "Pin", Pin);
    const method = (name: string, run: (self: PinState, args: ArrayLike<Value>) => unknown): void =>
      realm.define(
        prototype,
        name,
        realm.method(name, (self, args) => run(this.pin(self), args)),
      );
    method("set", (pin) => this.setOutput(pin, 1));
    method("reset", (pin) => this.setOutput(pin, 0));
    method("write", (pin, args) => this.setOutput(pin, args[0] ? 1 : 0));
    method("read", (pin) => this.read(pin.name) === 1);
    method("toggle", (pin) => {
      this.setOutput(pin, valueAt(pin) > 0 ? 0 : 1);
      return valueAt(pin) > 0;
    });
    method("mode", (pin, args) => this.setMode(pin.name, args[0]));
    method("getMode", (pin) => pin.mode);
    method("analog", (pin) => valueAt(pin));
    method("pulse", (pin, args) => this.pulse(pin.name, args[0], args[1]));
    method("pwm", (pin, args) => this.analogWrite(pin.name, args[0], args[1]));
    method("toString", (pin) => pin.name);
    method("valueOf", (pin) => pin.number);
    this.prototype = prototype;
    // A program may give the name of a pin to something else, and keeps it.
    const defined = new Set<PinState>();
    realm.onNames((names) => {
      for (const pin of this.states.values()) {
        if (isNamed(names, pin.name) && !defined.has(pin)) {
          defined.add(pin);
          realm.define(realm.global, pin.name, this.object(pin));
        }
      }
    });
  }
}

/** What the world sees of `states`; `changed` is told when a level changed from outside. */
export function outsideOf(
  states: Map<string, PinState>,
  changed: (pin: PinState) => void,
  emit: Emit,
): BoardPins {
  const named = (name: string): PinState => {
    const pin = states.get(name);
    if (!pin) throw new Error(`this board has no pin ${name}; it has ${[...states.keys()].join(", ")}`);
    return pin;
  };
  const drive = (name: string, level: 0 | 1 | undefined): void => {
    const pin = named(name);
    const before = valueAt(pin);
    pin.driven = level;
    const after = valueAt(pin);
    if (after === before) return;
    emit({ type: "pin", pin: name, value: after });
    changed(pin);
  };
  return {
    names: [...states.keys()],
    value: (name) => valueAt(named(name)),
    frequency: (name) => named(name).frequency,
    mode: (name) => named(name).mode,
    drive,
    release: (name) => drive(name, undefined),
  };
}
