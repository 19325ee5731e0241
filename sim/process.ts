/** process: what the board says about itself. */
import type { BoardProfile } from "./profile.ts";
import type { Realm, Value } from "./realm.ts";

/** The version whose behaviour this simulator was measured against. */
const INTERPRETER_VERSION = "2v29.277";

export function createProcess(realm: Realm, profile: BoardProfile, serial: string): Value {
  const process = realm.constructorNamed("process");
  const env = Object.assign(realm.object(), {
    VERSION: INTERPRETER_VERSION,
    BOARD: profile.name,
    SERIAL: serial,
    CONSOLE: "Serial1",
    MODULES: profile.wifi ? "Storage,net,Wifi" : "Storage,net",
  });
  const { variables, blockSize } = profile.memory ?? { variables: 16383, blockSize: 14 };
  realm.define(process, "env", env);
  realm.define(process, "version", INTERPRETER_VERSION);
  // `usage` and `free` are left out: a program of V8 does not tell how many variables it would take on the board.
  realm.define(
    process,
    "memory",
    realm.method("memory", () => Object.assign(realm.object(), { total: variables, blocksize: blockSize })),
  );
  realm.define(realm.global, "process", process);
  return process;
}

/** Unique to a board, as a chip's: made of the seed. */
export function serialNumber(seed: number): string {
  return `240ac4-${(Math.imul(seed, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}`;
}
