/** Says once what to do where nothing can be reached at the address of `--broker`. */
import type { BoardEvent } from "../../../sim/events.ts";
import type { BrokerAddress } from "./broker-address.ts";

/** What to say, with every event of the board; undefined: nothing, or it was said. A broker that was reached and went away is no news. */
export class MissingBroker {
  private isOver = false;
  private readonly place: string;

  constructor({ host, port }: BrokerAddress) {
    this.place = `${host}:${port}`;
  }

  told(event: BoardEvent): string | undefined {
    if (this.isOver || event.type !== "socket") return undefined;
    this.isOver = true;
    if (event.state === "open") return undefined;
    return `No broker at ${this.place}: ${event.reason}. Start it, or leave --broker out to use the built-in one; the board keeps trying.`;
  }
}
