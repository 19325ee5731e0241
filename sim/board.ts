/** A whole board: its parts wired together around one idle loop. (API first; see the parts.) */
import type { Clock } from "./clock.ts";
import type { BoardEvent } from "./events.ts";
import type { BoardPins } from "./pins.ts";
import type { BoardProfile } from "./profile.ts";
import type { StorageMedium } from "./storage.ts";
import type { WifiControl } from "./wifi.ts";
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
  onEvent?: ((event: BoardEvent) => void) | undefined;
}

export interface Board {
  /** Switches the board on and runs the bundle, at the clock's present time. */
  boot(): void;
  /** Like pulling the plug: timers, listeners and sockets are gone, the other side sees connections break. Storage stays. */
  powerOff(): void;
  readonly running: boolean;
  /** Evaluates code on the board as its console would, and then lets the idle loop run. @throws what the code throws, as an Error. */
  evaluate(code: string): unknown;
  readonly pins: BoardPins;
  /** Undefined on a board without Wi-Fi. */
  readonly wifi: WifiControl | undefined;
  readonly storage: StorageMedium;
  /** What the console printed since the first boot, line by line. */
  readonly console: readonly string[];
  /** Timers installed now. */
  readonly timers: number;
  /** Listeners installed on the board's own objects (sockets, Wifi, process, E, pin watches) now. */
  readonly listeners: number;
  /** Open or opening sockets. */
  readonly sockets: number;
  /** How often the board booted, watchdog and `load()` included. */
  readonly boots: number;
}

export declare function createBoard(options: BoardOptions): Board;
