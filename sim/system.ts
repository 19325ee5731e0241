/** Global functions of the interpreter's own affairs: time, starting over, saving, echo, base64. */
import type { Realm, Value } from "./realm.ts";
import type { Start } from "./start.ts";

export interface System {
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
  const define = (name: string, run: (args: ArrayLike<Value>) => unknown): void =>
    realm.define(
      realm.global,
      name,
      realm.method(name, (_self, args) => run(args)),
    );
  define("getTime", () => system.timeSeconds());
  define("setTime", (args) => system.setTime(Number(args[0] ?? 0)));
  define("getSerial", () => system.serial);
  define("load", (args) =>
    system.restart({ how: "load", file: args[0] === undefined ? undefined : String(args[0]) }),
  );
  define("reset", (args) => {
    system.restart({ how: "reset" });
    if (!args[0]) return;
    system.write("Erasing saved code.");
    system.eraseBootCode();
    system.write("\nDone!\n");
  });
  define("save", () => {
    throw realm.error(
      "Error",
      system.bootCode()
        ? "Cannot save: .bootcde file already exists. Please remove it first."
        : "save() is not simulated: put the program into the flash with E.setBootCode(text)",
    );
  });
  define("dump", () => system.write(system.dump()));
  define("echo", (args) => system.echo(Boolean(args[0])));
  define("atob", (args) => Buffer.from(String(args[0]), "base64").toString("latin1"));
  define("btoa", (args) => Buffer.from(String(args[0]), "latin1").toString("base64"));
}
