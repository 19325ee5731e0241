/** The script that turns a fresh V8 context into the interpreter's world; it runs inside of that context, once a boot. */

/**
 * A function of `host` (see `RealmHost` in realm.ts) that trims the built-ins, puts the interpreter's own behaviour in place and returns what
 * the parts of the board need to make objects of this context.
 */
export const REALM_SCRIPT = `(function (host) {
  const global = globalThis;
  const names = Object.getOwnPropertyNames;
  const TypedArray = Object.getPrototypeOf(Uint8Array);
  const isView = ArrayBuffer.isView;
  const from = Array.from;
  const { create, defineProperty, setPrototypeOf } = Object;
  const define = (target, name, value) =>
    defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });

  const HostDate = Date, HostNumber = Number, hostSet = TypedArray.prototype.set;
  const constructors = { Error, TypeError, SyntaxError, ReferenceError };
  class InternalError extends Error {}
  constructors.InternalError = InternalError;

  // --- the border to the host: nothing of it passes, and no function of it runs where the stack may be at its end
  const { getPrototypeOf, freeze } = Object;
  const { apply, construct } = Reflect;

  /** Whether a value is of this context: what the host makes has its Object.prototype at the root. */
  const isOwn = (value) => {
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return true;
    let last = value;
    for (let next = getPrototypeOf(last); next !== null; next = getPrototypeOf(next)) last = next;
    return last !== host.root;
  };

  /** Thrown through the program when it may not go on; it tells the program nothing. What happened is in \`power\`. */
  const cut = freeze(create(null));

  /** What odd values make a function of the host throw, as an error of this context; a fault of the host ends the program. */
  const asOwn = (thrown) => {
    if (isOwn(thrown)) return thrown;
    let kind = "Error", message = "Maximum call stack size exceeded";
    try {
      kind = host.errorKind(thrown, power);
      if (kind) message = host.messageOf(thrown);
    } catch (again) { /* the stack is at its end */ }
    return kind ? new constructors[kind](message) : cut;
  };

  /** A function of this context that calls one of the host. */
  const guarded = (run) => (...args) => { try { return apply(run, undefined, args); } catch (thrown) { throw asOwn(thrown); } };

  /** A function of this context that hands (this, arguments) to one of the host. */
  const power = host.power;
  const method = (name, run) =>
    ({ [name]() { if (power.gone) throw cut; try { return run(this, arguments); } catch (thrown) { throw asOwn(thrown); } } })[name];

  const random = () => { try { return host.board.random(); } catch (thrown) { throw asOwn(thrown); } };
  const wallTimeMs = () => { try { return host.board.wallTimeMs(); } catch (thrown) { throw asOwn(thrown); } };

  // --- text becomes program only after the host has seen it (program/foreign-text.ts)
  const HostFunction = Function, hostEval = eval;
  const fit = (code, text = host.programText) => { try { return text(code); } catch (thrown) { throw asOwn(thrown); } };
  // Made of text, so that what runs in it sees no names of this script.
  let evalWithin;
  /** With \`scope\`, an object of the names around the call, and \`self\`, its \`this\`, as the text of a program is made to hand them over. */
  const { eval: boardEval } = { eval(code, scope, self) { /* native */
    if (typeof code !== "string") return code;
    const text = fit(code);
    if (typeof scope !== "object" || scope === null) return hostEval(text);
    evalWithin ??= HostFunction("with (arguments[1]) with (arguments[0]) return eval(arguments[2])");
    let calls = 0;
    // Only the call in evalWithin gets the one that sees the names; what it runs gets this one.
    const once = { __proto__: null, get eval() { return calls++ === 0 ? hostEval : boardEval; } };
    return apply(evalWithin, self, [once, scope, text]);
  } };
  define(global, "eval", boardEval);
  // Named where it is made: a name that is given later takes more memory, on every board.
  const { Function: BoardFunction } = { Function: function (...parts) { /* native */
    for (let i = 0; i < parts.length; i++) parts[i] = fit(\`\${parts[i]}\`, i === parts.length - 1 ? host.bodyText : host.programText);
    return construct(HostFunction, parts);
  } };
  BoardFunction.prototype = HostFunction.prototype;
  define(global, "Function", BoardFunction);
  // Functions of other kinds have constructors of their own, which compile as well.
  for (const one of [BoardFunction, function* () {}, async () => {}, async function* () {}]) define(getPrototypeOf(one), "constructor", BoardFunction);

  // An error has a type and no name.
  for (const kind of names(constructors)) {
    delete constructors[kind].prototype.name;
    define(constructors[kind].prototype, "type", kind);
  }
  for (const kind of names(constructors)) if (kind !== "Error") delete constructors[kind].prototype.toString;
  define(Error.prototype, "toString", method("toString", (self) => host.board.errorTitle(self.type, self.message)));

  // --- what the interpreter does otherwise than V8 (each measured, see test/sim-interpreter.test.ts)
  // The board knows no time zone, whatever the host's is: its local time is UTC.
  const { UTC: utc, parse } = HostDate;
  const dates = HostDate.prototype;
  for (const name of names(dates)) if (/^[gs]etUTC/.test(name)) define(dates, name.replace("UTC", ""), dates[name]);
  define(dates, "getTimezoneOffset", method("getTimezoneOffset", () => 0));
  const zoned = /Z$|\\b(?:GMT|UTC?|[ECMP][SD]T)\\b|\\d:\\d\\d(?:\\.\\d+)?\\s*[+-]\\d\\d:?\\d\\d|^\\d{4}(?:-\\d\\d){0,2}$/i;
  const timeIn = (text) => {
    const inUtc = zoned.test(text) ? NaN : parse(text + (/\\dT\\d/.test(text) ? "Z" : " GMT"));
    return inUtc === inUtc ? inUtc : parse(text);
  };
  function BoardDate(...parts) {
    if (!new.target) return String(new BoardDate());
    // A month without a day is the last day of the month before; what cannot be read is 0.
    if (parts.length === 2) parts.push(0);
    const [first] = parts;
    const date = new HostDate(
      parts.length === 0 ? wallTimeMs() : parts.length > 1 ? utc(...parts) : typeof first === "string" ? timeIn(first) || 0 : first,
    );
    return setPrototypeOf(date, new.target.prototype);
  }
  BoardDate.prototype = HostDate.prototype;
  define(BoardDate.prototype, "constructor", BoardDate);
  define(BoardDate, "now", wallTimeMs);
  define(BoardDate, "parse", (text) => new BoardDate(text).getTime());
  define(BoardDate, "name", "Date");
  global.Date = BoardDate;

  // Blanks around a number are not allowed: Number(" 5 ") is NaN, Number("") is 0.
  function BoardNumber(value) {
    if (value instanceof HostDate || (typeof value === "string" && value !== value.trim())) return NaN;
    return arguments.length ? HostNumber(value) : 0;
  }
  BoardNumber.prototype = HostNumber.prototype;
  define(BoardNumber.prototype, "constructor", BoardNumber);
  for (const name of names(HostNumber)) if (!(name in Function.prototype) && name !== "prototype") define(BoardNumber, name, HostNumber[name]);
  define(BoardNumber, "name", "Number");
  global.Number = BoardNumber;

  // A number's own text, which is not V8's.
  const HostString = String;
  function BoardString(value) {
    if (new.target) return new HostString(value);
    return arguments.length === 0 ? "" : typeof value === "number" ? value.toString() : HostString(value);
  }
  BoardString.prototype = HostString.prototype;
  define(BoardString.prototype, "constructor", BoardString);
  define(BoardString, "name", "String");
  global.String = BoardString;

  // Strings carry bytes: character codes are cut to 8 bits.
  const fromCharCode = HostString.fromCharCode;
  define(String, "fromCharCode", (...codes) => fromCharCode(...codes.map((code) => code & 255)));

  // Copies the character codes of a string, drops what does not fit.
  define(TypedArray.prototype, "set", function set(source, offset) {
    const at = offset | 0;
    if (at < 0) return;
    const room = this.length - at;
    const count = source.length < room ? source.length : room;
    if (typeof source === "string") for (let i = 0; i < count; i++) this[at + i] = source.charCodeAt(i);
    else if (source.length <= room) hostSet.call(this, source, at);
    else for (let i = 0; i < count; i++) this[at + i] = source[i];
  });

  define(JSON, "parse", method("parse", (self, args) => host.parseJson(args[0], materials)));

  define(Math, "random", random);
  define(Math, "clip", (value, low, high) => (value < low ? low : value > high ? high : value));
  define(Math, "randInt", (range) => (range ? Math.floor(random() * range) : Math.floor(random() * 4294967296) - 2147483648));

  // --- trimming
  const trim = (label, target, kept) => {
    // The same for every board: found out once.
    const surplus = host.surplus(label, () => {
      const allowed = new Set([...kept, "prototype", "constructor", "name", "length", "__proto__"]);
      return names(target).filter((name) => !allowed.has(name));
    });
    for (const name of surplus) delete target[name];
  };
  const { globals, statics, members } = host.surface;
  for (const name of names(statics)) if (host.ownObjects.indexOf(name) < 0 && global[name]) trim(name, global[name], statics[name]);
  trim("TypedArray", TypedArray, []);
  delete Error.captureStackTrace;
  // V8 would hand it the frames of the stack, the host's among them. For the same reason global.Error is not to be replaced.
  defineProperty(Error, "prepareStackTrace", { value: undefined });
  defineProperty(global, "Error", { value: Error, writable: false, configurable: false, enumerable: false });
  for (const name of globals) if (/Array$/.test(name)) {
    delete global[name]?.BYTES_PER_ELEMENT;
    delete global[name]?.prototype.BYTES_PER_ELEMENT;
  }
  const prototypes = {
    string: String, array: Array, number: HostNumber, date: HostDate, object: Object, function: Function, dataview: DataView, promise: Promise,
    typedarray: TypedArray, arraybuffer: ArrayBuffer,
  };
  for (const owner of names(prototypes)) if (members[owner]) trim(owner + ".prototype", prototypes[owner].prototype, members[owner]);
  // The rest of it is what V8's own String.prototype.replace reads (flags, global …).
  delete RegExp.prototype.compile;
  for (const name of host.surplus("global", () => names(global).filter((one) => !globals.includes(one)))) delete global[name];
  // Name spaces are functions.
  for (const name of ["Math", "JSON"]) {
    const space = { [name]: function () { /* native */ } }[name];
    Object.setPrototypeOf(space, Object.setPrototypeOf(global[name], Function.prototype));
    define(global, name, space);
  }
  define(global, "InternalError", InternalError);
  define(global, "global", global);

  const { JSON: json, Math: math } = global;
  const builtins = {
    Object, Function, Array, String, Number, Date, RegExp, JSON: json, Math: math, DataView, Uint8Array, ArrayBuffer, parseInt, parseFloat,
  };
  const materials = {
    global, builtins, method, define,
    object: () => ({}),
    array: (items) => from(items),
    create: (prototype) => create(prototype),
    constructorNamed: (name, run) => {
      const runs = run && guarded(run);
      return { [name]: function () { if (runs) return runs(); } }[name];
    },
    error: (kind, message) => new constructors[kind](message),
    Uint8Array, Error, Function, Object, isView, cut, guarded, construct,
  };
  return materials;
})`;
