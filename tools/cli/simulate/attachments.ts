/** What a session at the command line may have beside the board: its page, its console, trace files, live commands. */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { openConsolePty } from "../../../sim/console/pty.ts";
import { serveConsoleOnTcp } from "../../../sim/console/tcp.ts";
import { LiveSteps, StepFailure, StepMistake } from "../../../sim/scenario/index.ts";
import { scenarioActions } from "../../../sim/web/actions.ts";
import { serveSimulation } from "../../../sim/web/server.ts";
import type { Config } from "../../config/load.ts";
import { CableEnd } from "../../web/cable.ts";
import { boardPage } from "../../web/further.ts";
import type { OfferedBundle } from "../../web/offer.ts";
import { offeredBundle } from "../../web/offered-bundle.ts";
import { Failure } from "../errors.ts";
import type { Attachment, Session } from "./session.ts";

const PAGE_PORT = 8080;

/** The board's page, and the one that flashes it from the browser, on the wanted port or the next that is free. @throws Failure when none is. */
export async function attachPage(
  session: Session,
  config: Config,
  wanted: number = PAGE_PORT,
  /** Whether the program is the lamp of the configuration, which may be put on boards. */
  isOffered = true,
): Promise<Attachment> {
  const { simulation, model } = session;
  const bundle = (): OfferedBundle =>
    offeredBundle(config, Buffer.from(simulation.bundle, "latin1"), "built for this simulation", true);
  const page = await serveSimulation(simulation, {
    port: wanted,
    actions: scenarioActions(simulation),
    // That page puts lamps on boards.
    further:
      isOffered && simulation.lamp ? boardPage("/board/", bundle, new CableEnd(simulation)) : undefined,
  }).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`no port from ${wanted} on for the page (${error.code}); try: --port 0, or --headless`);
  });
  if (wanted !== 0 && page.port !== wanted)
    session.say(`Port ${wanted} is taken; the page is on ${page.port}.`);
  model.facts = { ...model.facts, page: page.url };
  session.say(`The board is at ${page.url}`);
  return { close: () => page.close() };
}

/** Where the board's console is offered. */
export type ConsolePlace = { readonly tcp: number } | "pty";

/** The board's console on a TCP port or a pseudo-terminal. @throws Failure when that cannot be. */
export async function attachConsole(session: Session, place: ConsolePlace): Promise<Attachment> {
  const { simulation } = session;
  try {
    if (place === "pty") {
      const pty = await openConsolePty(simulation);
      session.say(`The console is at ${pty.path}, such as: screen ${pty.path} 115200`);
      return { console: pty.path, close: () => pty.close() };
    }
    const served = await serveConsoleOnTcp(simulation, place.tcp, { note: session.complain });
    session.say(`The console is at tcp://127.0.0.1:${served.port}, such as: nc 127.0.0.1 ${served.port}`);
    return { console: `tcp://127.0.0.1:${served.port}`, close: () => served.close() };
  } catch (error) {
    throw new Failure((error as Error).message);
  }
}

/** Each line of `input` is a step of a scenario, such as `wifi: down`, done as it comes. */
export function attachLiveCommands(session: Session, input: Readable): Attachment {
  const steps = new LiveSteps(session.simulation, { note: session.say });
  const lines = createInterface({ input });
  lines.on("line", (line) => {
    if (line.trim() === "") return;
    steps.performText(line).catch((error: unknown) => {
      if (!(error instanceof StepMistake || error instanceof StepFailure)) throw error;
      session.complain(error.message);
    });
  });
  return {
    close() {
      lines.close();
      steps.close();
    },
  };
}
