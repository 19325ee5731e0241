/** Which port the board is on: as written, else the one there is, else the one the user picks. */
import type { Config } from "../../config/load.ts";
import { addressText, type PortAddress, parseAddress } from "../../ports/address.ts";
import { type ListedPort, type PortLister, portText } from "../../ports/list.ts";
import { Failure, UsageError } from "../errors.ts";

export interface FindPortOptions {
  /** As `--port` has it; it wins over `flash.port`. */
  readonly written: string | undefined;
  readonly config: Config;
  /** The serial ports there are. */
  readonly list: PortLister;
  /** false: `mqtt:TOPIC` will not do. Default: true. */
  readonly overTheAir?: boolean;
  /** Lets the user pick one; undefined where nobody can be asked. Resolves to undefined when the user would rather not. */
  readonly ask: ((offers: readonly ListedPort[]) => Promise<string | undefined>) | undefined;
}

/** @throws Failure when there is none, or several and nobody to ask; UsageError for an address that is none */
export async function findPort(options: FindPortOptions): Promise<{ address: PortAddress; title: string }> {
  const { written, config, list, ask, overTheAir = true } = options;
  const named = written ?? config.values["flash.port"];
  // Of the config an empty one is none; one that is written says nothing about where.
  if (typeof named === "string" && (named !== "" || written !== undefined))
    return { address: parseAddress(named), title: named };
  const offers = await list();
  const [first] = offers;
  const ways = `tcp://HOST:PORT${overTheAir ? ", ble:NAME or mqtt:TOPIC" : " or ble:NAME"}`;
  if (first === undefined)
    throw new Failure(
      `no serial port is there: plug the board in with a cable that carries data, and install the driver of its USB chip (CP210x, CH340) where the system lacks it; or name another way: --port ${ways}`,
    );
  if (offers.length === 1) return { address: parseAddress(first.path), title: portText(first) };
  if (ask === undefined)
    throw new Failure(
      `there are several serial ports: ${offers.map(portText).join(", ")}; name one, such as: --port ${first.path}`,
    );
  const picked = await ask(offers);
  const offer = offers.find(({ path }) => path === picked);
  if (offer === undefined) throw new Failure("no port was chosen; nothing was done");
  return { address: parseAddress(offer.path), title: portText(offer) };
}

/** @throws UsageError where a baud rate was given for what has none */
export function requireSerialFor(baud: number | undefined, address: PortAddress): void {
  if (baud !== undefined && address.kind !== "serial")
    throw new UsageError(
      `--baud is of a serial port and has no effect on ${addressText(address)}; leave it out, or name one: --port /dev/ttyUSB0`,
    );
}

/** With arrow keys, on a terminal. */
export async function askForPort(offers: readonly ListedPort[]): Promise<string | undefined> {
  const { isCancel, select } = await import("@clack/prompts");
  const picked = await select({
    message: "Which of these is the board?",
    options: offers.map((offer) => ({ value: offer.path, label: portText(offer) })),
  });
  return isCancel(picked) ? undefined : picked;
}
