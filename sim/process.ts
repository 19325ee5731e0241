/** process: what the board says about itself. */
import { INTERPRETER } from "./console/banner.ts";
import { isNamed } from "./names.ts";
import type { BoardProfile } from "./profile.ts";
import type { Members, Realm, Value } from "./realm.ts";

/** By chip, of Espruino's board files; the ESP32's where a profile names none. */
const RAM_KILOBYTES: Readonly<Record<string, number>> = {
  ESP32: 512,
  "ESP32-S3": 512,
  "ESP32-C3": 400,
  ESP8266: 80,
  STM32F411: 128,
};
/** What a simulated board has of those, in the interpreter's order. */
const MODULES = ["Storage", "net", "crypto", "Wifi"];

/** The interpreter's own name of the board, by which uploaders look up what it can do. */
export function boardName(profile: BoardProfile): string {
  return profile.interpreter?.boards[0] ?? (profile.chip ?? "ESP32").replaceAll("-", "").toUpperCase();
}

/** `memory` gives what `process.memory` returns; asked to, it collects garbage first. */
export function createProcess(
  realm: Realm,
  profile: BoardProfile,
  serial: string,
  memory: (collects: boolean) => Value,
): Value {
  const process = realm.constructorNamed("process");
  realm.define(process, "version", INTERPRETER.version);
  realm.members(process, memory, FUNCTIONS);
  realm.onNames((names) => {
    if (isNamed(names, "env") && !Object.hasOwn(process, "env"))
      realm.define(process, "env", Object.assign(realm.object(), environment(profile, serial)));
  });
  realm.define(realm.global, "process", process);
  return process;
}

const FUNCTIONS: Members<(collects: boolean) => Value> = {
  memory: (memory, args) => memory(args[0] === undefined || Boolean(args[0])),
};

function environment(profile: BoardProfile, serial: string): Readonly<Record<string, string | number>> {
  return {
    VERSION: INTERPRETER.version,
    GIT_COMMIT: INTERPRETER.commit,
    BOARD: boardName(profile),
    RAM: (RAM_KILOBYTES[profile.chip ?? "ESP32"] ?? 512) * 1024,
    FLASH: 0,
    STORAGE: (profile.flash?.pages ?? 64) * (profile.flash?.pageBytes ?? 4096),
    SERIAL: serial,
    CONSOLE: "Serial1",
    MODULES: MODULES.filter((name) =>
      name === "Wifi" ? profile.wifi : !profile.interpreter?.lacks?.includes(name),
    ).join(","),
    EXPTR: 0,
  };
}

/** Unique to a board, as a chip's: made of the seed. */
export function serialNumber(seed: number): string {
  return `240ac4-${(Math.imul(seed, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}`;
}
