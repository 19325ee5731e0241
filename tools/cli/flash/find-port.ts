/** Which port the board is on: as written, else the one there is, else the one the user picks. */
import type { Config } from "../../config/load.ts";
import { type PortAddress, parseAddress } from "../../ports/address.ts";
import { Failure } from "../errors.ts";

/** A serial port of this computer. */
export interface PortOffer {
  /** As `--port` takes it. */
  readonly address: string;
  /** What is plugged in there, as far as the system tells; may be empty. */
  readonly title: string;
}

export interface FindPortOptions {
  /** As `--port` has it; it wins over `flash.port`. */
  readonly written: string | undefined;
  readonly config: Config;
  /** The serial ports there are. */
  readonly list: () => Promise<readonly PortOffer[]>;
  /** Lets the user pick one; undefined where nobody can be asked. Resolves to undefined when the user would rather not. */
  readonly ask: ((offers: readonly PortOffer[]) => Promise<string | undefined>) | undefined;
}

/** @throws Failure when there is none, or several and nobody to ask; UsageError for an address that is none */
export async function findPort(options: FindPortOptions): Promise<{ address: PortAddress; title: string }> {
  const { written, config, list, ask } = options;
  const named = written ?? config.values["flash.port"];
  if (typeof named === "string" && named !== "") return { address: parseAddress(named), title: named };
  const offers = await list();
  const [first] = offers;
  if (first === undefined)
    throw new Failure(
      "no serial port is there: plug the board in with a cable that carries data, and install the driver of its USB chip (CP210x, CH340) where the system lacks it; or name another way: --port tcp://HOST:PORT, ble:NAME or mqtt:TOPIC",
    );
  if (offers.length === 1)
    return { address: parseAddress(first.address), title: described(first) };
  if (ask === undefined)
    throw new Failure(
      `there are several serial ports: ${offers.map(described).join(", ")}; name one, such as: --port ${first.address}`,
    );
  const picked = await ask(offers);
  const offer = offers.find(({ address }) => address === picked);
  if (offer === undefined) throw new Failure("stopped; nothing was written");
  return { address: parseAddress(offer.address), title: described(offer) };
}

export function described({ address, title }: PortOffer): string {
  return title === "" ? address : `${address} (${title})`;
}

/** With arrow keys, on a terminal. */
export async function askForPort(offers: readonly PortOffer[]): Promise<string | undefined> {
  const { isCancel, select } = await import("@clack/prompts");
  const picked = await select({
    message: "Which of these is the board?",
    options: offers.map(({ address, title }) => ({ value: address, label: address, hint: title })),
  });
  return isCancel(picked) ? undefined : picked;
}
