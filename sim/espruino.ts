/** E, the interpreter's object for its own affairs: flags, random numbers, the watchdog, bytes and strings, the boot code. */
import { crc32 } from "node:zlib";
import type { Alarm, Clock } from "./clock.ts";
import { formatted, TO_JS } from "./console/format.ts";
import { setBootCode } from "./flash/boot-code.ts";
import type { StorageMedium } from "./flash/medium.ts";
import { itemsOf } from "./items.ts";
import type { Members, Realm, Value } from "./realm.ts";

/** What E may do to the board. */
export interface BoardControl {
  random(): number;
  reboot(): void;
  /** What went wrong since it was last asked; forgotten then. */
  takeErrorFlags(): string[];
  /** The watchdog was not kicked in time. */
  watchdogBit(): void;
  /** The console takes nothing but the password from now on. */
  lockConsole(): void;
  /** Of the chip, in degrees Celsius, as the interpreter reads it. */
  readTemperature(): number;
}

const FLAGS = [
  "deepSleep",
  "unsafeFlash",
  "unsyncFiles",
  "pretokenise",
  "jitDebug",
  "onErrorSave",
  "onErrorFlash",
];

export class Espruino {
  readonly object: Value;
  /** Of the console, once there is one. */
  password: string | undefined;
  private watchdogMs = 0;
  /** The idle loop kicks the watchdog by itself. */
  private automatic = false;
  private watchdog: Alarm | undefined;
  /** Board time at which it bites unless it is kicked. */
  private biteAt = 0;

  private readonly realm: Realm;
  private readonly clock: Clock;
  private readonly board: BoardControl;
  private readonly storage: StorageMedium;
  /** Those that are set. */
  private readonly flags = new Set<string>();

  constructor(realm: Realm, clock: Clock, board: BoardControl, storage: StorageMedium) {
    this.realm = realm;
    this.clock = clock;
    this.board = board;
    this.storage = storage;
    this.object = realm.constructorNamed("E");
    realm.define(realm.global, "E", this.object);
    realm.members(this.object, this, Espruino.MEMBERS);
  }

  private static readonly MEMBERS: Members<Espruino> = {
    getFlags: (espruino) => espruino.allFlags(),
    setFlags: (espruino, args) => espruino.setFlags(args[0] ?? {}),
    hwRand: ({ board }) => Math.floor(board.random() * 4294967296) - 2147483648,
    srand: () => undefined,
    reboot: ({ board }) => board.reboot(),
    enableWatchdog: (espruino, args) => espruino.enableWatchdog(Number(args[0]), args[1]),
    kickWatchdog: (espruino) => espruino.kick(),
    toUint8Array: ({ realm }, args) => new realm.Uint8Array(bytesOf(realm, args)),
    toString: ({ realm }: Espruino, args: ArrayLike<Value>) => String.fromCharCode(...bytesOf(realm, args)),
    getSizeOf: (_espruino, args) => sizeOf(args[0]),
    getErrorFlags: ({ realm, board }) => realm.array(board.takeErrorFlags()),
    CRC32: ({ realm }, args) => checksum(realm, args[0]),
    setPassword: (espruino, args) => {
      espruino.password = args[0] === undefined ? undefined : String(args[0]);
    },
    lockConsole: ({ password, board }) => {
      if (password !== undefined) board.lockConsole();
    },
    getTemperature: ({ board }) => board.readTemperature(),
    setTimeZone: () => undefined,
    defrag: () => undefined,
    getConsole: () => "Serial1",
    toJS: ({ realm }, args) => formatted(realm, args[0], TO_JS),
    setBootCode: (espruino, args) => setBootCode(espruino.realm, espruino.storage, args[0], Boolean(args[1])),
    clip: ({ realm }, args) => realm.builtins.Math.clip(args[0], args[1], args[2]),
    sum: (_espruino, args) => itemsOf<number>(args[0]).reduce((sum, value) => sum + value, 0),
  };

  /** Called once a pass of the idle loop. */
  idle(): void {
    if (this.automatic) this.kick();
  }

  powerOff(): void {
    if (this.watchdog) this.clock.cancel(this.watchdog);
  }

  private allFlags(): Value {
    const values = FLAGS.map((flag) => [flag, this.flags.has(flag) ? 1 : 0]);
    return Object.assign(this.realm.object(), Object.fromEntries(values));
  }

  private setFlags(wanted: Value): void {
    for (const flag of FLAGS)
      if (wanted[flag] !== undefined) this.flags[wanted[flag] ? "add" : "delete"](flag);
  }

  private enableWatchdog(seconds: number, automatic: Value): void {
    if (!(seconds > 0)) throw this.realm.error("Error", `Expecting a timeout in seconds, got ${seconds}`);
    this.watchdogMs = seconds * 1000;
    this.automatic = automatic === undefined || Boolean(automatic);
    this.kick();
  }

  private kick(): void {
    if (this.watchdogMs === 0 || this.automatic) {
      // While the idle loop kicks, the watchdog could bite only in an endless loop, which would also stop this simulator.
      if (this.watchdog) this.clock.cancel(this.watchdog);
      this.watchdog = undefined;
      return;
    }
    this.biteAt = this.clock.now() + this.watchdogMs;
    if (this.watchdog && this.watchdog.at <= this.biteAt) return;
    if (this.watchdog) this.clock.cancel(this.watchdog);
    this.watch();
  }

  /** One alarm stands for many kicks: when it comes it looks whether there was one. */
  private watch(): void {
    this.watchdog = this.clock.schedule(this.biteAt, () => {
      this.watchdog = undefined;
      if (this.clock.now() < this.biteAt) this.watch();
      else this.board.watchdogBit();
    });
  }
}

/** jswrap_espruino.c: numbers, strings, arrays, `{data, count}` and functions of no arguments, one after the other. */
export function bytesOf(realm: Realm, items: ArrayLike<Value>): number[] {
  const bytes: number[] = [];
  for (const item of itemsOf(items)) {
    if (typeof item === "string") for (let i = 0; i < item.length; i++) bytes.push(item.charCodeAt(i) & 255);
    else if (Array.isArray(item) || realm.isView(item))
      for (const byte of bytesOf(realm, item)) bytes.push(byte);
    else if (typeof item === "object" && item?.data !== undefined) {
      const once = bytesOf(realm, [item.data]);
      for (let count = 0; count < Number(item.count ?? 1); count++) bytes.push(...once);
    } else if (typeof item === "function") bytes.push(...bytesOf(realm, [item()]));
    else if (item !== undefined) bytes.push(Number(item) & 255);
  }
  return bytes;
}

/** Of each element of what has elements, as a byte; undefined for what has none (jswrap_espruino_CRC32). */
function checksum(realm: Realm, data: Value): number | undefined {
  if (typeof data === "string") return crc32(Buffer.from(data, "latin1"));
  if (typeof data !== "object" || data === null) return undefined;
  const elements: Value[] =
    data instanceof realm.builtins.ArrayBuffer
      ? Array.from(new realm.Uint8Array(data))
      : realm.isView(data)
        ? Array.from(data)
        : Object.values(data);
  return crc32(Uint8Array.from(elements, (element) => Number(element) | 0));
}

/** An estimate: one variable for a value, one more for each 12 characters or each member. */
function sizeOf(value: Value): number {
  if (typeof value === "string") return 1 + Math.floor(value.length / 12);
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const key of Object.keys(value)) size += sizeOf(value[key]);
  return size;
}
