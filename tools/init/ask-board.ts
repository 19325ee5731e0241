/** Which board is it? Those on the ports are offered first; who they are, they are asked only if the user likes. */
import { loadProfile, profileNames } from "../config/profile.ts";
import type { Answers } from "./answers.ts";
import type { NearbyPort } from "./boards.ts";
import type { Circumstances } from "./questions.ts";
import type { Choice } from "./terminal.ts";

const OTHER = "other";

export async function askBoard(answers: Answers, circumstances: Circumstances): Promise<void> {
  const { terminal, finder, before } = circumstances;
  const names = profileNames();
  const ports = await finder.ports();
  let likely: readonly string[] = [];
  if (ports.length > 0) {
    const chosen = await terminal.choice<string>("A board is plugged in. Is it this one?", [
      ...ports.map(({ path, title }) => ({ value: path, label: title })),
      { value: OTHER, label: "none of these" },
    ]);
    const port = ports.find(({ path }) => path === chosen);
    if (port) {
      if (!answers.has("flash.port")) answers.set("flash.port", port.path);
      likely = await whoIsIt(port, circumstances);
    }
  }
  const all = [...likely, ...names.filter((name) => !likely.includes(name))];
  const choices: Choice<string>[] = all.map((name) => {
    const { title, noLamp } = loadProfile(name);
    return { value: name, label: name, hint: title, ...(noLamp === undefined ? {} : { disabled: true }) };
  });
  const earlier = String(before.get("board") ?? "esp32-devkitc");
  const first = likely[0] ?? (names.includes(earlier) ? earlier : undefined);
  answers.set("board", await terminal.choice("Board", choices, first));
}

/** Profiles that it may be, the likeliest first. */
async function whoIsIt(port: NearbyPort, { terminal, finder }: Circumstances): Promise<readonly string[]> {
  const asks = await terminal.yes(`Ask the board on ${port.path} who it is? (It may restart.)`);
  if (!asks) return port.profiles;
  terminal.tell(`Asking ${port.path} …`);
  const answer = await finder.ask(port.path);
  if (answer.board === undefined) {
    terminal.warn(answer.said);
    return port.profiles;
  }
  terminal.good(answer.said);
  const fitting = profileNames().filter((name) =>
    loadProfile(name).interpreter.boards.includes(answer.board ?? ""),
  );
  // Of those that run this interpreter, the ones with these USB numbers first.
  return [
    ...fitting.filter((name) => port.profiles.includes(name)),
    ...fitting.filter((name) => !port.profiles.includes(name)),
  ];
}
