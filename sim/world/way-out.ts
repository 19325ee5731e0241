/** The one way out of a board whose program is not trusted with the host's network: connections to a port lead to a place, all others are refused. */
import { ConnectFailure, type Network } from "./network.ts";

export interface WayOut {
  /** The port that the program connects to, whatever host it names. */
  readonly port: number;
  readonly to: { readonly host: string; readonly port: number };
}

export function leadTo(network: Network, { port, to }: WayOut): Network {
  return {
    connect(_host, wanted, changed) {
      if (wanted !== port) throw new ConnectFailure("refused");
      return network.connect(to.host, to.port, changed);
    },
  };
}
