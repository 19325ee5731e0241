/** A whole board: its parts wired together around one idle loop. */
import { installBuiltins } from "./builtins/install.ts";
import type { Clock } from "./clock.ts";
import { Console } from "./console/console.ts";
import { dumped } from "./console/dump.ts";
import { Evaluator } from "./console/evaluate.ts";
import { Echo } from "./console/line-editor.ts";
import { ConsolePort, type ConsolePortOptions } from "./console/port.ts";
import { installPrint } from "./console/print.ts";
import { DriftingClock } from "./drifting-clock.ts";
import { countListeners, installEmitter, variablesOfListeners } from "./emitter.ts";
import { ErrorReporter, errorTitle } from "./errors.ts";
import { Espruino } from "./espruino.ts";
import type { BoardEvent, Emit } from "./events.ts";
import { bootCode, eraseBootCode } from "./flash/boot-code.ts";
import { PowerCut } from "./flash/flash.ts";
import { IdleLoop } from "./loop.ts";
import { type BoardMemory, boardMemory, memoryOf } from "./memory/board-memory.ts";
import { type AllocationListener, OutOfMemory, SessionMemory } from "./memory/session-memory.ts";
import { Modules } from "./modules.ts";
import { type BoardPins, createPinStates, outsideOf, PinFunctions, type PinState, valueAt } from "./pins.ts";
import { boardName, createProcess, serialNumber } from "./process.ts";
import type { BoardProfile } from "./profile.ts";
import { seededRandom } from "./random.ts";
import { boardSurface, createRealm, type Realm, type RealmHost, type Value } from "./realm.ts";
import { Sockets } from "./sockets.ts";
import { type Start, startPrograms } from "./start.ts";
import { createStorageModule, MemoryStorage, type StorageMedium } from "./storage.ts";
import { installSystem } from "./system.ts";
import { Timers } from "./timers.ts";
import { type InputSource, tapInputs } from "./trace/inputs.ts";
import { Unsimulated } from "./unsimulated.ts";
import { Watches } from "./watches.ts";
import { Wifi, type WifiControl } from "./wifi.ts";
import { WifiModule } from "./wifi-module.ts";
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
  onEvent?: ((event: BoardEvent) => void) | undefined;
}

export interface Board extends InputSource {
  /** Switches the board on and runs the bundle, at the clock's present time. */
  boot(): void;
  /** Puts another bundle in place of the one it was made with, and of one uploaded since; it runs from the next boot on. Storage stays otherwise. */
  replaceBundle(bundle: string, sourceMap?: string): void;
  /** Like pulling the plug: timers, listeners and sockets are gone, the other side sees connections break. Storage stays. */
  powerOff(): void;
  readonly running: boolean;
  /** Evaluates code on the board as its console would; what it set going runs when the clock goes on. @throws what the code throws. */
  evaluate(code: string): unknown;
  readonly pins: BoardPins;
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

class SimulatedBoard implements Omit<Board, keyof InputSource> {
  readonly pins: BoardPins;
  readonly wifi: Wifi | undefined;
  readonly storage: StorageMedium;
  readonly console: string[] = [];
  readonly consolePort: ConsolePort;
  readonly echo = new Echo();
  readonly random: () => number;
  readonly serial: string;
  readonly pinStates: Map<string, PinState>;
  readonly memory: BoardMemory;
  readonly allocationWatchers = new Set<AllocationListener>();
  boots = 0;
  private session: Session | undefined;
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
      ? new Wifi(this.emit, seededRandom(seed ^ WIFI_SEED), () => this.session?.wake())
      : undefined;
    const { variables } = memoryOf(options.profile);
    this.memory = boardMemory(variables, this.allocationWatchers, () => this.session?.memory);
    this.pinStates = createPinStates(options.profile.pins, options.profile.button);
    this.pins = outsideOf(this.pinStates, (pin) => this.session?.watches.edge(pin), this.emit);
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

  readonly emit: Emit = (event) => {
    this.options.onEvent?.({ t: round(this.options.clock.now()), ...event });
  };

  readonly printLine = (text: string): void => {
    this.console.push(text);
    if (this.console.length > CONSOLE_LINES) this.console.splice(0, CONSOLE_LINES / 10);
    this.emit({ type: "console", text });
    this.session?.terminal.print(`${text}\n`);
  };

  boot(): void {
    this.start({ how: "cold" });
  }

  private start(start: Start): void {
    if (this.session) this.powerOff();
    if (start.how === "cold") {
      this.consolePort.clear();
      this.echo.lineRemoved = false;
      this.echo.offForLine = false;
    }
    if (start.how !== "load") this.echo.off = false;
    this.boots++;
    this.emit({ type: "boot" });
    this.storage.flash.onPowerCut = () => this.powerCut();
    this.storage.files.print = this.printLine;
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
    if (eraseBootCode(this.storage.files)) this.storage.changed();
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
    const session = this.session;
    if (!session) return;
    this.session = undefined;
    session.powerOff();
    this.wifi?.powerOff();
    for (const pin of this.pinStates.values()) this.letGo(pin);
  }

  jumpWallClock(ms: number, how: "setTime" | "sntp" = "setTime"): void {
    this.session?.jumpWallClock(ms, how);
  }

  setWallClock(epochMs: number, how: "setTime" | "sntp" = "setTime"): void {
    if (this.session) this.session.jumpWallClock(epochMs - this.session.timeSeconds() * 1000, how);
  }

  evaluate(code: string): unknown {
    if (!this.session) throw new Error("the board is off: boot() it first");
    return this.session.realm.run(code, "console");
  }

  /** Without power a pin is an input, whatever it was. */
  private letGo(pin: PinState): void {
    const before = valueAt(pin);
    Object.assign(pin, { mode: "input", fixed: false, output: 0, frequency: undefined });
    const after = valueAt(pin);
    if (after !== before) this.emit({ type: "pin", pin: pin.name, value: after });
  }
}

/** One power-on: everything that is lost when the board starts over. */
class Session {
  readonly realm: Realm;
  readonly timers: Timers;
  readonly watches: Watches;
  readonly sockets: Sockets;
  readonly memory: SessionMemory;
  private readonly loop: IdleLoop;
  private readonly espruino: Espruino;
  private readonly process: Value;
  private readonly wifi: WifiModule | undefined;
  private readonly evaluator: Evaluator;
  readonly terminal: Console;
  private readonly reporter: ErrorReporter;
  private readonly modules: Modules;
  private readonly bootedAt: number;
  /** What `setTime` or SNTP added to the seconds since boot. */
  private clockOffsetSeconds = 0;
  private alive = true;
  private readonly power: RealmHost["power"] = { gone: undefined };

  private readonly board: SimulatedBoard;

  constructor(board: SimulatedBoard) {
    this.board = board;
    const { network, profile } = board.options;
    const clock = board.localClock;
    this.bootedAt = clock.now();
    this.realm = createRealm({
      wallTimeMs: () => this.timeSeconds() * 1000,
      random: board.random,
      errorTitle,
      power: this.power,
    });
    this.evaluator = new Evaluator(this.realm);
    this.reporter = new ErrorReporter(this.realm, board.sourceMap, this.evaluator);
    this.loop = new IdleLoop(clock, this.realm, (thrown) => this.uncaught(thrown));
    installBuiltins(this.realm);
    installEmitter(this.realm, this.loop);
    installPrint(this.realm, (text) => text.split("\n").forEach(board.printLine));
    const pins = new PinFunctions(this.realm, board.pinStates, clock, board.emit, () => this.alive);
    this.watches = new Watches(clock, this.realm, this.loop, pins);
    this.timers = new Timers(clock, this.realm, this.loop);
    this.sockets = new Sockets(
      this.realm,
      this.loop,
      network,
      () => board.wifi?.carries !== false,
      board.emit,
    );
    const control = {
      random: board.random,
      reboot: () => this.restart({ how: "cold" }),
      takeErrorFlags: () => this.memory.takeErrorFlags(),
      watchdogBit: () => {
        board.emit({ type: "fault", what: "watchdog" });
        board.reboot({ how: "cold" });
      },
    };
    this.espruino = new Espruino(this.realm, clock, control, board.storage);
    this.process = createProcess(this.realm, profile, board.serial, (collects) =>
      this.memory.describe(collects, memoryOf(profile).blockSize),
    );
    if (board.wifi) {
      this.wifi = new WifiModule(this.realm, this.loop, clock, board.wifi, () =>
        this.setTime(this.timeOfDaySeconds()),
      );
    }
    this.terminal = this.createTerminal();
    this.installSystem();
    this.modules = this.createModules();
    const watchdogCare = {
      idle: () => {
        this.espruino.idle();
        return false;
      },
    };
    this.loop.parts.push(this.watches, this.terminal, this.timers, this.sockets, watchdogCare);
    this.memory = this.loop.memory = this.createMemory();
    this.loop.endOfPass = () => this.terminal.endOfPass();
  }

  get calls(): number {
    return this.loop.calls;
  }

  get listeners(): number {
    return this.emitters.reduce((count, object) => count + countListeners(object), this.watches.count);
  }

  /** The board's own objects that can have listeners. */
  private get emitters(): Value[] {
    const wifi = this.wifi ? [this.wifi.module] : [];
    return [...this.sockets.objects, this.process, this.espruino.object, ...wifi];
  }

  private createMemory(): SessionMemory {
    const { board, sockets, timers, watches, loop } = this;
    return new SessionMemory({
      realm: this.realm,
      total: board.memory.total,
      bundle: () => bootCode(board.storage.files) ?? board.bundle,
      sources: {
        sockets: () => sockets.variables,
        socketData: () => sockets.dataVariables,
        timers: () => timers.variables,
        watches: () => watches.variables,
        listeners: () => this.emitters.reduce((sum, object) => sum + variablesOfListeners(object), 0),
        events: () => loop.queuedVariables,
      },
      power: this.power,
      printLine: board.printLine,
      places: (stack) => this.reporter.placesIn(stack),
      errorFlag: (flags) => {
        const { object } = this.espruino;
        loop.call(object, object["#onerrorFlag"], [this.realm.array(flags)]);
      },
      watchers: board.allocationWatchers,
    });
  }

  /** Runs what boots from the flash, or the bundle where it holds no boot code. */
  start(start: Start): void {
    const { storage, bundle, echo } = this.board;
    if (start.how === "cold") this.attempt(() => storage.files.powerOn());
    storage.changed();
    const run = (code: string, file: string): void => this.attempt(() => this.realm.run(code, file));
    const init = (): void => {
      this.tellEspruino("init");
      this.loop.call(undefined, this.realm.global.onInit, []);
    };
    const write = (text: string): void => this.terminal.write(text);
    // As the interpreter has it: the name of the file that was asked for, whether it exists or not.
    if (start.file !== undefined) this.realm.global.__FILE__ = start.file;
    const isBoard = this.board.options.profile.chip !== "Linux";
    startPrograms({ files: storage.files, bundle, isBoard, echo, run, init, write }, start);
    this.memory.ran();
    this.loop.wake();
  }

  /** Calls the listeners of one of E's events now. */
  private tellEspruino(event: string): void {
    this.loop.call(this.espruino.object, this.espruino.object[`#on${event}`], []);
  }

  /** Nothing runs once power has gone. */
  private attempt(run: () => void): void {
    if (!this.alive) return;
    try {
      run();
    } catch (thrown) {
      this.uncaught(thrown);
    }
  }

  /** Something outside changed that the idle loop looks at. */
  wake(): void {
    this.loop.wake();
  }

  powerOff(): void {
    this.alive = false;
    this.power.gone = new PowerCut();
    this.loop.halt();
    this.terminal.powerOff();
    this.espruino.powerOff();
    this.wifi?.powerOff();
    this.sockets.powerOff();
  }

  private restart(start: Start): void {
    this.loop.restart = () => {
      if (start.how !== "cold") this.tellEspruino("kill");
      this.board.reboot(start);
    };
    this.loop.wake();
  }

  private createTerminal(): Console {
    const { board, realm, loop } = this;
    return new Console({
      realm,
      clock: board.localClock,
      port: board.consolePort,
      echo: board.echo,
      evaluator: this.evaluator,
      description: `Espruino ${this.process.version} ${boardName(board.options.profile)}`,
      espruino: this.espruino.object,
      storage: () => this.modules.get("Storage"),
      report: (thrown) => this.uncaught(thrown),
      call: (self, listeners, argument) => loop.call(self, listeners, [argument]),
      wake: () => loop.wake(),
    });
  }

  private uncaught(thrown: Value): void {
    if (!this.alive || thrown instanceof OutOfMemory) return;
    const listeners = this.process["#onuncaughtException"];
    const lines = this.reporter.lines(thrown);
    this.board.emit({ type: "error", message: lines.map((line) => line.trim()).join(" ") });
    if (listeners === undefined) {
      for (const line of lines) this.board.printLine(line);
      return;
    }
    // What a listener throws is printed; it is not handed to the listeners again.
    for (const listener of [...listeners]) {
      try {
        listener.call(this.process, thrown);
      } catch (again) {
        for (const line of this.reporter.lines(again)) this.board.printLine(line);
      }
    }
  }

  timeSeconds(): number {
    return (this.board.localClock.now() - this.bootedAt) / 1000 + this.clockOffsetSeconds;
  }

  jumpWallClock(ms: number, how: "setTime" | "sntp"): void {
    this.clockOffsetSeconds += ms / 1000;
    if (how === "sntp") this.timers.systemTimeJumped(ms);
  }

  private timeOfDaySeconds(): number {
    return ((this.board.options.epochMs ?? DEFAULT_EPOCH_MS) + this.board.options.clock.now()) / 1000;
  }

  private setTime(seconds: number): void {
    this.clockOffsetSeconds += seconds - this.timeSeconds();
  }

  private createModules(): Modules {
    const { realm, wifi } = this;
    const simulated = {
      net: () => this.sockets.module(),
      Storage: () => createStorageModule(realm, this.board.storage),
      ...(wifi && { Wifi: () => wifi.module }),
    };
    return new Modules(realm, simulated, new Unsimulated(realm, boardSurface()));
  }

  private installSystem(): void {
    const { board, realm, evaluator } = this;
    const savedCode = (): string | undefined => bootCode(board.storage.files) ?? board.bundle;
    const timers = (): ReturnType<Timers["list"]> => this.timers.list();
    installSystem(realm, {
      serial: board.serial,
      timeSeconds: () => this.timeSeconds(),
      setTime: (seconds) => this.setTime(seconds),
      restart: (start) => this.restart(start),
      bootCode: savedCode,
      eraseBootCode: () => board.eraseBootCode(),
      dump: () => dumped({ realm, evaluator, timers: timers(), bootCode: savedCode() }),
      write: (text) => this.terminal.write(text),
      echo: (on) => {
        board.echo.off = !on;
      },
    });
  }
}

/** Events carry whole microseconds, so that sums of fractions do not show. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
