/** `require`: the board's modules, each made when it is first asked for. */
import type { Realm, Value } from "./realm.ts";
import type { Unsimulated } from "./unsimulated.ts";

export interface ModuleMaker {
  /** Undefined for a module that is not simulated. */
  makeModule(name: string): Value | undefined;
}

export class Modules {
  private readonly made = new Map<string, Value>();

  private readonly maker: ModuleMaker;
  private readonly unsimulated: Unsimulated;

  constructor(realm: Realm, maker: ModuleMaker, unsimulated: Unsimulated) {
    this.maker = maker;
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
      this.made.set(name, this.unsimulated.module(name, this.maker.makeModule(name)));
    }
    return this.made.get(name);
  }
}
