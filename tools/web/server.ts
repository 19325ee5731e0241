/** Serves the page for a real board and the bundle that goes onto it, on 127.0.0.1 only: the bundle holds the Wi-Fi password. */
import { type LoopbackServer, serveOnLoopback } from "../../sim/web/loopback-server.ts";
import type { CableEnd } from "./cable.ts";
import { boardPage } from "./further.ts";
import type { OfferedBundle } from "./offer.ts";

/** A piece of console input, and then some. */
const LONGEST_MESSAGE_BYTES = 64 * 1024;

export interface WebOptions {
  /** The next port that is free when it is taken; 0: any. */
  readonly port: number;
  readonly bundle: () => OfferedBundle;
  /** To a simulated board. */
  readonly cable?: CableEnd | undefined;
}

/** @throws Error when a hundred ports in a row are taken, or the port may not be used. */
export function serveBoardPage({ port, bundle, cable }: WebOptions): Promise<LoopbackServer> {
  const page = boardPage("/", bundle, cable);
  return serveOnLoopback(
    {
      home: "/",
      longestMessageBytes: LONGEST_MESSAGE_BYTES,
      file: (path) => page.file(path.slice(1)),
      socket: (path) => page.socket(path.slice(1)) ?? "There is no web socket.",
    },
    port,
  );
}
