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
  /** Begins and ends with "/"; "/" unless given. A random one keeps out whoever else uses this computer. */
  readonly path?: string | undefined;
  /** To a simulated board. */
  readonly cable?: CableEnd | undefined;
}

/** `url` is that of the page. @throws Error when a hundred ports in a row are taken, or the port may not be used. */
export async function serveBoardPage({
  port,
  bundle,
  path = "/",
  cable,
}: WebOptions): Promise<LoopbackServer> {
  const page = boardPage(path, bundle, cable);
  const below = (asked: string): string | undefined =>
    asked.startsWith(path) ? asked.slice(path.length) : undefined;
  const server = await serveOnLoopback(
    {
      home: "the address that was printed",
      longestMessageBytes: LONGEST_MESSAGE_BYTES,
      file: (asked) => {
        const name = below(asked);
        return name === undefined ? undefined : page.file(name);
      },
      socket: (asked) => page.socket(below(asked) ?? "") ?? "There is no web socket.",
    },
    port,
  );
  return { ...server, url: `${server.url}${path}` };
}
