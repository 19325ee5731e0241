/** `require`: the board's modules, each made when it is first asked for. */
import type { Members, Realm, Value } from "./realm.ts";
import type { Unsimulated } from "./unsimulated.ts";

export interface ModuleMaker {
  /** Undefined for a module that is not simulated. */
  makeModule(name: string): Value | undefined;
  /** Modules and functions of modules, "crypto.SHA256", that this build of the interpreter does not have. */
  readonly lacks: readonly string[];
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
    if (!this.made.has(name) && !this.maker.lacks.includes(name)) this.made.set(name, this.make(name));
    return this.made.get(name);
  }

  private make(name: string): Value | undefined {
    const module = this.unsimulated.module(name, this.maker.makeModule(name));
    for (const lack of this.maker.lacks)
      if (lack.startsWith(`${name}.`)) delete module?.[lack.slice(name.length + 1)];
    return module;
  }
}

const FUNCTIONS: Members<Modules> = {
  require: (modules, args) => {
    const module = modules.get(String(args[0]));
    if (module === undefined) throw modules.realm.error("Error", `Module "${args[0]}" not found`);
    return module;
  },
};
