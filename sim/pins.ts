/** The board's pins: levels, PWM, modes, and the Pin objects D0, D1, … */
import type { Clock } from "./clock.ts";
import type { Emit } from "./events.ts";
import { itemsOf } from "./items.ts";
import { isNamed } from "./names.ts";
import type { BoardProfile } from "./profile.ts";
import type { Members, Realm, Value } from "./realm.ts";

export interface PinState {
  readonly name: string;
  readonly number: number;
  readonly canOutput: boolean;
  /** By PWM or an analog output. */
  readonly canAnalogWrite: boolean;
  readonly canAnalogRead: boolean;
  /** The interpreter turns its levels round: what a program writes and reads is not what is at the pin (JSH_PIN_NEGATED). */
  readonly inverted: boolean;
  mode: string;
  /** Set by pinMode: writes no longer change the mode. */
  fixed: boolean;
  /** What the board drives, 0 to 1. */
  output: number;
  frequency: number | undefined;
  driven: number | undefined;
  /** Level to which a resistor on the board pulls it. */
  readonly pull: 0 | 1 | undefined;
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

const ALL = ["input", "output", "pwm", "adc"];
/** D0 to D31, which can do everything. */
const DEFAULT_PINS = Object.fromEntries(
  Array.from({ length: 32 }, (_, number) => [`D${number}`, { can: ALL }]),
);

/** jshPinAnalog of each target (jshardware.c). */
const NO_ANALOG = [
  { chips: /^ESP/, value: Number.NaN },
  { chips: /^Linux$/, value: 0, says: "ERROR: Analog is not supported on this device." },
];

/** The pins of a board. The state of one that nobody has touched yet is made when it is asked for. */
export class PinStates {
  private readonly made = new Map<string, PinState>();
  private readonly pins: NonNullable<BoardProfile["pins"]>;
  private readonly button: BoardProfile["button"];
  /** What `analogRead` gives of a pin that has no converter, and what it prints then. */
  readonly noAnalog: { readonly value: number; readonly says?: string };

  constructor({ pins, button, chip = "ESP32" }: BoardProfile) {
    this.pins = pins ?? DEFAULT_PINS;
    this.button = button;
    this.noAnalog = NO_ANALOG.find(({ chips }) => chips.test(chip)) ?? { value: 0 };
  }

  get names(): string[] {
    return Object.keys(this.pins);
  }

  /** Those that have been touched. */
  touched(): Iterable<PinState> {
    return this.made.values();
  }

  byNumber(number: number): PinState | undefined {
    const { names } = this;
    const name = names.find((one, index) => numberOf(one, index, names) === number);
    return name === undefined ? undefined : this.get(name);
  }

  get(name: string): PinState | undefined {
    const made = this.made.get(name);
    if (made || !Object.hasOwn(this.pins, name)) return made;
    const { pins, button } = this;
    const { can = [], inverted = false } = pins[name] ?? {};
    const { names } = this;
    const state: PinState = {
      name,
      number: numberOf(name, names.indexOf(name), names),
      canOutput: can.includes("output"),
      canAnalogWrite: can.includes("pwm") || can.includes("dac"),
      canAnalogRead: can.includes("adc"),
      inverted,
      mode: "input",
      fixed: false,
      output: 0,
      frequency: undefined,
      driven: undefined,
      // The pin of the board's button has a resistor that pulls it to its level at rest.
      pull: name === button?.pin ? (button.activeLow ? 1 : 0) : undefined,
    };
    this.made.set(name, state);
    return state;
  }
}

/** The number in its name where all are of port D, the ESP8266's A0 behind them (boards/ESP8266_BOARD.py); else its place among the pins. */
function numberOf(name: string, index: number, names: readonly string[]): number {
  if (name.startsWith("D")) return Number(/\d+$/.exec(name)?.[0] ?? index);
  return name === "A0" && names[0]?.startsWith("D") ? 17 : index;
}

/** Level or duty cycle at a pin, 0 to 1. */
export function valueAt(pin: PinState): number {
  if (isOutput(pin.mode)) return pin.output;
  if (pin.driven !== undefined) return pin.driven;
  if (pin.pull !== undefined) return pin.pull;
  return pin.mode.endsWith(pin.inverted ? "pulldown" : "pullup") ? 1 : 0;
}

/** The same as a program reads it. */
export function readAt(pin: PinState): number {
  return pin.inverted ? 1 - valueAt(pin) : valueAt(pin);
}

/** Half of the supply: the chips promise to read a quarter of it as low and three quarters as high. */
const THRESHOLD = 0.5;

/** The level as a program reads it. A pin in PWM counts as high whenever its duty cycle is not 0. */
export function isHigh(pin: PinState): boolean {
  return isHighAt(pin, readAt(pin));
}

/** The same of the level at the pin, for the world around the board. */
export function isHighOutside(pin: PinState): boolean {
  return isHighAt(pin, valueAt(pin));
}

function isHighAt({ mode }: PinState, value: number): boolean {
  return isOutput(mode) ? value > 0 : value >= THRESHOLD;
}

/** The pins of one power-on: the functions and Pin objects in the realm. */
export class PinFunctions {
  private readonly objects = new Map<PinState, Value>();
  private readonly stateOf = new WeakMap<object, PinState>();
  private prototype: Value;

  private readonly realm: Realm;
  private readonly states: PinStates;
  private readonly clock: Clock;
  private readonly emit: Emit;
  private readonly alive: () => boolean;
  private readonly print: (line: string) => void;

  constructor(
    realm: Realm,
    states: PinStates,
    clock: Clock,
    emit: Emit,
    alive: () => boolean,
    print: (line: string) => void,
  ) {
    this.print = print;
    this.realm = realm;
    this.states = states;
    this.clock = clock;
    this.emit = emit;
    this.alive = alive;
    this.install();
  }

  /** The pin that `value` names (Pin object, name or number). @throws Error "Invalid pin" of the realm */
  pin(value: Value): PinState {
    const found =
      this.stateOf.get(value) ??
      (typeof value === "string" ? this.states.get(value) : undefined) ??
      (typeof value === "number" ? this.states.byNumber(value) : undefined);
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
    pin.output = pin.inverted ? 1 - value : value;
    pin.frequency = frequency;
    const after = valueAt(pin);
    if (after !== before) this.emit({ type: "pin", pin: pin.name, value: after });
  }

  private write(target: Value, value: Value): void {
    if (Array.isArray(target)) {
      // Bit 0 belongs to the last pin of the list.
      const bits = Number(value);
      // The board's arrays have no `entries`.
      for (const [index, pin] of itemsOf<Value>(target).entries()) {
        this.setOutput(this.pin(pin), (bits >> (target.length - 1 - index)) & 1);
      }
    } else {
      this.setOutput(this.pin(target), Number(value) !== 0 && value ? 1 : 0);
    }
  }

  private analogWrite(target: Value, value: Value, options: Value): void {
    const pin = this.pin(target);
    if (!pin.canAnalogWrite) throw this.realm.error("Error", `Unable to do analogWrite on ${pin.name}`);
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
    if (Array.isArray(target))
      return itemsOf<Value>(target).reduce((bits, pin) => bits * 2 + this.read(pin), 0);
    const pin = this.pin(target);
    if (!pin.fixed && !isOutput(pin.mode)) pin.mode = "input";
    return isHigh(pin) ? 1 : 0;
  }

  private analogRead(target: Value): number {
    const pin = this.pin(target);
    if (pin.canAnalogRead) return readAt(pin);
    const { value, says } = this.states.noAnalog;
    if (says !== undefined) this.print(says);
    return value;
  }

  /** Pulses of alternating level; `times` is one duration or a list of them, in ms. In a list, what is no duration only turns the level round. */
  private pulse(target: Value, level: Value, times: Value): void {
    const pin = this.pin(target);
    let at = this.clock.now();
    let value = level ? 1 : 0;
    this.setOutput(pin, value);
    for (const time of this.pulseTimes(times)) {
      value = 1 - value;
      if (!(time > 0)) continue;
      at += time;
      const next = value;
      this.clock.schedule(at, () => this.alive() && this.setOutput(pin, next));
    }
  }

  private pulseTimes(times: Value): number[] {
    if (typeof times === "number" || typeof times === "boolean") {
      if (Number(times) >= 0) return [Number(times)];
      throw this.realm.error("Error", "Pulse Time is less than 0 or not a number");
    }
    if (times === undefined || times === null)
      throw this.realm.error("Error", `Expecting Number or Array, got ${times}`);
    return Array.from(Object.values(times), Number);
  }

  private static readonly FUNCTIONS: Members<PinFunctions> = {
    digitalWrite: (pins, args) => pins.write(args[0], args[1]),
    digitalRead: (pins, args) => pins.read(args[0]),
    digitalPulse: (pins, args) => pins.pulse(args[0], args[1], args[2]),
    analogWrite: (pins, args) => pins.analogWrite(args[0], args[1], args[2]),
    analogRead: (pins, args) => pins.analogRead(args[0]),
    pinMode: (pins, args) => pins.setMode(args[0], args[1]),
    getPinMode: (pins, args) => pins.pin(args[0]).mode,
  };

  private static readonly METHODS: Members<PinFunctions> = {
    set: (pins, _args, self) => pins.setOutput(pins.pin(self), 1),
    reset: (pins, _args, self) => pins.setOutput(pins.pin(self), 0),
    write: (pins, args, self) => pins.setOutput(pins.pin(self), args[0] ? 1 : 0),
    read: (pins, _args, self) => pins.read(pins.pin(self).name) === 1,
    toggle: (pins, _args, self) => {
      const pin = pins.pin(self);
      pins.setOutput(pin, isHigh(pin) ? 0 : 1);
      return isHigh(pin);
    },
    mode: (pins, args, self) => pins.setMode(pins.pin(self).name, args[0]),
    getMode: (pins, _args, self) => pins.pin(self).mode,
    analog: (pins, _args, self) => pins.analogRead(self),
    pulse: (pins, args, self) => pins.pulse(pins.pin(self).name, args[0], args[1]),
    pwm: (pins, args, self) => pins.analogWrite(pins.pin(self).name, args[0], args[1]),
    toString: (pins: PinFunctions, _args: ArrayLike<Value>, self: Value) => pins.pin(self).name,
    valueOf: (pins: PinFunctions, _args: ArrayLike<Value>, self: Value) => pins.pin(self).number,
  };

  private install(): void {
    const { realm } = this;
    realm.members(realm.global, this, PinFunctions.FUNCTIONS);
    realm.define(realm.global, "HIGH", 1);
    realm.define(realm.global, "LOW", 0);
    const Pin = realm.method("Pin", (_self, args) => this.object(this.pin(args[0])));
    this.prototype = Pin.prototype = realm.object();
    realm.define(realm.global, "Pin", Pin);
    realm.members(this.prototype, this, PinFunctions.METHODS);
    realm.onNames((names) => {
      for (const name of this.states.names) {
        // A program may give the name of a pin to something else, and keeps it.
        if (isNamed(names, name) && !Object.hasOwn(realm.global, name))
          realm.define(realm.global, name, this.object(this.pin(name)));
      }
    });
  }
}
