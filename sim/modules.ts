/** `require`: the board's modules, each made when it is first asked for. */
import type { Realm, Value } from "./realm.ts";
import type { Unsimulated } from "./unsimulated.ts";

export class Modules {
  private readonly made = new Map<string, Value>();

  private readonly makers: Readonly<Record<string, () => Value>>;
  private readonly unsimulated: Unsimulated;

  constructor(realm: Realm, makers: Readonly<Record<string, () => Value>>, unsimulated: Unsimulated) {
    this.makers = makers;
    this.unsimulated = unsimulated;
    const require = (name: Value): Value => {
      const module = this.get(String(name));
      if (module === undefined) throw realm.error("Error", `Module "${name}" not found`);
      return module;
    };
    realm.define(
      realm.global,
      "require",
      realm.method("require", (_self, args) => require(args[0])),
    );
  }

  /** Undefined when the board has no module of this name. */
  get(name: string): Value | undefined {
    if (!this.made.has(name)) {
      const maker = Object.hasOwn(this.makers, name) ? this.makers[name] : undefined;
      this.made.set(name, this.unsimulated.module(name, maker?.()));
    }
    return this.made.get(name);
  }
}
