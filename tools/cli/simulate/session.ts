/** A simulated lamp at the command line, from power-on until it is stopped: drawn, as lines for people, or as JSON lines. */
import type { BoardEvent } from "../../../sim/events.ts";
import { Simulation, type SimulationOptions } from "../../../sim/simulation.ts";
import type { StorageMedium } from "../../../sim/storage.ts";
import { eventLine, messageLine } from "../../../sim/terminal/lines.ts";
import { LampModel, linesToTry, type ScreenFacts, type TypedLine } from "../../../sim/terminal/model.ts";
import { Screen } from "../../../sim/terminal/screen.ts";
import type { EmbeddedBroker } from "../../../sim/world/broker.ts";
import { MqttReader, messageOf } from "../../../sim/world/mqtt-reader.ts";
import type { Config } from "../../config/load.ts";
import type { Output } from "../output.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { MissingBroker } from "./missing-broker.ts";
import { factsOf, type Program, type ProgramChoice, programName } from "./program.ts";

export interface SessionOptions {
  readonly config: Config;
  readonly choice: ProgramChoice;
  /** Undefined where nobody needs it: on a bare board without a page. */
  readonly built: Program | undefined;
  readonly address: BrokerAddress;
  readonly embedded: EmbeddedBroker | undefined;
  readonly speed: "real" | "max";
  readonly seed: number;
  readonly durationMs: number | undefined;
  readonly storage: StorageMedium | undefined;
  /** Nothing is on the board yet, no interpreter either. */
  readonly bare: boolean;
  /** Draws the lamp where stdout is a terminal. */
  readonly drawn: boolean;
}

/** What is attached to the simulation for as long as it runs: a page, a console, a trace. Its `close` comes before the power is cut, `ended` after. */
export interface Attachment {
  /** Where the board's console is, as `wick flash --port` takes it. */
  readonly console?: string;
  close?(): Promise<void> | void;
  ended?(): Promise<void> | void;
}

export interface Session {
  readonly simulation: Simulation;
  /** The text of the bundle it began with. */
  readonly bundle: string;
  readonly model: LampModel;
  /** A line for people, in the drawing's log where there is one; nothing with --quiet. */
  say(text: string): void;
  /** A line that even --quiet lets through. */
  complain(text: string): void;
  /** Shows the line that is being typed, where the lamp is drawn. */
  typing(line: TypedLine): void;
}

/**
 * Runs the lamp until `durationMs` of board time have passed or `stop` says so. Then its power is cut, as a lamp's is: no farewell
 * is sent, and the broker publishes the will. `attach` is called before the board is switched on.
 */
export async function runSession(
  options: SessionOptions,
  stop: AbortSignal,
  output: Output,
  attach: (session: Session) => Promise<readonly Attachment[]>,
): Promise<void> {
  const { config, speed } = options;
  const { code, map } = options.built ?? { code: "", map: undefined };
  const lamp = options.built ? options.built.lamp : factsOf(options.choice, config);
  const name = programName(options.choice);
  const simulation = new Simulation({
    profile: config.profile,
    bundle: options.bare ? "" : code,
    sourceMap: options.bare ? undefined : map,
    bare: options.bare,
    lamp,
    seed: options.seed,
    // At full speed two runs are the same; beside real time the board knows what day it is.
    epochMs: speed === "real" ? Date.now() : undefined,
    storage: options.storage,
    network: networkOf(options),
  });
  const model = new LampModel({
    ...(lamp ?? { program: name ?? "" }),
    hasWifi: config.profile.wifi,
    board: config.profile.name,
    broker: brokerFacts(options),
  });
  let screen: Screen | undefined;
  tellOf(simulation, model, output, () => screen);
  const note = (text: string, elsewhere: (text: string) => void): void => {
    if (!screen) {
      elsewhere(text);
      return;
    }
    model.note(simulation.clock.now(), text);
    screen.changed();
  };
  // A program of one's own may have called elsewhere.
  if (!options.embedded && options.choice.entry === undefined) {
    const missing = new MissingBroker(options.address);
    simulation.onEvent((event) => {
      const text = missing.told(event);
      if (text !== undefined) note(text, (line) => output.warn(line));
    });
  }
  const attachments = await attach({
    simulation,
    bundle: code,
    model,
    say: (text) => note(text, (line) => output.say(line)),
    complain: (text) => note(text, (line) => output.warn(line)),
    typing: (line) => {
      model.typed = line;
      screen?.changed();
    },
  });
  const consoleAt = attachments.find(({ console }) => console !== undefined)?.console ?? "PLACE";
  if (options.drawn) screen = new Screen(model, process.stdout);
  else if (options.bare) for (const line of linesForBare(options, consoleAt)) output.say(line);
  else if (lamp) for (const line of linesForLamp(model)) output.say(line);
  else for (const line of linesForProgram(name ?? "", options)) output.say(line);
  try {
    simulation.start();
    if (speed === "real") await simulation.runInRealTime(options.durationMs, stop);
    else await simulation.runAtFullSpeed(options.durationMs ?? Number.POSITIVE_INFINITY, stop);
  } finally {
    screen?.stop();
    for (const attachment of attachments) await attachment.close?.();
    simulation.close();
    await endAll(attachments);
  }
}

/**
 * What a program may reach. The lamp needs its broker and nothing else. A bundle, or a program in the image of a flash, may be anybody's: they get no
 * more. Only a program that is built here from its sources has the whole network.
 */
export function networkOf({
  config,
  choice,
  address,
  embedded,
}: Pick<SessionOptions, "config" | "choice" | "address" | "embedded">): SimulationOptions["network"] {
  const port = choice.bundle === undefined ? address.port : Number(config.values["mqtt.port"]);
  if (embedded) return { kind: "in-process", broker: embedded, port };
  return { kind: "tcp", only: choice.entry === undefined ? { port, to: address } : undefined };
}

function brokerFacts({ config, address, embedded, speed }: SessionOptions): ScreenFacts["broker"] {
  const { host, port } = address;
  if (embedded) return { host, port, embedded: true, inside: speed === "max" };
  const { "mqtt.username": username, "mqtt.password": password } = config.values;
  return {
    ...{ host, port, embedded: false, needsPassword: password !== undefined },
    username: username === undefined ? undefined : String(username),
  };
}

function linesForLamp({ facts }: LampModel): string[] {
  const lines = linesToTry(facts);
  if (lines.length > 0) return ["Try this in another terminal:", ...lines];
  return ["At full speed the broker is inside this process, where nobody else can reach the lamp."];
}

/** What a program does with a broker is its own affair. */
function linesForProgram(name: string, { config, address, embedded, speed }: SessionOptions): string[] {
  const runs = `${name} runs on ${config.profile.name}`;
  const built =
    embedded && speed === "real" ? `; the built-in broker is at mqtt://${address.host}:${address.port}` : "";
  return [runs + built];
}

/** A pseudo-terminal has no DTR and RTS by which a flashing tool presses the buttons. `consoleAt`: as `--port` takes it. */
function linesForBare({ config, address }: SessionOptions, consoleAt: string): string[] {
  const { name, wifi } = config.profile;
  const flags = [
    "--espruino DIR",
    `--port ${consoleAt}`,
    `--board ${name}`,
    ...(wifi ? ["--set wifi.ssid=any"] : []),
    `--set mqtt.host=${address.host}`,
    `--set mqtt.port=${address.port}`,
  ];
  return [
    "The board has no interpreter. Put one on it in another terminal, from a release of espruino.com/binaries:",
    `  npx wick flash ${flags.join(" ")}`,
    "When it asks for buttons, type them here: reset: loader (BOOT held, EN pressed), reset: program (EN pressed)",
  ];
}

/** Ends each of them, also after one that failed. @throws What the first of those threw. */
async function endAll(attachments: readonly Attachment[]): Promise<void> {
  const failures: unknown[] = [];
  for (const attachment of attachments) {
    try {
      await attachment.ended?.();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Events and messages to the drawing, or as lines; with --json the events are on stdout, and the messages nowhere. */
function tellOf(
  simulation: Simulation,
  model: LampModel,
  output: Output,
  screen: () => Screen | undefined,
): void {
  const say = (line: string): void => {
    const drawn = screen();
    if (drawn) drawn.changed();
    else if (!output.json) output.say(line);
  };
  simulation.onEvent((event: BoardEvent) => {
    model.event(event);
    output.event(event);
    say(eventLine(event));
  });
  const reader = new MqttReader((packet) => {
    const message = messageOf(packet);
    if (!message) return;
    model.message(packet.t, message);
    say(messageLine(packet.t, message, simulation.lamp ? "lamp" : "board"));
  });
  simulation.onTraffic((traffic) => reader.take(traffic));
}
