/** require("crypto"): hashes and PBKDF2 of the host's library, with the arguments and refusals of the interpreter's (libs/crypto/jswrap_crypto.c). */
import { createHash, pbkdf2Sync } from "node:crypto";
import { itemsOf } from "./items.ts";
import type { Realm, Value } from "./realm.ts";

/** The interpreter's names of the hashes, and the host's. */
const HASHES: Readonly<Record<string, string>> = {
  SHA1: "sha1",
  SHA224: "sha224",
  SHA256: "sha256",
  SHA384: "sha384",
  SHA512: "sha512",
};

/** AES is not simulated: it says so when it is used. */
export function createCryptoModule(realm: Realm): Value {
  const module = realm.object();
  const method = (name: string, run: (args: ArrayLike<Value>) => unknown): void =>
    realm.define(
      module,
      name,
      realm.method(name, (_self, args) => run(args)),
    );
  for (const [name, hash] of Object.entries(HASHES)) {
    // Without an argument the interpreter returns undefined.
    method(name, ({ 0: message }) =>
      message === undefined
        ? undefined
        : buffer(realm, createHash(hash).update(bytesIn(realm, message)).digest()),
    );
  }
  method("PBKDF2", ({ 0: passphrase, 1: salt, 2: options }) => {
    if (passphrase === undefined || salt === undefined) return undefined;
    const { keySize, iterations, hasher } = options ?? {};
    const hash = hasher === undefined ? "sha1" : HASHES[String(hasher)];
    if (hash === undefined) throw realm.error("Error", `Unknown Hasher ${JSON.stringify(hasher)}`);
    const bytes = Math.trunc(keySize) > 0 ? Math.trunc(keySize) * 4 : 16;
    const rounds = Math.max(1, Math.trunc(iterations) || 1);
    return buffer(realm, pbkdf2Sync(bytesIn(realm, passphrase), bytesIn(realm, salt), rounds, bytes, hash));
  });
  return module;
}

function buffer(realm: Realm, bytes: Uint8Array): Value {
  return new realm.Uint8Array(bytes).buffer;
}

/**
 * jsvIterateCallback: the bytes of a number, a text, a buffer or view, `{data, count}`, `{callback}`, and of lists of these. Of a view with more
 * than a byte an element each element is cut to one, though the interpreter hashes the memory behind some of them as it lies.
 */
export function bytesIn(realm: Realm, data: Value): Buffer {
  if (typeof data === "number" || typeof data === "boolean")
    return Buffer.from([Math.trunc(Number(data)) & 255]);
  if (typeof data === "string") return Buffer.from(data, "latin1");
  if (isBuffer(data)) return Buffer.from(new Uint8Array(data));
  if (realm.isView(data))
    return Buffer.from(itemsOf<number>(data).map((element) => Math.trunc(element) & 255));
  if (Array.isArray(data))
    return Buffer.concat(itemsOf<Value>(data).map((element) => bytesIn(realm, element)));
  if (typeof data === "object" && data !== null) {
    if (realm.isFunction(data.callback)) return bytesIn(realm, data.callback());
    if (typeof data.count === "number" && data.data !== undefined) {
      const once = bytesIn(realm, data.data);
      return Buffer.concat(Array.from({ length: Math.max(0, Math.trunc(data.count)) }, () => once));
    }
    const found = realm.builtins.JSON.stringify(data);
    throw realm.error(
      "TypeError",
      `If specifying an object, it must be of the form {data : ..., count : N} or {callback : fn} - got ${found}`,
    );
  }
  throw realm.error("TypeError", `Expecting Number or iterable, got ${data === null ? "null" : typeof data}`);
}

/** An ArrayBuffer of any context. */
export function isBuffer(value: Value): boolean {
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}
