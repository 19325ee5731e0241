/** Is there an Espruino on the port that fits the profile, is it of a version that Wick knows, and has it room? */
import { readFileSync } from "node:fs";
import { describeEspruino, describeMisfortune } from "../../cli/flash/found.ts";
import { type BoardProfile, loadProfile, profileNames } from "../../config/profile.ts";
import { ConsoleError } from "../../console/errors.ts";
import type { Found, FoundEspruino } from "../../console/identify.ts";
import { PortGone } from "../../console/port.ts";
import { misfit } from "../../flash/profile-fit.ts";
import { projectRoot } from "../../version.ts";
import { foreignText } from "../broker/trouble.ts";
import {
  type Chart,
  type Check,
  configOf,
  type Finding,
  failure,
  fromPortSentence,
  ok,
  warning,
} from "../check.ts";

/** Of all variables: below this share the lamp may run out of them. */
const FEW_VARIABLES = 0.1;

export const board: Check = {
  name: "board",
  needs: ["port"],
  deadlineMs: 8000,
  async run(chart) {
    const { values, profile, secrets } = configOf(chart);
    const cable = cableOf(chart);
    let found: Found;
    try {
      found = await chart.surroundings.identify(cable, { deadlineMs: 5000 * chart.surroundings.patience });
    } catch (error) {
      if (error instanceof ConsoleError || error instanceof PortGone) return lost(cable.name);
      throw error;
    }
    if (found.kind !== "espruino") {
      const isSerial = cable.reset !== undefined || !/^(tcp|ble):/.test(cable.name);
      const sentence = describeMisfortune(found, {
        port: cable.name,
        baud: isSerial ? Number(values["flash.baud"]) : undefined,
        profileBaud: profile.interpreter.console.baud,
      });
      return fromPortSentence("failure", foreignText(sentence, secrets, sentence.length));
    }
    chart.espruino = found;
    const findings = judge(found, profile);
    return findings.length > 0 ? findings : ok(describeEspruino(found));
  },
};

export function cableOf(chart: Chart) {
  if (chart.cable === undefined) throw new Error("a check that asks the board must need its port");
  return chart.cable;
}

export function lost(port: string): Finding {
  return failure(`the cable to ${port} was lost`, "plug it in again, and try another cable");
}

function judge(found: FoundEspruino, profile: BoardProfile): Finding[] {
  const findings: Finding[] = [];
  const wrong = misfit(
    found,
    profile,
    profileNames().map((name) => loadProfile(name)),
  );
  if (wrong !== undefined) {
    const finding = fromPortSentence("failure", wrong);
    findings.push(
      failure(
        finding.message,
        finding.mend ?? "name the board that it is: --board NAME; npx wick boards lists them",
      ),
    );
  }
  const tested = testedVersion();
  if (major(found.version) !== tested)
    findings.push(
      warning(
        `Espruino ${found.version} is on the board, and Wick is tested on ${tested}`,
        "if something is odd, put that on it: npx wick flash --espruino DIR",
      ),
    );
  const { free, total } = found.variables;
  if (free < total * FEW_VARIABLES)
    findings.push(
      warning(
        `only ${free} of ${total} variables are free on the board`,
        "restart it, and look again; or let the lamp do with less, such as: --set mqtt.rxBuffer=256",
      ),
    );
  return findings;
}

/** "2v29" of "2v29.277". */
function major(version: string): string {
  return /^\d+v\d+/.exec(version)?.[0] ?? version;
}

/** The one that the simulator and the dialect check were measured on. */
export function testedVersion(): string {
  const { interpreter } = JSON.parse(readFileSync(`${projectRoot}board-profiles/interpreter.json`, "utf8"));
  return major(String(interpreter).replace(/^Espruino /, ""));
}
