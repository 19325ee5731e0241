/** `require`: the board's modules, each made when it is first asked for. */
import type { Members, Realm, Value } from "./realm.ts";
import type { Unsimulated } from "./unsimulated.ts";

export interface ModuleMaker {
  /** Undefined for a module that is not simulated. */
  makeModule(name: string): Value | undefined;
}

export class Modules {
  private readonly made = new Map<string, Value>();

  readonly realm: Realm;
  private readonly maker: ModuleMaker;
  private readonly unsimulated: Unsimulated;

  constructor(realm: Realm, maker: ModuleMaker, unsimulated: Unsimulated) {
    this.maker = maker;
    this.unsimulated = unsimulated;
    this.realm = realm;
    realm.members(realm.global, this, FUNCTIONS);
  }

  /** Undefined when the board has no module of this name. */
  get(name: string): Value | undefined {
    if (!this.made.has(name)) {
      this.made.set(name, this.unsimulated.module(name, this.maker.makeModule(name)));
    }
    return this.made.get(name);
  }
}

const FUNCTIONS: Members<Modules> = {
  require: (modules, args) => {
    const module = modules.get(String(args[0]));
    if (module === undefined) throw modules.realm.error("Error", `Module "${args[0]}" not found`);
    return module;
  },
};
