/** process: what the board says about itself. */
import { INTERPRETER } from "./console/banner.ts";
import type { BoardProfile } from "./profile.ts";
import type { Realm, Value } from "./realm.ts";

/** boards/ESP32.py */
const RAM_BYTES = 512 * 1024;

/** The interpreter's own name of the board, by which uploaders look up what it can do. */
export function boardName(profile: BoardProfile): string {
  return (profile.chip ?? "ESP32").replaceAll("-", "").toUpperCase();
}

/** `memory` gives what `process.memory` returns; asked to, it collects garbage first. */
export function createProcess(
  realm: Realm,
  profile: BoardProfile,
  serial: string,
  memory: (collects: boolean) => Value,
): Value {
  const process = realm.constructorNamed("process");
  const env = Object.assign(realm.object(), {
    VERSION: INTERPRETER.version,
    GIT_COMMIT: INTERPRETER.commit,
    BOARD: boardName(profile),
    RAM: RAM_BYTES,
    FLASH: 0,
    STORAGE: (profile.flash?.pages ?? 64) * (profile.flash?.pageBytes ?? 4096),
    SERIAL: serial,
    CONSOLE: "Serial1",
    MODULES: profile.wifi ? "Storage,net,Wifi" : "Storage,net",
    EXPTR: 0,
  });
  realm.define(process, "env", env);
  realm.define(process, "version", INTERPRETER.version);
  realm.define(
    process,
    "memory",
    realm.method("memory", (_self, args) => memory(args[0] === undefined || Boolean(args[0]))),
  );
  realm.define(realm.global, "process", process);
  return process;
}

/** Unique to a board, as a chip's: made of the seed. */
export function serialNumber(seed: number): string {
  return `240ac4-${(Math.imul(seed, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}`;
}
