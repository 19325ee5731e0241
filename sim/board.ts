/** A whole board: what outlives its power-on, and what the world may do to it. */
import type { Clock } from "./clock.ts";
import { Echo } from "./console/line-editor.ts";
import { ConsolePort, type ConsolePortOptions } from "./console/port.ts";
import { DriftingClock } from "./drifting-clock.ts";
import type { BoardEvent, BoardEventBody } from "./events.ts";
import { eraseBootCode, eraseLoaders } from "./flash/boot-code.ts";
import { type BoardMemory, MemoryView, memoryOf } from "./memory/board-memory.ts";
import { type BoardPins, OutsidePins } from "./outside-pins.ts";
import { type PinState, PinStates, valueAt } from "./pins.ts";
import type { PoweredBoard } from "./powered-board.ts";
import { serialNumber } from "./process.ts";
import type { BoardProfile } from "./profile.ts";
import { seededRandom } from "./random.ts";
import { CHIPS } from "./rom/chips.ts";
import { type Chip, Rom } from "./rom/rom.ts";
import { Session } from "./session.ts";
import type { Start } from "./start.ts";
import { MemoryStorage, type StorageMedium } from "./storage.ts";
import { firstTemperature } from "./thermometer.ts";
import { type InputSource, tapInputs } from "./trace/inputs.ts";
import { Wifi, type WifiControl } from "./wifi.ts";
import type { Network } from "./world/network.ts";

export interface BoardOptions {
  profile: BoardProfile;
  /** The text of the bundle that would be flashed; runs as `.bootcde`. */
  bundle: string;
  /** JSON text of the bundle's source map: errors then name the TypeScript file and line. */
  sourceMap?: string | undefined;
  clock: Clock;
  network: Network;
  /** What survives power-off; a fresh memory when left out. */
  storage?: StorageMedium | undefined;
  /** Of `Math.random`, `E.hwRand` and the chip's serial number. Default 1. */
  seed?: number | undefined;
  /** The time of day (Unix, ms) at board time 0, which the board learns by SNTP. Default: 2026-01-01. */
  epochMs?: number | undefined;
  /** Of the board's clock against `clock`, the world's, in millionths; above 0 it runs fast. Default 0. */
  drift?: number | undefined;
  /** Of the console's input buffer. */
  console?: ConsolePortOptions | undefined;
  /** Nothing is in the flash, no interpreter either: the board prints that, until one is written through its ROM loader. Default false. */
  bare?: boolean | undefined;
  onEvent?: ((event: BoardEvent) => void) | undefined;
}

export interface Board extends InputSource {
  /** Switches the board on and runs the bundle, at the clock's present time. */
  boot(): void;
  /** Puts another bundle in place of the one it was made with, and of one uploaded since; it runs from the next boot on. Storage stays otherwise. */
  replaceBundle(bundle: string, sourceMap?: string): void;
  /** As DTR and RTS of the serial line do, or the buttons: starts the board anew, into what is in its flash or into its ROM's loader. */
  reset(into: "program" | "loader"): void;
  /** What is below the interpreter: flash chip and ROM loader. Undefined where the profile has no `images`. */
  readonly chip: Chip | undefined;
  /** Like pulling the plug: timers, listeners and sockets are gone, the other side sees connections break. Storage stays. */
  powerOff(): void;
  readonly running: boolean;
  /** Evaluates code on the board as its console would; what it set going runs when the clock goes on. @throws what the code throws. */
  evaluate(code: string): unknown;
  readonly pins: BoardPins;
  /** Of the chip, in degrees Celsius: what `E.getTemperature` gives. NaN where the interpreter reads none. */
  temperature: number;
  /** Of the board's clock against the world's, in millionths. Timers, watchdog and `getTime` go by the board's, events and network by the world's. */
  drift: number;
  /**
   * Moves what `getTime` tells by `ms`, forwards or back. `setTime`: as that function does, which leaves timers as they are (Espruino
   * jswrap_interactive.c). `sntp`: as the ESP32's SNTP does, below the interpreter: its timers take the jump for time that passed, so
   * that intervals catch up at once after a jump forwards, and wait for it after one back (jsinteractive.c jsiIdle, Espruino 1612).
   * Nothing happens while the board is off.
   */
  jumpWallClock(ms: number, how?: "setTime" | "sntp"): void;
  /** The same, to a time of day (Unix, ms). */
  setWallClock(epochMs: number, how?: "setTime" | "sntp"): void;
  /** Undefined on a board without Wi-Fi. */
  readonly wifi: WifiControl | undefined;
  readonly storage: StorageMedium;
  /** The cable to the board's console: bytes in, bytes out. */
  readonly consolePort: ConsolePort;
  /** The interpreter's variables: how many there are, what takes them, and who makes more of them after boot. */
  readonly memory: BoardMemory;
  /** What the console printed since the first boot, line by line (the newest 10,000). */
  readonly console: readonly string[];
  /** Timers installed now. */
  readonly timers: number;
  /** Listeners on the board's own objects (sockets, Wifi, process, E) and pin watches installed now. */
  readonly listeners: number;
  /** Open or opening sockets. */
  readonly sockets: number;
  /** How often the board booted, watchdog and `load()` included. */
  readonly boots: number;
  /** How often the program was called since its boot: timers, listeners, callbacks. */
  readonly calls: number;
}

/** A program that prints without end must not fill the host's memory. */
const CONSOLE_LINES = 10_000;
/** Keeps the readings of the signal apart from what the program draws of the same seed. */
const WIFI_SEED = 0x77696669;
export const DEFAULT_EPOCH_MS = Date.UTC(2026, 0, 1);

export function createBoard(options: BoardOptions): Board {
  return tapInputs(new SimulatedBoard(options));
}

class SimulatedBoard implements Omit<Board, keyof InputSource>, PoweredBoard {
  readonly pins: BoardPins;
  readonly wifi: Wifi | undefined;
  readonly storage: StorageMedium;
  readonly console: string[] = [];
  readonly consolePort: ConsolePort;
  readonly echo = new Echo();
  readonly random: () => number;
  readonly serial: string;
  readonly pinStates: PinStates;
  temperature: number;
  readonly memory: MemoryView;
  boots = 0;
  session: Session | undefined;
  private rom: Rom | undefined;
  readonly localClock: DriftingClock;

  readonly options: BoardOptions;
  sourceMap: string | undefined;
  bundle: string;

  constructor(options: BoardOptions) {
    this.options = options;
    this.localClock = new DriftingClock(options.clock, options.drift);
    this.consolePort = new ConsolePort(options.clock, options.console);
    this.bundle = options.bundle;
    this.sourceMap = options.sourceMap;
    const seed = options.seed ?? 1;
    this.random = seededRandom(seed);
    this.serial = serialNumber(seed);
    this.storage = options.storage ?? new MemoryStorage(options.profile.flash);
    this.wifi = options.profile.wifi
      ? new Wifi(
          (event) => this.emit(event),
          seededRandom(seed ^ WIFI_SEED),
          () => this.session?.wake(),
        )
      : undefined;
    this.memory = new MemoryView(memoryOf(options.profile).variables, this);
    this.temperature = firstTemperature(options.profile);
    this.pinStates = new PinStates(options.profile);
    this.pins = new OutsidePins(
      this.pinStates,
      (pin) => this.session?.watches.edge(pin),
      (event) => this.emit(event),
    );
  }

  get profile(): BoardProfile {
    return this.options.profile;
  }
  get network(): Network {
    return this.options.network;
  }
  get timeOfDaySeconds(): number {
    return ((this.options.epochMs ?? DEFAULT_EPOCH_MS) + this.options.clock.now()) / 1000;
  }

  get running(): boolean {
    return this.session !== undefined;
  }
  get drift(): number {
    return this.localClock.drift;
  }
  set drift(ppm: number) {
    this.localClock.drift = ppm;
  }
  get timers(): number {
    return this.session?.timers.count ?? 0;
  }
  get listeners(): number {
    return this.session?.listeners ?? 0;
  }
  get sockets(): number {
    return this.session?.sockets.objects.length ?? 0;
  }
  get calls(): number {
    return this.session?.calls ?? 0;
  }

  emit(event: BoardEventBody): void {
    this.options.onEvent?.({ t: round(this.options.clock.now()), ...event });
  }

  printLine(text: string): void {
    this.console.push(text);
    if (this.console.length > CONSOLE_LINES) this.console.splice(0, CONSOLE_LINES / 10);
    this.emit({ type: "console", text });
    this.session?.terminal.print(`${text}\n`);
  }

  boot(): void {
    this.start({ how: "cold" });
  }

  reset(into: "program" | "loader"): void {
    this.start({ how: "cold" }, into === "loader");
  }

  get chip(): Chip | undefined {
    return this.rom ?? this.makeRom();
  }

  /** A board that is never looked at below its interpreter needs no chip. */
  private makeRom(): Rom | undefined {
    const { profile, options, consolePort: port, storage, serial } = this;
    const { images } = profile;
    if (!images) return undefined;
    const powerCut = () => this.powerCut();
    const bare = options.bare === true;
    this.rom = new Rom({ profile, images, clock: options.clock, port, storage, serial, bare, powerCut });
    return this.rom;
  }

  /** `download`: whether the boot button counts as held, whatever its pin says. */
  private start(start: Start, download = this.bootPinIsLow): void {
    this.powerOff();
    const fromRom =
      start.how === "cold" && (download || this.options.bare === true || this.rom !== undefined);
    if (fromRom && this.chip) this.rom?.reset(download, () => this.startInterpreter(start));
    else this.startInterpreter(start);
  }

  private get bootPinIsLow(): boolean {
    const { images } = this.profile;
    // On a board that nobody has looked at below its interpreter the button on that pin is the lamp's alone.
    if (!images || !(this.options.bare || this.rom)) return false;
    const { bootPin } = CHIPS[images.chip];
    for (const { name, driven } of this.pinStates.touched())
      if (name === bootPin) return driven !== undefined && driven < 0.5;
    return false;
  }

  private startInterpreter(start: Start): void {
    if (start.how === "cold") {
      this.consolePort.clear();
      this.echo.lineRemoved = false;
      this.echo.offForLine = false;
      this.echo.locked = false;
    }
    // What `load()` leaves as it is, `load(file)` does not (jsinteractive.h JSIS_SOFTINIT_MASK).
    if (start.how !== "load" || start.file !== undefined) this.echo.off = false;
    this.boots++;
    this.emit({ type: "boot" });
    this.storage.flash.onPowerCut = () => this.powerCut();
    this.storage.files.print = (text) => this.printLine(text);
    this.session = new Session(this);
    this.session.start(start);
  }

  /** The power goes in the middle of an operation of the flash. */
  private powerCut(): void {
    this.emit({ type: "fault", what: "power cut" });
    this.powerOff();
  }

  replaceBundle(bundle: string, sourceMap?: string): void {
    this.bundle = bundle;
    this.sourceMap = sourceMap;
    const { files } = this.storage;
    if ([eraseBootCode(files), eraseLoaders(files)].includes(true)) this.storage.changed();
  }

  /** `load()` and `reset()`; `E.reboot()` and the watchdog, which start cold: everything starts over. */
  reboot(start: Start): void {
    this.powerOff();
    this.start(start);
  }

  /** No boot code is left, not of the bundle either. */
  eraseBootCode(): void {
    this.bundle = "";
    eraseBootCode(this.storage.files);
    this.storage.changed();
  }

  powerOff(): void {
    this.rom?.powerOff();
    const session = this.session;
    if (!session) return;
    this.session = undefined;
    session.powerOff();
    this.wifi?.powerOff();
    for (const pin of this.pinStates.touched()) this.letGo(pin);
  }

  jumpWallClock(ms: number, how: "setTime" | "sntp" = "setTime"): void {
    this.session?.jumpWallClock(ms, how);
  }

  setWallClock(epochMs: number, how: "setTime" | "sntp" = "setTime"): void {
    if (this.session) this.session.jumpWallClock(epochMs - this.session.timeSeconds() * 1000, how);
  }

  evaluate(code: string): unknown {
    if (!this.session) throw new Error("the board is off: boot() it first");
    const { realm, power } = this.session;
    try {
      return realm.run(code, "console");
    } catch (thrown) {
      throw realm.isCut(thrown) ? power.gone : thrown;
    }
  }

  /** Without power a pin is an input, whatever it was. */
  private letGo(pin: PinState): void {
    const before = valueAt(pin);
    Object.assign(pin, { mode: "input", fixed: false, output: 0, frequency: undefined });
    const after = valueAt(pin);
    if (after !== before) this.emit({ type: "pin", pin: pin.name, value: after });
  }
}

/** Events carry whole microseconds, so that sums of fractions do not show. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
