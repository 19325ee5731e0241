/** What the page says about boards that are not what it needs. */

import type { BoardProfile } from "../../config/profile.ts";
import type { Found, FoundEspruino } from "../../console/identify.ts";
import { misfit } from "../../flash/profile-fit.ts";
import type { Offer } from "../offer.ts";

/** Why the offered bundle is not for this board, or undefined. */
export function badBoard(found: FoundEspruino, { board, profiles }: Offer): string | undefined {
  // As much of profiles as is looked at.
  const all = profiles as readonly BoardProfile[];
  const profile = all.find(({ name }) => name === board.profile);
  const unfit = profile && misfit(found, profile, all);
  return unfit && `${unfit.charAt(0).toUpperCase()}${unfit.slice(1)}.`;
}

/** Why nothing can be done with what is at the other end, and what to do. */
export function notEspruino(found: Exclude<Found, { kind: "espruino" }>, cable: string | undefined): string {
  switch (found.kind) {
    case "rom-loader":
      return "A bare ESP chip waits in its boot loader: put Espruino on it first with npx wick flash --espruino DIR, or press its reset button.";
    case "empty-flash":
      return "The board has no program in its flash: put Espruino on it first with npx wick flash --espruino DIR.";
    case "locked":
      return "The board's console is locked by a password: connect with npx wick monitor, type the password, and connect here again.";
    case "boot-loop":
      return `The board starts over and over (${found.restarts} times in a few seconds): hold its boot button while it starts, or put Espruino on it anew with npx wick flash --espruino DIR.`;
    case "garbled":
      return "What comes from the board is no text: the baud rate is wrong; set flash.baud to the board's, and start wick web again.";
    case "other":
      return `What answers is no Espruino ("${found.said.slice(0, 60)}"): choose another port.`;
    default:
      return cable === "simulated"
        ? "The simulated board does not answer: see that its power is on and its time not paused."
        : "The board does not answer: press its reset button; if it has no Espruino yet, npx wick flash --espruino DIR puts it there.";
  }
}
