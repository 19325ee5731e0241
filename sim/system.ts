/** Global functions of the interpreter's own affairs: time, starting over, saving, echo, base64. */
import { bytesIn, isBuffer } from "./crypto-module.ts";
import type { Members, Realm } from "./realm.ts";
import type { Start } from "./start.ts";

export interface System {
  readonly realm: Realm;
  readonly serial: string;
  timeSeconds(): number;
  setTime(seconds: number): void;
  /** At the end of the pass. */
  restart(start: Start): void;
  /** Boot code there is, of either kind or of the bundle. */
  bootCode(): string | undefined;
  eraseBootCode(): void;
  dump(): string;
  /** Prints text as it is. */
  write(text: string): void;
  echo(on: boolean): void;
}

export function installSystem(realm: Realm, system: System): void {
  realm.members(realm.global, system, FUNCTIONS);
}

const FUNCTIONS: Members<System> = {
  getTime: (system) => system.timeSeconds(),
  setTime: (system, args) => system.setTime(Number(args[0] ?? 0)),
  getSerial: (system) => system.serial,
  load: (system, args) =>
    system.restart({ how: "load", file: args[0] === undefined ? undefined : String(args[0]) }),
  reset: (system, args) => {
    system.restart({ how: "reset" });
    if (!args[0]) return;
    system.write("Erasing saved code.");
    system.eraseBootCode();
    system.write("\nDone!\n");
  },
  save: (system) => {
    throw system.realm.error(
      "Error",
      system.bootCode()
        ? "Cannot save: .bootcde file already exists. Please remove it first."
        : "save() is not simulated: put the program into the flash with E.setBootCode(text)",
    );
  },
  dump: (system) => system.write(system.dump()),
  echo: (system, args) => system.echo(Boolean(args[0])),
  atob: (_system, args) => Buffer.from(String(args[0]), "base64").toString("latin1"),
  btoa: ({ realm }, args) => {
    const data = args[0];
    const missing = data === undefined ? "undefined" : data === null ? "null" : "Number";
    if (data === undefined || data === null || typeof data === "number" || typeof data === "boolean")
      throw realm.error("Error", `Expecting String or Array, got ${missing}`);
    // Of an object the values of its members.
    const isList = typeof data === "string" || isBuffer(data) || realm.isView(data);
    return bytesIn(realm, isList ? data : Object.values(data)).toString("base64");
  },
};
