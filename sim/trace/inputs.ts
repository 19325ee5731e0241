/** What is done to a board from outside (power, pins, Wi-Fi, clock, console code), told to whoever records it. */

/** One thing done to the board: `pins.drive` with ["D0", 0], or a value that was set, `wifi.rssi` with [-90]. */
export interface BoardInput {
  /** Where on the board (see `Board`), names joined by dots. */
  what: string;
  /** The arguments of the call, or the one value that was set. */
  values: unknown[];
}

export interface InputSource {
  /**
   * Calls `listener` just before anything is done to the board from outside; returns how to stop that. What the board does to itself (a
   * watchdog, `load()`) and what merely looks at it is not told, nor is its traffic, which is told by the network.
   */
  onInput(listener: (input: BoardInput) => void): () => void;
}

/** What counts as an input. `all`: every method and every value set. */
interface Inputs {
  readonly [name: string]: true | "all" | Inputs;
}

const INPUTS: Inputs = {
  boot: true,
  reset: true,
  powerOff: true,
  replaceBundle: true,
  evaluate: true,
  drift: true,
  temperature: true,
  jumpWallClock: true,
  setWallClock: true,
  pins: { drive: true, release: true },
  wifi: "all",
  storage: { flash: { cutAfterBytes: true, keepPower: true } },
  consolePort: { receive: true },
};

/** Whether `what` names an input, so that a recording can do nothing else to a board. */
export function isInput(what: string): boolean {
  let inputs: true | "all" | Inputs | undefined = INPUTS;
  for (const name of what.split(".")) {
    if (inputs === "all") return !(name in Object.prototype);
    if (inputs === true || inputs === undefined) return false;
    inputs = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  }
  return inputs === true;
}

/** Does to `board` what was recorded of it. @throws Error when `what` is no input of this board. */
export function applyInput(board: object, { what, values }: BoardInput): void {
  const names = what.split(".");
  const last = names.pop() ?? "";
  let target: unknown = board;
  for (const name of names) target = isObject(target) ? target[name] : undefined;
  if (!isInput(what) || !isObject(target) || !(last in target))
    throw new Error(`this board has no input called ${what}`);
  const member = target[last];
  // What was left out is null in JSON.
  const given = values.map((value) => value ?? undefined);
  if (typeof member === "function") Reflect.apply(member, target, given);
  else target[last] = given[0];
}

/** `board` with ears: whoever reaches it through what is returned is heard. */
export function tapInputs<B extends object>(board: B): B & InputSource {
  const ears = new Ears();
  return tapped(board, INPUTS, "", ears, { onInput: ears.onInput.bind(ears) }) as B & InputSource;
}

class Ears implements InputSource {
  private readonly listeners = new Set<(input: BoardInput) => void>();

  tell(what: string, values: unknown[]): void {
    for (const listener of [...this.listeners]) listener({ what, values });
  }

  onInput(listener: (input: BoardInput) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function tapped(
  target: object,
  inputs: Inputs | "all",
  path: string,
  ears: Ears,
  own: Record<string, unknown>,
): object {
  return new Proxy(target, new Tap(target, inputs, path, ears, own));
}

class Tap implements ProxyHandler<object> {
  private readonly branches = new Map<object, object>();
  private readonly target: object;
  private readonly inputs: Inputs | "all";
  private readonly path: string;
  private readonly ears: Ears;
  private readonly own: Record<string, unknown>;

  constructor(
    target: object,
    inputs: Inputs | "all",
    path: string,
    ears: Ears,
    own: Record<string, unknown>,
  ) {
    this.target = target;
    this.inputs = inputs;
    this.path = path;
    this.ears = ears;
    this.own = own;
  }

  get(_target: object, name: string | symbol): unknown {
    const { target, own, path, branches } = this;
    if (typeof name === "string" && Object.hasOwn(own, name)) return own[name];
    const value: unknown = Reflect.get(target, name, target);
    const kind = this.kindOf(name);
    if (typeof value === "function") {
      return (...values: unknown[]): unknown => {
        if (kind === true) this.ears.tell(path + String(name), values);
        return Reflect.apply(value, target, values);
      };
    }
    if (kind === undefined || kind === true || !isObject(value)) return value;
    const branch = branches.get(value) ?? tapped(value, kind, `${path}${String(name)}.`, this.ears, {});
    branches.set(value, branch);
    return branch;
  }

  set(_target: object, name: string | symbol, value: unknown): boolean {
    if (this.kindOf(name) === true) this.ears.tell(this.path + String(name), [value]);
    return Reflect.set(this.target, name, value, this.target);
  }

  private kindOf(name: string | symbol): true | "all" | Inputs | undefined {
    const { inputs } = this;
    if (inputs === "all") return true;
    return typeof name === "string" && Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
