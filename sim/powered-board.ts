/** What a power-on may ask of its board. */
import type { Echo } from "./console/line-editor.ts";
import type { ConsolePort } from "./console/port.ts";
import type { DriftingClock } from "./drifting-clock.ts";
import type { BoardEventBody } from "./events.ts";
import type { MemoryView } from "./memory/board-memory.ts";
import type { PinStates } from "./pins.ts";
import type { BoardProfile } from "./profile.ts";
import type { Start } from "./start.ts";
import type { StorageMedium } from "./storage.ts";
import type { Wifi } from "./wifi.ts";
import type { Network } from "./world/network.ts";

/** The board, as far as it outlives its power-on. */
export interface PoweredBoard {
  readonly profile: BoardProfile;
  readonly network: Network;
  readonly localClock: DriftingClock;
  /** Seconds (Unix) that SNTP tells. */
  readonly timeOfDaySeconds: number;
  readonly serial: string;
  readonly bundle: string;
  readonly sourceMap: string | undefined;
  readonly storage: StorageMedium;
  readonly wifi: Wifi | undefined;
  readonly pinStates: PinStates;
  /** Of the chip, in degrees Celsius; NaN where the interpreter reads none. */
  readonly temperature: number;
  readonly consolePort: ConsolePort;
  readonly echo: Echo;
  readonly memory: MemoryView;
  emit(event: BoardEventBody): void;
  printLine(text: string): void;
  random(): number;
  /** Everything starts over. */
  reboot(start: Start): void;
  /** No boot code is left, not of the bundle either. */
  eraseBootCode(): void;
}
