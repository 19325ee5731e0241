/** What the user answered or wrote on the command line, by key, each checked as loadConfig will check it. */
import { type SettingKey, type SettingValue, settings } from "../../firmware/settings.ts";
import { check } from "../config/check.ts";
import { parseSet } from "../config/parse.ts";
import { escapeVariables, holdsVariable } from "../config/variables.ts";

/** Values by key, "mqtt.tls" included; text may hold `${NAME}` and is then written as it is. */
export type Answers = Map<string, SettingValue>;

const secretKeys = new Set<string>(
  settings.filter((setting) => setting.secret && setting.kind !== "file").map(({ key }) => key),
);

/** Whether the value belongs into the local file, and never on the screen. */
export function isSecret(key: string): boolean {
  return secretKeys.has(key);
}

/** A text typed at a prompt, as it is to stand in the file: a reference and nothing else is one, all the rest is meant as it is. */
export function typed(text: string): string {
  return /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(text) ? text : escapeVariables(text);
}

/** Reads `--set` and `--board`. Mistakes are added, one line each. */
export function answersFromFlags(
  flags: { readonly set: readonly string[]; readonly board?: string | undefined },
  mistakes: string[],
): Answers {
  const answers: Answers = new Map();
  for (const argument of flags.set) {
    const entry = parseSet(argument, process.cwd(), mistakes);
    if (entry === undefined) continue;
    const text = String(entry.value);
    const setting = settings.find(({ key }) => key === entry.key);
    if (setting === undefined) {
      // A section that is a switch: mqtt.tls.
      if (text === "true" || text === "false") answers.set(entry.key, text === "true");
      else mistakes.push(`--set: ${entry.key} is ${text}, allowed is true or false`);
    } else if (holdsVariable(text)) answers.set(entry.key, text);
    else {
      const checked = check(setting, text, true);
      if ("value" in checked) answers.set(entry.key, checked.value);
      else
        mistakes.push(
          `--set: ${entry.key} is ${setting.secret ? "not usable (its value is not shown)" : JSON.stringify(text)}, allowed is ${checked.allowed}`,
        );
    }
  }
  if (flags.board !== undefined) answers.set("board", flags.board);
  return answers;
}

/** What is wrong with a text as a value of this key, in words for a prompt; undefined when nothing is. */
export function mistakeIn(key: SettingKey, text: string): string | undefined {
  const setting = settings.find((one) => one.key === key);
  if (setting === undefined || holdsVariable(text)) return undefined;
  const checked = check(setting, text, true);
  return "value" in checked ? undefined : `Allowed is ${checked.allowed}.`;
}
