/** The page for a board, as it is mounted on a server: its files, the bundle it offers, and the cable to a simulated board. */
import type { Asset } from "../../sim/web/assets.ts";
import type { FurtherPage } from "../../sim/web/server.ts";
import { pageFiles } from "./assets.ts";
import type { CableEnd } from "./cable.ts";
import { BUNDLE_FILE, CABLE_PATH, OFFER_FILE, type OfferedBundle, offerOf } from "./offer.ts";

/** `bundle` is asked for each time, as it may be built anew; `path` begins and ends with "/". */
export function boardPage(path: string, bundle: () => OfferedBundle, cable?: CableEnd): FurtherPage {
  return {
    path,
    title: "Flash it in the browser",
    async file(name): Promise<Asset | undefined> {
      if (name === OFFER_FILE)
        return {
          type: "application/json; charset=utf-8",
          body: Buffer.from(JSON.stringify(await offerOf(bundle()))),
        };
      // As bytes: it is for a board, and must never run here.
      if (name === BUNDLE_FILE)
        return { type: "application/octet-stream", body: Buffer.from(bundle().bytes) };
      return (await pageFiles()).get(name);
    },
    socket: (name) => (name === CABLE_PATH && cable ? (socket) => cable.attach(socket) : undefined),
  };
}
