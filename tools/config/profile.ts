/** Board profiles: what the files in board-profiles/ say of a board and of its chip, put together. */

import { didYouMean } from "../../sim/nearest.ts";
import type { BoardDrawing } from "../../sim/web/board-drawing.ts";
import { ConfigError } from "./error.ts";
import {
  type BoardFile,
  type ChipFile,
  chipNamed,
  profileNames,
  readBoard,
  readBoardText,
} from "./profile-files.ts";

export { profileNames } from "./profile-files.ts";

export type PinCapability = "input" | "output" | "pwm" | "adc" | "dac";

/** What one pin can do and what to beware of; the texts are sentences for people. */
export interface Pin {
  readonly can: readonly PinCapability[];
  /** The level at reset matters to the chip. */
  readonly strapping?: string;
  /** Something else on the board needs this pin: it is refused for lamp and button. */
  readonly reserved?: string;
  /** The interpreter turns its levels round, for reading and writing. */
  readonly inverted?: true;
  readonly note?: string;
  /** What the board says beside it, where that is another name. */
  readonly printed?: string;
}

/** One image and where it goes. */
export interface BoardImage {
  readonly role: "bootloader" | "partition-table" | "firmware" | "init-data" | "blank";
  /** Name in the folder of the release; `*` stands for any characters but "/". */
  readonly file: string;
  /** Address in the flash, bytes. */
  readonly offset: number;
}

export interface BoardImages {
  /** As the ROM loader names it. */
  readonly chip: "ESP32" | "ESP32-S3" | "ESP32-C3" | "ESP8266";
  /** Size of the flash chip, bytes. */
  readonly flashBytes: number;
  /** Name of the folder in the release; `*` stands for any characters but "/". Several folders hold files of the same names. */
  readonly folder: string;
  readonly mode: "dio" | "dout" | "qio" | "qout";
  readonly frequency: "20m" | "26m" | "40m" | "80m";
  readonly parts: readonly BoardImage[];
}

/** Something that one pin drives, or that drives it. */
export interface BoardPart {
  readonly pin: string;
  readonly activeLow: boolean;
}

export interface BoardProfile {
  readonly name: string;
  readonly title: string;
  readonly chip: string;
  /** Whether `require("Wifi")` exists. */
  readonly wifi: boolean;
  /** Where the lamp is unless lamp.pin says otherwise; `external`: nothing is soldered there, an LED is to be connected. */
  readonly led: BoardPart & { readonly external?: true };
  /** Addressable LEDs, which plain levels do not light. */
  readonly pixels?: { readonly pin: string; readonly type: "WS2812" | "SK6812"; readonly count: number };
  readonly relay?: BoardPart;
  readonly button?: BoardPart;
  /** Why the lamp of this version cannot run on it, as the rest of a sentence. */
  readonly noLamp?: string;
  /** Espruino on this board. */
  readonly interpreter: {
    /** What process.env.BOARD may say, the official build first. */
    readonly boards: readonly string[];
    /** `over` "usb": the chip's own USB, where the speed does not matter; "terminal": standard input and output. */
    readonly console: { readonly baud: number; readonly over: "uart" | "usb" | "terminal" };
    /** Modules ("tls") and functions of modules ("crypto.SHA256") that other builds have and this one does not. */
    readonly lacks: readonly string[];
  };
  /** How the interpreter gets onto the board through the ROM loader; absent where esptool does not apply. */
  readonly images?: BoardImages;
  /** The interpreter's pool: number of variables, and bytes a variable. */
  readonly memory: { readonly variables: number; readonly blockSize: number };
  /** The part of the flash that belongs to Storage; `address` is where it begins. */
  readonly flash: {
    readonly pageBytes: number;
    readonly pages: number;
    readonly address?: number;
    readonly filenameTable?: boolean;
  };
  /** `channels`: pins that may have a frequency of their own at once. `software`: done by interrupts. */
  readonly pwm: {
    readonly maxHz: number;
    readonly resolutionBits: number;
    readonly channels?: number;
    readonly software?: true;
  };
  /** Limits that fail the build. */
  readonly budget: { readonly bundleBytes: number };
  readonly warnings: readonly string[];
  /** Where the facts come from. */
  readonly sources: readonly string[];
  readonly pins: Readonly<Record<string, Pin>>;
  /** How the board looks from above; without it the page draws two rows of pins. */
  readonly drawing?: BoardDrawing;
}

/** Reads and checks one profile. Throws ConfigError when there is none of that name or it is malformed. */
export function loadProfile(name: string, saidIn = "--board"): BoardProfile {
  const names = profileNames();
  if (!names.includes(name)) {
    throw new ConfigError(
      `${saidIn}: board is "${name}", but there is no such profile${didYouMean(name, names)}; allowed: ${names.join(", ")}; see: npx wick boards`,
    );
  }
  return parseProfile(readBoardText(name), name);
}

/** Checks the text of a profile; `name` is its file name without ".json". Throws ConfigError. */
export function parseProfile(text: string, name: string): BoardProfile {
  const file = `board-profiles/${name}.json`;
  const board = readBoard(text, name);
  const chip = chipNamed(board.chip, file);
  const profile = together(board, chip, file);
  for (const part of ["led", "button", "relay", "pixels"] as const) {
    const pin = profile[part]?.pin;
    if (pin !== undefined && profile.pins[pin] === undefined)
      throw new ConfigError(`${file}: ${part}.pin is "${pin}", which is not among the pins`);
  }
  return profile;
}

/** The board's pins with all that the chip says of them, and the facts of its build of the interpreter. */
function together(board: BoardFile, chip: ChipFile, file: string): BoardProfile {
  const build = chip.builds[board.build];
  if (build === undefined) {
    const builds = Object.keys(chip.builds);
    throw new ConfigError(
      `${file}: build is "${board.build}", but ${chip.name} has no such build${didYouMean(board.build, builds)}; allowed: ${builds.join(", ")}`,
    );
  }
  const pins = Object.entries(board.pins).map(([name, own]): [string, Pin] => {
    const pin = chip.pins[name];
    if (pin === undefined)
      throw new ConfigError(
        `${file}: pins has ${name}, which ${chip.name} does not have; allowed: ${Object.keys(chip.pins).join(", ")}`,
      );
    return [name, { ...pin, ...own }];
  });
  const { $schema: _, build: name, flashBytes, flashMode, ...own } = board;
  const { memory, flash, console, lacks = [], images } = build;
  return {
    ...own,
    wifi: chip.wifi,
    pwm: chip.pwm,
    memory,
    flash,
    interpreter: { boards: [name], console, lacks },
    ...(images !== undefined && flashBytes !== undefined
      ? {
          images: {
            ...images,
            chip: chip.name as BoardImages["chip"],
            flashBytes,
            mode: flashMode ?? images.mode,
            parts: images.parts.map((part) => ({
              ...part,
              offset: part.offset < 0 ? flashBytes + part.offset : part.offset,
            })),
          },
        }
      : {}),
    warnings: [...board.warnings, ...chip.warnings],
    sources: [...new Set([...board.sources, ...chip.sources])],
    pins: Object.fromEntries(pins),
  };
}
