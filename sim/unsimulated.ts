/** What the interpreter has and this simulator does not do: it is there for whoever names it, and says so when it is used. */
import type { Names } from "./names.ts";
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

/** Name to type, as the surface lists them. */
type Members = Readonly<Record<string, string>>;

/** Stand-ins for whatever the surface lists and the realm lacks: globals, their members, and modules. Functions of them throw when called. */
export class Unsimulated {
  /** All names that were asked for. */
  private named: Names = new Set();

  private readonly realm: Realm;
  private readonly types: Surface["types"];

  constructor(realm: Realm, { types }: Surface) {
    this.realm = realm;
    this.types = types;
    realm.onNames((names) => this.add(names));
  }

  /** Adds what the module lacks; a new one where there is none. Undefined when the interpreter has none of that name. */
  module(name: string, module: Value | undefined): Value | undefined {
    const members = Object.hasOwn(this.types.modules, name) ? this.types.modules[name] : undefined;
    if (!members) return module;
    const made = module ?? this.realm.object();
    this.fill(made, `${name}.`, members, "all");
    return made;
  }

  private add(names: Names): void {
    const { realm, types } = this;
    const before = this.named;
    if (before === "all") return;
    const listed = namesListed(types);
    let named = names;
    if (names !== "all") {
      const fresh = [...names].filter((name) => listed.has(name) && !before.has(name));
      if (fresh.length === 0) return;
      named = new Set([...before, ...fresh]);
    }
    this.named = named;
    const { global } = realm;
    const globals: Members = types.members.global ?? {};
    // The serial ports are made of it.
    if (named === "all" || [...named].some((name) => SERIAL.test(name)))
      this.fill(global, "", { Serial: "function" }, "all");
    this.fill(global, "", globals, named);
    for (const [kind, name] of Object.entries(CONSTRUCTORS)) {
      if (global[name]) this.fill(global[name].prototype, `${name}.`, types.members[kind], named);
    }
    for (const [owner, members] of Object.entries(types.statics))
      if (global[owner]) this.fill(global[owner], `${owner}.`, members, named);
  }

  private fill(target: Value, owner: string, members: Members = {}, named: Names): void {
    const { realm } = this;
    // A program may have put something else in its place.
    if ((typeof target !== "object" && typeof target !== "function") || target === null) return;
    for (const name of named === "all" ? Object.keys(members) : named) {
      const type = Object.hasOwn(members, name) ? members[name] : undefined;
      if (type === undefined || type === "undefined" || name in target) continue;
      const isObject = type === "object";
      const prototype = SERIAL.test(name) ? realm.global.Serial.prototype : realm.builtins.Object.prototype;
      realm.define(target, name, isObject ? realm.create(prototype) : this.standIn(owner + name));
    }
  }

  private standIn(name: string): Value {
    return this.realm.constructorNamed(name.slice(name.lastIndexOf(".") + 1), () => {
      throw this.realm.error("Error", `${name} is not simulated`);
    });
  }
}

/** Every name that some owner has. */
const listedIn = new WeakMap<Surface["types"], Set<string>>();
function namesListed(types: Surface["types"]): Set<string> {
  let listed = listedIn.get(types);
  if (!listed) {
    const tables = [...Object.values(types.members), ...Object.values(types.statics)];
    listed = new Set(tables.flatMap((members) => Object.keys(members)));
    listedIn.set(types, listed);
  }
  return listed;
}
