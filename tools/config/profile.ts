/** Board profiles: the JSON files in board-profiles/, checked against their schema. */
import { readdirSync, readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { didYouMean } from "../../sim/nearest.ts";
import type { BoardDrawing } from "../../sim/web/board-drawing.ts";
import { projectRoot } from "../version.ts";
import { ConfigError } from "./error.ts";

export type PinCapability = "input" | "output" | "pwm" | "adc" | "dac";

/** What one pin can do and what to beware of; the texts are sentences for people. */
export interface Pin {
  readonly can: readonly PinCapability[];
  /** The level at reset matters to the chip. */
  readonly strapping?: string;
  /** Something else on the board needs this pin: it is refused for lamp and button. */
  readonly reserved?: string;
  readonly note?: string;
}

/** One image and where it goes. */
export interface BoardImage {
  readonly role: "bootloader" | "partition-table" | "firmware" | "init-data" | "blank";
  /** Name in the folder or archive of the release; `*` stands for any characters but "/". */
  readonly file: string;
  /** Address in the flash, bytes. */
  readonly offset: number;
}

export interface BoardImages {
  /** As the ROM loader names it. */
  readonly chip: "ESP32" | "ESP32-S3" | "ESP32-C3" | "ESP8266";
  /** Size of the flash chip, bytes. */
  readonly flashBytes: number;
  readonly parts: readonly BoardImage[];
}

export interface BoardProfile {
  readonly name: string;
  readonly title: string;
  readonly chip: string;
  readonly wifi: boolean;
  readonly led: { readonly pin: string; readonly activeLow: boolean };
  readonly button?: { readonly pin: string; readonly activeLow: boolean };
  /** Espruino on this board. */
  readonly interpreter: {
    /** What process.env.BOARD may say, the official build first. */
    readonly boards: readonly string[];
    readonly console: { readonly baud: number };
  };
  /** How the interpreter gets onto the board through the ROM loader; absent where esptool does not apply. */
  readonly images?: BoardImages;
  /** The interpreter's pool: number of variables, and bytes a variable. */
  readonly memory: { readonly variables: number; readonly blockSize: number };
  readonly flash?: { readonly pageBytes?: number; readonly pages: number; readonly filenameTable?: boolean };
  readonly pwm: { readonly maxHz: number; readonly resolutionBits: number };
  /** Limits that fail the build. */
  readonly budget: { readonly bundleBytes: number };
  readonly warnings: readonly string[];
  /** Where the facts come from. */
  readonly sources: readonly string[];
  readonly pins: Readonly<Record<string, Pin>>;
  /** How the board looks from above; without it the page draws two rows of pins. */
  readonly drawing?: BoardDrawing;
}

const folder = `${projectRoot}board-profiles/`;
const notProfiles = new Set(["schema.json", "interpreter.json", "measured-memory.json"]);

/** Made at the first use: that takes longer than all the checking after it. */
let validate: ValidateFunction | undefined;

/** Names of all profiles, sorted. */
export function profileNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json") && !notProfiles.has(file))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

/** Reads and checks one profile. Throws ConfigError when there is none of that name or it is malformed. */
export function loadProfile(name: string, saidIn = "--board"): BoardProfile {
  const names = profileNames();
  if (!names.includes(name)) {
    throw new ConfigError(
      `${saidIn}: board is "${name}", but there is no such profile${didYouMean(name, names)}; allowed: ${names.join(", ")}; see: npx wick boards`,
    );
  }
  return parseProfile(readFileSync(`${folder}${name}.json`, "utf8"), name);
}

/** Checks the text of a profile; `name` is its file name without ".json". Throws ConfigError. */
export function parseProfile(text: string, name: string): BoardProfile {
  const file = `board-profiles/${name}.json`;
  let profile: BoardProfile;
  try {
    profile = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${file}: not JSON: ${error instanceof Error ? error.message : error}`);
  }
  validate ??= new Ajv().compile(JSON.parse(readFileSync(`${folder}schema.json`, "utf8")));
  if (!validate(profile)) {
    const mistake = validate.errors?.[0];
    const detail = mistake?.params.additionalProperty ?? mistake?.params.missingProperty ?? "";
    throw new ConfigError(`${file}: ${mistake?.instancePath || "/"} ${mistake?.message} ${detail}`.trimEnd());
  }
  if (profile.name !== name)
    throw new ConfigError(`${file}: name is "${profile.name}", but the file is called "${name}"`);
  for (const [part, pin] of [
    ["led", profile.led.pin],
    ["button", profile.button?.pin],
  ] as const) {
    if (pin !== undefined && profile.pins[pin] === undefined) {
      throw new ConfigError(`${file}: ${part}.pin is "${pin}", which is not among the pins`);
    }
  }
  return profile;
}
