/** What the interpreter has and this simulator does not do: it is there, and says so when it is used. */
import type { Realm, Value } from "./realm.ts";
import type { Surface } from "./surface.ts";

/** Kinds of values and the constructor that carries their methods. */
const CONSTRUCTORS: Readonly<Record<string, string>> = {
  string: "String",
  array: "Array",
  number: "Number",
  date: "Date",
  function: "Function",
  promise: "Promise",
  pin: "Pin",
  socket: "Socket",
  server: "Server",
  storagefile: "StorageFile",
  serial: "Serial",
};
const SERIAL = /^(Serial\d|Loopback[AB]|USB|Telnet)$/;

/** Adds whatever `surface` lists and the realm lacks: globals, their members, and modules. Functions of them throw when called. */
export function addUnsimulated(realm: Realm, { types }: Surface, modules: Map<string, Value>): void {
  const { global } = realm;
  const standIn = (name: string): Value =>
    realm.constructorNamed(name.slice(name.lastIndexOf(".") + 1), () => {
      throw realm.error("Error", `${name} is not simulated`);
    });
  const fill = (target: Value, owner: string, members: Readonly<Record<string, string>> = {}): void => {
    for (const [name, type] of Object.entries(members)) {
      if (type === "undefined" || name in target) continue;
      const isObject = type === "object";
      const prototype = SERIAL.test(name) ? global.Serial.prototype : global.Object.prototype;
      realm.define(target, name, isObject ? realm.create(prototype) : standIn(owner + name));
    }
  };
  fill(global, "", { Serial: "function", ...types.members.global });
  for (const [kind, name] of Object.entries(CONSTRUCTORS)) {
    fill(global[name].prototype, `${name}.`, types.members[kind]);
  }
  for (const [owner, members] of Object.entries(types.statics)) fill(global[owner], `${owner}.`, members);
  for (const [name, members] of Object.entries(types.modules)) {
    if (!modules.has(name)) modules.set(name, realm.object());
    fill(modules.get(name), `${name}.`, members);
  }
}
