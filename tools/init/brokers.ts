/** Looks for brokers where one is likely to be, and says of each what it answered. */
import { explain } from "../doctor/broker/explain.ts";
import type { BrokerPlace } from "../doctor/broker/place.ts";
import { BrokerTrouble } from "../doctor/broker/trouble.ts";
import { BrokerVisit } from "../doctor/broker/visit.ts";
import type { Surroundings } from "../doctor/surroundings.ts";

/** `open`: it lets anybody in, or these credentials. `closed`: a broker, and it wants others. `no`: no broker that we can talk to. */
export interface Answer {
  readonly place: BrokerPlace;
  readonly kind: "open" | "closed" | "no";
  /** One sentence. */
  readonly said: string;
  readonly mend?: string;
}

const PATIENCE_MS = 1500;

/** Says CONNECT and tells what came of it. Never throws for what the other side does. */
export async function tryBroker(place: BrokerPlace, surroundings: Surroundings): Promise<Answer> {
  try {
    const visit = await BrokerVisit.open(place, { deadlineMs: PATIENCE_MS * surroundings.patience });
    visit.close();
    return {
      place,
      kind: "open",
      said: place.username === undefined ? "answers, lets anybody in" : `lets "${place.username}" in`,
    };
  } catch (error) {
    if (!(error instanceof BrokerTrouble)) throw error;
    const wantsOthers = error.code === "connack" && (error.returnCode === 4 || error.returnCode === 5);
    const { message, mend } = explain(error, place, {
      secrets: place.password === undefined ? [] : [place.password],
      own: surroundings.ownAddresses(),
    });
    if (wantsOthers && place.username === undefined)
      return { place, kind: "closed", said: "answers, wants a user name and a password", mend };
    return { place, kind: wantsOthers ? "closed" : "no", said: message, mend };
  }
}

export const LOOPBACK = "127.0.0.1";
export const MQTT_PORT = 1883;

/** The answers of the likely places that have a broker, those that a board can reach first. */
export async function findBrokers(surroundings: Surroundings, port = MQTT_PORT): Promise<readonly Answer[]> {
  const addresses = [...surroundings.ownAddresses(), LOOPBACK];
  const answers = await Promise.all(addresses.map((host) => tryAddress({ host, port }, surroundings)));
  return answers.filter(({ kind }) => kind !== "no");
}

/** "host", "host:port", "mqtt://host:port" or "mqtts://…" as a place; undefined when it is none of them. */
export function parsePlace(
  text: string,
): { host: string; port: number | undefined; tls: boolean } | undefined {
  const found = /^(?:(mqtts?):\/\/)?([A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/.exec(text.trim());
  if (!found) return undefined;
  const port = found[3] === undefined ? undefined : Number(found[3]);
  if (port !== undefined && (port < 1 || port > 65535)) return undefined;
  return { host: found[2] ?? "", port, tls: found[1] === "mqtts" };
}

/** Resolves the name and tries; a name that leads nowhere is an answer too. */
export async function tryAddress(
  place: Omit<BrokerPlace, "address">,
  surroundings: Surroundings,
): Promise<Answer> {
  try {
    const [address] = /^[\d.]+$/.test(place.host) ? [place.host] : await surroundings.lookup(place.host);
    if (address !== undefined) return await tryBroker({ ...place, address }, surroundings);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return {
    place: { ...place, address: place.host },
    kind: "no",
    said: `the name ${place.host} leads to no address`,
    mend: "give the address in numbers",
  };
}
