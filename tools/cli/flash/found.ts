/** What is on the board, in words; and for everything that is no Espruino, what to do about it. */
import type { Found, FoundEspruino } from "../../console/identify.ts";
import { thousands } from "../../flash/progress.ts";

const INTERPRETER = "npx wick flash --espruino DIR";

/** One line about an Espruino that answers. */
export function describeEspruino({ version, board, slot, bootCode, files, storage }: FoundEspruino): string {
  const lamp =
    slot !== undefined
      ? `lamp.${slot} runs`
      : bootCode
        ? "boot code of another kind runs"
        : `no program${files.length === 0 ? ", its Storage is empty" : " starts"}`;
  return `Espruino ${version} on ${board}: ${lamp}, ${thousands(storage.freeBytes)} bytes of Storage are free`;
}

/** One line, before Espruino is written over whatever it is. */
export function describeBefore(found: Found): string {
  switch (found.kind) {
    case "espruino":
      return `Now there is ${describeEspruino(found)}`;
    case "rom-loader":
      return "The chip waits in its boot loader";
    case "empty-flash":
      return "The chip has no program in its flash";
    case "locked":
      return "Now there is an Espruino whose console is locked by a password";
    case "boot-loop":
      return `What is there starts over and over (it says "${found.said}"); it is written over`;
    case "garbled":
      return "What is there speaks at another baud rate than Espruino; it is written over";
    case "other":
      return `What is there is no Espruino (it says "${found.said}"); it is written over`;
    case "silent":
      return "Nothing answers so far: an empty chip, or one in its boot loader";
  }
}

/** One line: what was found in place of an Espruino that answers, and what to do. */
export function describeMisfortune(
  found: Exclude<Found, FoundEspruino>,
  place: { readonly port: string; readonly baud: number | undefined; readonly profileBaud: number },
): string {
  const { port, baud, profileBaud } = place;
  const at = baud === undefined ? port : `${port} at ${baud} baud`;
  switch (found.kind) {
    case "rom-loader":
      return `the chip on ${port} waits in its boot loader, without Espruino (it says "${found.said}"); put Espruino on it: ${INTERPRETER}, or start what it has: press its reset button (EN)`;
    case "empty-flash":
      return `the chip on ${port} has no program in its flash (it says "${found.said}"); put Espruino on it: ${INTERPRETER}`;
    case "locked":
      return `the console on ${port} is locked by a password; unlock it: type the password in npx wick monitor --port ${port}, then repeat this`;
    case "boot-loop":
      return `the board on ${port} starts over and over (${found.restarts} times while it was watched; it says "${found.said}"); give it a better cable and power supply; if that does not help, its program does it: ${INTERPRETER} --erase erases that too`;
    case "garbled": {
      const share = Math.round(found.unprintable * 100);
      const rate = baud === profileBaud || baud === undefined ? "another rate" : `--baud ${profileBaud}`;
      return `what comes from ${at} is no text (${share} % of it unprintable): the baud rate is wrong; try ${rate}, or flash.baud in flash.config.json`;
    }
    case "other":
      return `what is on ${port} is no Espruino; it says "${found.said}"; name another port with --port, or put Espruino on it: ${INTERPRETER}`;
    case "silent":
      return `nothing answers on ${at}: press the board's reset button (EN) and try again, try another cable (some carry only power) or --port; a bare chip first needs ${INTERPRETER} (hold BOOT while it begins)`;
  }
}
