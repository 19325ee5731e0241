/**
 * What things take of the interpreter's variables (blocks of 14 bytes), measured on Espruino 2v29.277 booted from `.bootcde`: the difference of
 * `process.memory().usage` before and after, where the same had been done once before. test/sim-memory-costs.test.ts repeats it.
 */

/** Characters that fit into the variable of a string, and into each further one. */
const FIRST_CHARACTERS = 9;
const FURTHER_CHARACTERS = 10;
/** The same of the name of a property, whose variable also points to the value. */
const FIRST_NAME_CHARACTERS = 4;

/** Bytes of one variable: a flat buffer is a header and as many of these as it needs. */
const BLOCK_BYTES = 14;
/** Contents of up to this many bytes stand in an ordinary string instead (jsutils.h: JSV_FLAT_STRING_BREAK_EVEN). */
const NEVER_FLAT_BYTES = FIRST_CHARACTERS + FURTHER_CHARACTERS;

/** An open or opening socket: its object, its list of properties, its place among the connections. */
export const SOCKET = 12;
/** The callback of `connect`, beside it. */
export const CONNECT_CALLBACK = 2;
/** A view of an ArrayBuffer that was there before. */
export const VIEW = 1;
export const TIMEOUT = 5;
export const INTERVAL = 7;
const WATCH = 11;
const DEBOUNCED_WATCH = 14;
/** A listener's place in its list. */
export const LISTENER = 1;
/** A queued event, without its arguments. */
export const EVENT = 4;

/** Variables of a string of so many characters. */
export function stringVariables(characters: number): number {
  return 1 + furtherVariables(characters, FIRST_CHARACTERS);
}

/** Variables of an ArrayBuffer of so many bytes with what it holds. A typed array on it takes one more. */
export function bufferVariables(bytes: number): number {
  return 1 + (isFlat(bytes) ? 1 + Math.ceil(bytes / BLOCK_BYTES) : stringVariables(bytes));
}

/** Whether an ArrayBuffer of so many bytes is held in one piece. */
export function isFlat(bytes: number): boolean {
  return bytes > NEVER_FLAT_BYTES;
}

/** Variables of what a socket holds of data that is on its way: none while there is none. */
export function heldDataVariables(characters: number): number {
  return characters === 0 ? 0 : 1 + stringVariables(characters);
}

/** How many characters of such data so many variables hold. */
export function charactersIn(variables: number): number {
  return variables < 2 ? 0 : FIRST_CHARACTERS + (variables - 2) * FURTHER_CHARACTERS;
}

/** Variables of a watch on a pin. */
export function watchVariables(debounceMs: number): number {
  return debounceMs > 0 ? DEBOUNCED_WATCH : WATCH;
}

/** Variables of an event that waits to be delivered. */
export function eventVariables(argumentCount: number): number {
  return EVENT + argumentVariables(argumentCount);
}

/** Variables of the arguments that are kept for a callback. */
export function argumentVariables(count: number): number {
  return count === 0 ? 0 : 2 + count;
}

/** Variables of a list of listeners, from its first one on; `property` is its name on the object, `#ondata`. */
export function listenersVariables(property: string, count: number): number {
  return nameVariables(property) + 1 + count * LISTENER;
}

function nameVariables(name: string): number {
  return 1 + furtherVariables(name.length, FIRST_NAME_CHARACTERS);
}

function furtherVariables(characters: number, first: number): number {
  return Math.ceil(Math.max(0, characters - first) / FURTHER_CHARACTERS);
}
