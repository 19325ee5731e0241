/**
 * Takes a new lamp over MQTT, signed and in pieces, into the slot that does not run, and keeps it once it has been healthy: docs/over-the-air.md.
 * A board has one flash, so what is remembered here is there once, however many clients there are.
 */
import { lampTopic } from "../lamp/lamp.ts";
import { publish, subscribe } from "../mqtt/client.ts";
import { type Client, UNSENT_LIMIT } from "../mqtt/connection.ts";

/** Seconds on end for which a lamp on trial must be online to be kept. How long it has for that is the loader's business (tools/flash/loader.ts). */
const HEALTHY = 60;
/** Names the slot to start, the slot to try once, and the highest version that was tried; always of the same length. */
const CHOSEN = "lamp.now";
const TRY = "lamp.try";
const TRIED = "lamp.max";
/** Holds nothing of worth. */
const GAP = "lamp.gap";

let storage: StorageModule;
let sha256: CryptoModule["SHA256"];
/** Letter of the slot that runs, undefined where the lamp was not started by way of the slots; and the file of the other. */
let running: unknown;
let other: string;
/**
 * Drawn once after each start, when it is first told: nothing signed for an earlier one counts again. `hwRand` alone is the same after each start
 * of an ESP32 and a PC (their jshardware.c: rand, never seeded); how long it took to come to the broker, to the microsecond, is not.
 */
let challenge: number;
/** What the question said that is to be answered: it stands in the answer, so that no older one is taken for it. */
let asked = "";
/** The highest version there was, the one being received included. */
let version: number;
/** Of the update being received, as it was signed; "" while there is none, or it was damaged. Its bytes, and how many of them are in the flash. */
let manifest = "";
let size = 0;
let offset = 0;
let onTrial: unknown;
/** Seconds online on end. */
let steady = 0;

/** HMAC-SHA256 (RFC 2104) in base64; the key is there as its two pads. */
function sign(text: string): string {
  return btoa(sha256([UPDATE_OUTER_PAD, sha256([UPDATE_INNER_PAD, text])]));
}

/** Nothing while answers wait for the broker: whoever missed one asks again, and a flood drowns neither states nor the console. */
function say(client: Client, note: string): void {
  if (OUTBOUND_ACK ? client.messages.length >= MQTT_INFLIGHT : client.unsent >= UNSENT_LIMIT) return;
  if (note) print("update: " + note);
  const text = [
    UPDATE_SELF,
    version,
    offset,
    (challenge = challenge || E.hwRand() ^ (getTime() * 1e6)),
    asked,
    note || (onTrial ? "on trial" : !manifest && version > UPDATE_VERSION ? "failed" : "ready"),
  ].join(" ");
  asked = "";
  publish(client, lampTopic + "/update/state", text + " " + sign(text), MQTT_STATE_QOS, false);
}

/** A message on `base/update`: what is signed is obeyed, and everything is answered. */
function take(client: Client, _topic: string, payload: string, retained: boolean): void {
  // Complete, and about to be tried: whatever is written now would be tried too.
  if (manifest && offset === size) return;
  const body = payload.substr(32);
  // With a 1 before them, as the board takes a number that begins with 0 for an octal one.
  const wanted = (body.substr(1, 11) as unknown as number) - 1e10;
  const number = (body.substr(12, 7) as unknown as number) - 1e6;
  let note = "";
  if (retained) note = "retained";
  // A question: too short for a signature and anything signed.
  else if (!body) asked = payload;
  // Signed once more before they are compared, so that the time it takes tells nothing.
  else if (sign(sign(challenge + body)) !== sign(btoa(payload.substr(0, 32)))) note = "bad signature";
  else if (body[0] === "M") {
    if (body !== manifest) {
      note = !running
        ? "needs a flash by cable"
        : onTrial
          ? "on trial"
          : !(wanted > version)
            ? "old version"
            : storage.getFree() > number + UPDATE_SPARE
              ? ""
              : "no room";
      if (!note) {
        manifest = body;
        version = wanted;
        size = number;
        offset = 0;
        // Where a power cut has left the first bytes of a header, this file gets the size they say; any other would be lost there, and all after it.
        storage.write(GAP, "0", 0, 255);
      }
    }
  } else if (manifest && wanted === version && number === offset) {
    const data = body.substr(19);
    storage.write(other, data, offset, size);
    offset += data.length;
    if (offset === size) note = finish();
  }
  say(client, note);
}

/** All of it is in the flash: if it reads as it was signed it is started once. */
function finish(): string {
  const digests = [];
  for (let at = 0; at < size; at += 1024) digests.push(sha256(storage.read(other, at, 1024)!));
  if (btoa(sha256(digests)) !== manifest.substr(19)) {
    manifest = "";
    return "damaged";
  }
  storage.write(TRIED, manifest.substr(1, 11));
  storage.write(TRY, other[5]!);
  // When the answer has left.
  setTimeout(E.reboot, 500);
  return "restarting";
}

/** Subscribes to updates. */
export function startUpdate(client: Client): void {
  storage = require("Storage");
  sha256 = require("crypto").SHA256;
  running = global["WICK"];
  other = running === "b" ? "lamp.a" : "lamp.b";
  version = Math.max((storage.read(TRIED) as unknown as number) - 1e10 || 0, UPDATE_VERSION);
  // What the loader makes of the file.
  onTrial = running && (storage.read(CHOSEN) === "b") !== (running === "b");
  subscribe(client, lampTopic + "/update", MQTT_QOS, (topic, payload, retained) =>
    take(client, topic, payload, retained),
  );
}

/**
 * To be called once a second. On trial the lamp is kept when it has been online for a minute on end, its own messages acknowledged to the last;
 * otherwise the loader's timer restarts the board, and the one before runs.
 */
export function tickUpdate(client: Client): void {
  steady = client.online ? steady + 1 : 0;
  // After each connect, and on trial every ten seconds.
  if (steady % (onTrial ? 10 : 1e9) === 1) say(client, "");
  if (onTrial && steady >= HEALTHY && (!OUTBOUND_ACK || client.inboundIdle < 10)) {
    // In vain, it is tried again a minute later, not at once: each time takes room.
    steady = 0;
    storage.write(CHOSEN, running as string);
    onTrial = storage.read(CHOSEN) !== running;
    say(client, onTrial ? "damaged" : "kept");
  }
}
