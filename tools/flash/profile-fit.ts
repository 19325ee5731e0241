/** Whether a lamp built for a board profile belongs on the board that was found, before anything is written. */
import { suggestion } from "../../sim/nearest.ts";
import type { BoardProfile } from "../config/profile.ts";
import type { FoundEspruino } from "../console/identify.ts";

/** What can be said against it, one sentence, and what to do; undefined: nothing. `profiles` are all there are. */
export function misfit(
  found: Pick<FoundEspruino, "board" | "variables">,
  profile: BoardProfile,
  profiles: readonly BoardProfile[],
): string | undefined {
  const { boards } = profile.interpreter;
  if (!boards.includes(found.board)) return wrongBoard(found.board, profile, profiles);
  const needed = neededVariables(profile);
  if (found.variables.total < needed)
    return `this Espruino has ${found.variables.total} variables, and a lamp needs some ${needed}; put another build of it on the board: npx wick flash --espruino DIR`;
  return undefined;
}

/** A board whose profile says that its pool is smaller than that has it from its own lamp's budget. */
function neededVariables({ memory }: BoardProfile): number {
  return Math.min(memory.variables, Math.ceil((LAMP_BYTES_OF_RAM / memory.blockSize) * 1.1));
}

/** The largest reading of a lamp at QoS 1 under a flood of commands, 634 variables of 14 bytes (board-profiles/measured-memory.json); a tenth is added to it. */
const LAMP_BYTES_OF_RAM = 634 * 14;

function wrongBoard(board: string, profile: BoardProfile, profiles: readonly BoardProfile[]): string {
  const fitting = profiles.filter((one) => one.interpreter.boards.includes(board)).map(({ name }) => name);
  const wanted = `the profile ${profile.name} is for ${profile.interpreter.boards.join(" or ")}`;
  const said = `this board says that it is "${board}" (process.env.BOARD), and ${wanted}`;
  if (fitting.length === 0)
    return `${said}; no profile knows "${board}": write one in board-profiles/, and name its build in board-profiles/chips/`;
  // Of several none is likelier: the chip does not know what it is soldered to.
  if (fitting.length > 1) return `${said}; name the board that it is with --board: ${fitting.join(", ")}`;
  return `${said}${suggestion(`--board ${fitting[0]}`)}`;
}
