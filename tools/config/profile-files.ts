/** The files of board-profiles/ as they are written: one a board, one a chip, each held to its schema. */
import { readdirSync, readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { didYouMean } from "../../sim/nearest.ts";
import { projectRoot } from "../version.ts";
import { ConfigError } from "./error.ts";
import type { BoardImages, BoardProfile, Pin } from "./profile.ts";

type Build = Pick<BoardProfile, "memory" | "flash"> & {
  readonly console: BoardProfile["interpreter"]["console"];
  readonly lacks?: readonly string[];
  readonly images?: Omit<BoardImages, "chip" | "flashBytes">;
};

/** A file in board-profiles/chips/. */
export interface ChipFile
  extends Pick<BoardProfile, "name" | "wifi" | "pwm" | "warnings" | "sources" | "pins"> {
  /** By what process.env.BOARD says. */
  readonly builds: Readonly<Record<string, Build>>;
}

/** A file in board-profiles/: a profile without what its chip and build say. */
export interface BoardFile
  extends Omit<BoardProfile, "wifi" | "pwm" | "memory" | "flash" | "interpreter" | "images" | "pins"> {
  readonly $schema?: string;
  readonly build: string;
  /** Size of the flash chip. */
  readonly flashBytes?: number;
  readonly flashMode?: BoardImages["mode"];
  /** What differs from the chip's pins, or is there besides. */
  readonly pins: Readonly<Record<string, Partial<Pin>>>;
}

const folder = `${projectRoot}board-profiles/`;
const notProfiles = new Set(["schema.json", "interpreter.json", "measured-memory.json"]);

/** Names of all profiles, sorted. */
export function profileNames(): string[] {
  return namesIn(folder).filter((name) => !notProfiles.has(`${name}.json`));
}

/** Names of all files about chips, sorted: "esp32-c3". */
export function chipNames(): string[] {
  return namesIn(`${folder}chips/`).filter((name) => name !== "schema");
}

function namesIn(place: string): string[] {
  return readdirSync(place)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

/** The text of an existing profile. */
export function readBoardText(name: string): string {
  return readFileSync(`${folder}${name}.json`, "utf8");
}

/** Checks the text of a board's file; `name` is the file's without ".json". Throws ConfigError. */
export function readBoard(text: string, name: string): BoardFile {
  const file = `board-profiles/${name}.json`;
  const board = parsed<BoardFile>(text, file, "schema.json");
  if (board.name !== name)
    throw new ConfigError(`${file}: name is "${board.name}", but the file is called "${name}"`);
  return board;
}

/** Chips are read once: ten boards have few of them. */
const chips = new Map<string, ChipFile>();

/** The chip that a board's file names. Throws ConfigError. */
export function chipNamed(chip: string, saidIn: string): ChipFile {
  const name = chip.toLowerCase();
  const known = chips.get(name);
  if (known?.name === chip) return known;
  const names = chipNames();
  const file = `board-profiles/chips/${name}.json`;
  const read = names.includes(name)
    ? parsed<ChipFile>(readFileSync(`${folder}chips/${name}.json`, "utf8"), file, "chips/schema.json")
    : undefined;
  if (read?.name !== chip) {
    const all = names.map((one) => chips.get(one)?.name ?? one);
    throw new ConfigError(
      `${saidIn}: chip is "${chip}", but there is no such chip${didYouMean(read?.name ?? name, all)}; allowed: ${all.join(", ")}`,
    );
  }
  chips.set(name, read);
  return read;
}

/** Made at the first use: that takes longer than all the checking after it. */
const validators = new Map<string, ValidateFunction>();
let ajv: Ajv | undefined;

function validatorOf(schema: "schema.json" | "chips/schema.json"): ValidateFunction {
  let validator = validators.get(schema);
  if (validator === undefined) {
    ajv ??= new Ajv();
    validator = ajv.compile(JSON.parse(readFileSync(`${folder}${schema}`, "utf8")));
    validators.set(schema, validator);
  }
  return validator;
}

function parsed<T>(text: string, file: string, schema: "schema.json" | "chips/schema.json"): T {
  let content: T;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${file}: not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const validate = validatorOf(schema);
  if (!validate(content)) {
    const mistake = validate.errors?.[0];
    const detail = mistake?.params.additionalProperty ?? mistake?.params.missingProperty ?? "";
    throw new ConfigError(`${file}: ${mistake?.instancePath || "/"} ${mistake?.message} ${detail}`.trimEnd());
  }
  return content;
}
