/** One power-on of a board: everything that is lost when it starts over, wired together around one idle loop. */
import { installBuiltins } from "./builtins/install.ts";
import { Console } from "./console/console.ts";
import { dumped } from "./console/dump.ts";
import { Evaluator } from "./console/evaluate.ts";
import { installPrint } from "./console/print.ts";
import { createCryptoModule } from "./crypto-module.ts";
import { countListeners, installEmitter, variablesOfListeners } from "./emitter.ts";
import { ErrorReporter, errorTitle } from "./errors.ts";
import { type BoardControl, Espruino } from "./espruino.ts";
import { bootCode, STARTED } from "./flash/boot-code.ts";
import { PowerCut } from "./flash/flash.ts";
import { itemsOf } from "./items.ts";
import { IdleLoop } from "./loop.ts";
import { memoryOf } from "./memory/board-memory.ts";
import { type MemoryUser, OutOfMemory, SessionMemory } from "./memory/session-memory.ts";
import { type ModuleMaker, Modules } from "./modules.ts";
import { PinFunctions } from "./pins.ts";
import type { PoweredBoard } from "./powered-board.ts";
import { boardName, createProcess } from "./process.ts";
import { boardSurface, createRealm, type Realm, type RealmHost, type Value } from "./realm.ts";
import { Sockets } from "./sockets.ts";
import { type Start, startPrograms } from "./start.ts";
import { createStorageModule } from "./storage.ts";
import { StoredPrograms } from "./stored-programs.ts";
import { installSystem } from "./system.ts";
import { readTemperature } from "./thermometer.ts";
import { Timers } from "./timers.ts";
import { Unsimulated } from "./unsimulated.ts";
import { Watches } from "./watches.ts";
import { WifiModule } from "./wifi-module.ts";

// A board may be one of thousands. So that each is small, what it needs as functions are methods here, or arrows handed straight on: an
// arrow that is given a name (`const f = () => …`, `{ f: () => … }`) takes five times as much under tsx, which writes the name onto it.
export class Session implements RealmHost, BoardControl, MemoryUser, ModuleMaker {
  readonly power: RealmHost["power"] = { gone: undefined, fault: undefined };
  readonly realm: Realm;
  readonly loop: IdleLoop;
  readonly timers: Timers;
  readonly watches: Watches;
  readonly sockets: Sockets;
  readonly memory: SessionMemory;
  readonly terminal: Console;
  private readonly espruino: Espruino;
  private readonly process: Value;
  private readonly wifi: WifiModule | undefined;
  private readonly evaluator: Evaluator;
  private readonly reporter: ErrorReporter;
  private readonly modules: Modules;
  private readonly stored = new StoredPrograms();
  private readonly bootedAt: number;
  /** What `setTime` or SNTP added to the seconds since boot. */
  private clockOffsetSeconds = 0;
  private alive = true;

  private readonly board: PoweredBoard;

  constructor(board: PoweredBoard) {
    this.board = board;
    const { network, profile, localClock: clock } = board;
    this.bootedAt = clock.now();
    this.realm = createRealm(this);
    this.evaluator = new Evaluator(this.realm);
    this.reporter = new ErrorReporter(this.realm, board.sourceMap, this.evaluator, this.stored);
    this.loop = new IdleLoop(clock, this.realm, (thrown) => this.uncaught(thrown));
    installBuiltins(this.realm, this.loop);
    installEmitter(this.realm, this.loop);
    installPrint(this.realm, (text) => {
      for (const line of text.split("\n")) board.printLine(line);
    });
    const pins = new PinFunctions(
      this.realm,
      board.pinStates,
      clock,
      (event) => board.emit(event),
      () => this.alive,
      (line) => board.printLine(line),
    );
    this.watches = new Watches(clock, this.realm, this.loop, pins);
    this.timers = new Timers(clock, this.realm, this.loop);
    this.sockets = new Sockets(
      this.realm,
      this.loop,
      network,
      () => board.wifi?.carries !== false,
      (event) => board.emit(event),
    );
    this.espruino = new Espruino(this.realm, clock, this, board.storage);
    this.process = createProcess(this.realm, profile, board.serial, (collects) =>
      this.memory.describe(collects, memoryOf(profile).blockSize),
    );
    if (board.wifi) {
      this.wifi = new WifiModule(this.realm, this.loop, clock, board.wifi, () =>
        this.setTime(board.timeOfDaySeconds),
      );
    }
    this.terminal = this.createTerminal();
    this.installSystem();
    this.modules = new Modules(this.realm, this, new Unsimulated(this.realm, boardSurface()));
    this.loop.parts.push(this.watches, this.terminal, this.timers, this.sockets, this);
    this.memory = new SessionMemory(this, board.memory.total, board.memory.watchers);
    this.loop.memory = this.memory;
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

  /** Runs what boots from the flash, or the bundle where it holds no boot code. */
  start(start: Start): void {
    const { storage, bundle, echo, profile } = this.board;
    if (start.how === "cold") this.attempt(() => storage.files.powerOn());
    storage.changed();
    const run = (code: string, file: string, topLevel?: string): void =>
      this.attempt(() => {
        if (topLevel) this.stored.run(this.realm, storage.files, { file, code, topLevel });
        else this.realm.run(code, file);
      });
    const init = (): void => {
      this.tellEspruino("init", []);
      this.loop.call(undefined, this.realm.global.onInit, []);
    };
    const write = (text: string): void => this.terminal.write(text);
    // As the interpreter has it: the name of the file that was asked for, whether it exists or not.
    if (start.file !== undefined) this.realm.global.__FILE__ = start.file;
    const isBoard = profile.chip !== "Linux";
    const hasStarted = (): boolean => this.realm.global[STARTED] !== undefined;
    startPrograms({ files: storage.files, bundle, hasStarted, isBoard, echo, run, init, write }, start);
    this.memory.ran();
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

  /** Something outside changed that the idle loop looks at. */
  wake(): void {
    this.loop.wake();
  }

  /** The watchdog is looked after last in each pass of the loop. */
  idle(): boolean {
    this.espruino.idle();
    return false;
  }

  // --- time

  timeSeconds(): number {
    return (this.board.localClock.now() - this.bootedAt) / 1000 + this.clockOffsetSeconds;
  }

  wallTimeMs(): number {
    return this.timeSeconds() * 1000;
  }

  jumpWallClock(ms: number, how: "setTime" | "sntp"): void {
    this.clockOffsetSeconds += ms / 1000;
    if (how === "sntp") this.timers.systemTimeJumped(ms);
  }

  private setTime(seconds: number): void {
    this.clockOffsetSeconds += seconds - this.timeSeconds();
  }

  // --- what the realm, E and the memory ask for

  random(): number {
    return this.board.random();
  }

  errorTitle(kind: string, message: string): string {
    return errorTitle(kind, message);
  }

  reboot(): void {
    this.restart({ how: "cold" });
  }

  takeErrorFlags(): string[] {
    return this.memory.takeErrorFlags();
  }

  lockConsole(): void {
    this.board.echo.locked = true;
  }

  watchdogBit(): void {
    this.board.emit({ type: "fault", what: "watchdog" });
    this.board.reboot({ how: "cold" });
  }

  get programText(): string {
    return bootCode(this.board.storage.files) ?? this.board.bundle;
  }

  get listenerVariables(): number {
    return this.emitters.reduce((sum, object) => sum + variablesOfListeners(object), 0);
  }

  readTemperature(): number {
    return readTemperature(this.board);
  }

  printLine(text: string): void {
    this.board.printLine(text);
  }

  get lacks(): readonly string[] {
    return this.board.profile.interpreter?.lacks ?? [];
  }

  makeModule(name: string): Value | undefined {
    if (name === "net") return this.sockets.module();
    if (name === "Storage") {
      // With it Storage writes what is no text.
      this.realm.uses("stringify");
      return createStorageModule(this.realm, this.board.storage);
    }
    if (name === "crypto") return createCryptoModule(this.realm);
    return name === "Wifi" ? this.wifi?.module : undefined;
  }

  placesIn(stack: string): string[] {
    return this.reporter.placesIn(stack);
  }

  tellErrorFlags(flags: string[]): void {
    this.tellEspruino("errorFlag", [this.realm.array(flags)]);
  }

  // --- inside

  /** Calls the listeners of one of E's events now. */
  private tellEspruino(event: string, args: Value[]): void {
    const { object } = this.espruino;
    this.loop.call(object, object[`#on${event}`], args);
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

  private restart(start: Start): void {
    this.loop.restart = () => {
      if (start.how !== "cold") this.tellEspruino("kill", []);
      this.board.reboot(start);
    };
    this.loop.wake();
  }

  private uncaught(thrown: Value): void {
    if (!this.alive || thrown instanceof OutOfMemory || this.realm.isCut(thrown)) return;
    const listeners = this.process["#onuncaughtException"];
    const lines = this.reporter.lines(thrown);
    this.board.emit({ type: "error", message: lines.map((line) => line.trim()).join(" ") });
    if (listeners === undefined) {
      for (const line of lines) this.printLine(line);
      return;
    }
    // What a listener throws is printed; it is not handed to the listeners again.
    for (const listener of itemsOf<Value>(listeners)) {
      try {
        Reflect.apply(listener, this.process, [thrown]);
      } catch (again) {
        for (const line of this.reporter.lines(again)) this.printLine(line);
      }
    }
  }

  private createTerminal(): Console {
    const session = this;
    const { board, realm, loop } = this;
    return new Console({
      realm,
      clock: board.localClock,
      port: board.consolePort,
      echo: board.echo,
      evaluator: this.evaluator,
      description: `Espruino ${this.process.version} ${boardName(board.profile)}`,
      espruino: this.espruino.object,
      password() {
        return session.espruino.password;
      },
      storage() {
        return session.modules.get("Storage");
      },
      report(thrown) {
        session.uncaught(thrown);
      },
      call(self, listeners, argument) {
        loop.call(self, listeners, [argument]);
      },
      wake() {
        loop.wake();
      },
    });
  }

  private installSystem(): void {
    const session = this;
    const { board, realm, evaluator, timers } = this;
    installSystem(realm, {
      realm,
      serial: board.serial,
      timeSeconds() {
        return session.timeSeconds();
      },
      setTime(seconds) {
        session.setTime(seconds);
      },
      restart(start) {
        session.restart(start);
      },
      bootCode() {
        return session.programText;
      },
      eraseBootCode() {
        board.eraseBootCode();
      },
      dump() {
        return dumped({ realm, evaluator, timers: timers.list(), bootCode: session.programText });
      },
      write(text) {
        session.terminal.write(text);
      },
      echo(on) {
        board.echo.off = !on;
      },
    });
  }
}
