/** Typed arrays and DataView: what `slice` and `filter` give is a plain array, and offsets have a limit. */
import { itemsOf } from "../items.ts";
import type { Realm, Value } from "../realm.ts";
import type { Define } from "./install.ts";

/** jswrap_arraybuffer.c */
const LARGEST_OFFSET = 65535;

export function installTypedArrays(realm: Realm, define: Define): void {
  const { builtins } = realm;
  const prototype = Object.getPrototypeOf(builtins.Uint8Array.prototype);
  const { subarray: hostSubarray } = prototype;

  define(prototype, "slice", (self, args) => realm.array(itemsOf<Value>(self).slice(args[0], args[1])));
  define(prototype, "filter", (self, args) =>
    realm.array(
      itemsOf<Value>(self).filter((item, index) => Reflect.apply(args[0], args[1], [item, index, self])),
    ),
  );
  define(prototype, "subarray", (self, args) => {
    const begin = (Number(args[0]) || 0) + (Number(args[0]) < 0 ? self.length : 0);
    const offset = self.byteOffset + begin * (self.byteLength / (self.length || 1) || 1);
    const end = typeof args[1] === "number" ? args[1] + (args[1] < 0 ? self.length : 0) : self.length;
    if (begin < Math.max(0, end) && (begin < 0 || offset > LARGEST_OFFSET)) throw badOffset(realm);
    return Reflect.apply(hostSubarray, self, [args[0], typeof args[1] === "number" ? args[1] : undefined]);
  });

  const view = builtins.DataView.prototype;
  for (const name of Object.getOwnPropertyNames(view).filter((one) => /^get.*\d$/.test(one))) {
    const host = view[name];
    define(view, name, (self, args) => {
      const offset = Number(args[0]) || 0;
      if (offset < 0) throw badOffset(realm);
      return offset >= self.byteLength ? 0 : Reflect.apply(host, self, [offset, args[1]]);
    });
  }
  for (const name of Object.getOwnPropertyNames(view).filter((one) => /^set.*\d$/.test(one))) {
    const host = view[name];
    define(view, name, (self, args) => {
      const offset = Number(args[0]) || 0;
      if (offset < 0) throw badOffset(realm);
      if (offset < self.byteLength) Reflect.apply(host, self, [offset, args[1], args[2]]);
    });
  }
}

function badOffset(realm: Realm): Value {
  return realm.error("Error", "byteOffset too large (or negative)");
}
