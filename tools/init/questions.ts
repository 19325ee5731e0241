/** The questions, in their order; what the command line says already is not asked. */

import { pinsThatCan } from "../config/pin-findings.ts";
import { type BoardProfile, loadProfile } from "../config/profile.ts";
import { holdsVariable } from "../config/variables.ts";
import { judgeWifiName, judgeWifiPassword } from "../config/wifi-rules.ts";
import type { Surroundings } from "../doctor/surroundings.ts";
import { type Answers, mistakeIn, typed } from "./answers.ts";
import { askBoard } from "./ask-board.ts";
import { askBroker } from "./ask-broker.ts";
import type { BoardFinder } from "./boards.ts";
import type { Terminal } from "./terminal.ts";

export interface Circumstances {
  readonly terminal: Terminal;
  readonly surroundings: Surroundings;
  readonly finder: BoardFinder;
  /** What stood in the files before, offered as answers; by key. */
  readonly before: ReadonlyMap<string, unknown>;
}

/** Adds to `answers` what they leave open. @throws Failure when the user breaks off */
export async function askAll(answers: Answers, circumstances: Circumstances): Promise<void> {
  if (!answers.has("board")) await askBoard(answers, circumstances);
  const profile = loadProfile(String(answers.get("board")));
  if (profile.wifi) await askWifi(answers, circumstances);
  await askBroker(answers, profile, circumstances);
  await askTopic(answers, circumstances);
  await askPin(answers, profile, circumstances);
}

async function askWifi(answers: Answers, { terminal, before }: Circumstances): Promise<void> {
  if (!answers.has("wifi.ssid")) {
    const name = await terminal.line("Name of your Wi-Fi (2.4 GHz)", {
      ...offered(before.get("wifi.ssid")),
      mistake: (text) => failureOf(judgeWifiName(text)),
    });
    answers.set("wifi.ssid", typed(name));
    const doubt = judgeWifiName(name);
    if (doubt?.status === "warning") terminal.warn(`${doubt.message}: ${doubt.mend}`);
  }
  if (answers.has("wifi.password")) return;
  const isKept = before.has("wifi.password");
  const password = await terminal.secret(
    isKept ? "Its password (empty: as before)" : "Its password (empty: the network is open)",
    (text) => failureOf(judgeWifiPassword(text)),
  );
  if (password !== "" || !isKept) answers.set("wifi.password", typed(password));
}

async function askTopic(answers: Answers, { terminal, before }: Circumstances): Promise<void> {
  if (answers.has("lamp.topic")) return;
  const topic = await terminal.line("Topic of the lamp", {
    before: String(before.get("lamp.topic") ?? "home/office/lamp"),
    mistake: (text) => mistakeIn("lamp.topic", text),
  });
  answers.set("lamp.topic", topic);
}

async function askPin(
  answers: Answers,
  profile: BoardProfile,
  { terminal, before }: Circumstances,
): Promise<void> {
  if (answers.has("lamp.pin")) return;
  const led = profile.led.pin;
  const able = pinsThatCan(profile, "output").filter((name) => name !== profile.button?.pin && name !== led);
  const rest = able.flatMap((name) => {
    const pin = profile.pins[name];
    return pin === undefined ? [] : [[name, pin] as const];
  });
  // Pins without a but come first.
  rest.sort(([, a], [, b]) => Number(a.strapping !== undefined) - Number(b.strapping !== undefined));
  const choices = [
    { value: led, label: led, hint: profile.led.external ? "connect an LED there" : "the board's LED" },
    ...rest.map(([name, pin]) => ({
      value: name,
      label: name,
      hint: [
        name === profile.relay?.pin ? "the relay" : "",
        pin.can.includes("pwm") ? "" : "on and off only",
        pin.strapping ?? pin.note ?? "",
      ]
        .filter((part) => part !== "")
        .join("; "),
    })),
  ].map(({ hint, ...choice }) => (hint === "" ? choice : { ...choice, hint }));
  const earlier = String(before.get("lamp.pin") ?? led);
  const pin = await terminal.choice(
    "Pin of the lamp",
    choices,
    choices.some(({ value }) => value === earlier) ? earlier : led,
  );
  if (pin !== led || before.has("lamp.pin")) answers.set("lamp.pin", pin);
}

function failureOf(finding: ReturnType<typeof judgeWifiName>): string | undefined {
  return finding?.status === "failure" ? `${finding.message}.` : undefined;
}

/** An answer from before, unless it is a variable, which is no text to edit. */
function offered(value: unknown): { before?: string } {
  return typeof value === "string" && !holdsVariable(value) ? { before: value } : {};
}
