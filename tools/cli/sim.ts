/** `wick sim`: builds the lamp, or another program, and runs it on a simulated board, with a broker of its own or one that is named. */
import { type Command, Option } from "commander";
import { type ReporterName, reporters } from "../../sim/scenario/reporters.ts";
import { EmbeddedBroker } from "../../sim/world/broker.ts";
import { UsageError } from "./errors.ts";
import { commonOptions, parseDurationOption, parsePort } from "./options.ts";
import { Output } from "./output.ts";
import { attachConsole, attachLiveCommands, attachPage } from "./simulate/attachments.ts";
import { insideOnly, listen, MQTT_PORT, parseBroker } from "./simulate/broker-address.ts";
import { guardAgainstHanging } from "./simulate/hang-guard.ts";
import { saidInVain } from "./simulate/in-vain.ts";
import { configureLamp, openStorage } from "./simulate/lamp.ts";
import {
  checkTogether,
  collect,
  parseConsole,
  parseJobs,
  parseListenPlace,
  parseSeed,
  type SimOptions,
} from "./simulate/options.ts";
import {
  isLamp,
  makeShownProgram,
  type ProgramChoice,
  programName,
  requireProgram,
} from "./simulate/program.ts";
import { type Attachment, runSession, type Session } from "./simulate/session.ts";
import { attachTypedSteps } from "./simulate/typed-steps.ts";
import { untilSignal } from "./until-signal.ts";
import { saying } from "./waiting.ts";

const SEED = 1;
const reporterNames = Object.keys(reporters).filter((name) => name !== "json") as ReporterName[];

export function register(command: Command): void {
  commonOptions(command)
    .option("--entry <file>", "a program of yours in TypeScript, built and run in place of the lamp")
    .option("--bundle <file>", "a bundle that is built already, run as it is in place of the lamp")
    .option(
      "--broker <url>",
      "use this broker, mqtt://[user:password@]host[:port], in place of one that is started on 127.0.0.1",
      parseBroker,
    )
    .option(
      "--port <number>",
      "where the board's page is; the next free port where that is taken (default: 8080)",
      parsePort,
    )
    .option("--headless", "no page, and plain lines in place of the drawn lamp", false)
    .option("--watch", "build again and restart the board when its sources or the config change", false)
    .option(
      "--console <place>",
      "offer the board's console: tcp:PORT, such as tcp:2323, or pty",
      parseConsole,
    )
    .option(
      "--bare",
      "a board without interpreter, to practise wick flash --espruino on; its console is a pseudo-terminal unless --console says otherwise",
      false,
    )
    .option("--storage <file>", "keep the board's flash in this file, from run to run")
    .option("--duration <time>", "stop after this much board time, such as 10s or 5min", parseDurationOption)
    .addOption(
      new Option(
        "--speed <speed>",
        "real, or max: as fast as it goes, with the built-in broker only (default: real)",
      ).choices(["real", "max"]),
    )
    .option("--seed <number>", "decides what is random on the board and around it (default: 1)", parseSeed)
    .option("--vcd <file>", "write the pins, Wi-Fi and link as waveforms, for GTKWave or PulseView")
    .option("--pcap <file>", "write the board's network traffic, for Wireshark")
    .option("--record <file>", "write everything that happens, to be replayed")
    .option(
      "--real-lamp <port>",
      "with --broker and --record: no simulated board, but one of yours that connects to this port",
      parseListenPlace,
    )
    .option("--replay <file>", "play a recording to the lamp and stop at the first difference")
    .option("--scenario <files...>", "play scenarios (files, folders, patterns); exit code 42 when one fails")
    .addOption(
      new Option(
        "--reporter <name>",
        `how scenarios are reported: ${reporterNames.join(", ")} (default: lines)`,
      ).choices(reporterNames),
    )
    .option("--jobs <number>", "so many scenarios at the same time (default: as many as pay)", parseJobs)
    .option("--results <folder>", "where scenarios leave traces and screenshots (default: dist/scenarios)")
    .addHelpText("after", `\n${example}`)
    .action((options: SimOptions) => simulate(options, new Output(options)));
}

const example = [
  "Alone it builds the lamp of flash.config.json, starts a broker, runs the lamp in",
  "real time, draws it here and on a page, and says how to switch it. While it runs",
  "each line you type is a step of scenarios, such as wifi: down or broker: restart.",
].join("\n");

async function simulate(options: SimOptions, output: Output): Promise<void> {
  checkTogether(options);
  for (const note of saidInVain(options)) output.note(note);
  requireProgram(options);
  const { config: file, set, board, entry, bundle } = options;
  const choice: ProgramChoice = { entry, bundle };
  // Loaded only where they are wanted: everybody waits for what is loaded.
  if (options.replay !== undefined)
    return (await tracing()).replayRecording(options.replay, { file, set, board }, output, choice);
  if (options.scenario) {
    const { playScenarios } = await import("./simulate/scenarios.ts");
    return playScenarios({
      ...options,
      seed: options.seed ?? SEED,
      config: file,
      names: options.scenario,
      choice,
      reporter: output.json ? "json" : (options.reporter ?? "lines"),
      write: (text) => output.print(text),
    });
  }
  const { realLamp, broker, record } = options;
  if (realLamp && broker && record !== undefined)
    await untilSignal(async (stop) =>
      (await tracing()).recordRealLamp(realLamp, broker, record, stop, output),
    );
  else await simulateBoard(options, choice, output);
}

function tracing(): Promise<typeof import("./simulate/traces.ts")> {
  return import("./simulate/traces.ts");
}

async function simulateBoard(options: SimOptions, choice: ProgramChoice, output: Output): Promise<void> {
  const { speed = "real", seed = SEED } = options;
  const embedded = options.broker ? undefined : await EmbeddedBroker.create();
  try {
    // At full speed nobody outside could keep up: no port then.
    const address = options.broker ?? (embedded && speed === "real" ? await listen(embedded) : insideOnly());
    if (embedded && address.port !== MQTT_PORT)
      output.say(`Port ${MQTT_PORT} is taken; the built-in broker is on ${address.port}.`);
    const configure = () =>
      configureLamp({
        file: options.config,
        set: options.set,
        board: options.board,
        // A bundle was built for a place of its own.
        ...(choice.bundle === undefined ? { broker: { address, embedded: embedded !== undefined } } : {}),
      });
    const config = configure();
    for (const warning of config.warnings) output.say(warning);
    if (options.bare && !config.profile.images)
      throw new UsageError(
        `--bare: a ${config.profile.name} has no loader in its chip; choose another with --board, such as esp32-devkitc`,
      );
    const place = options.console ?? (options.bare ? "pty" : undefined);
    // On a bare board people type which button they press.
    const plain = output.json || output.quiet || options.headless || options.bare;
    const drawn = process.stdout.isTTY && !plain && speed === "real";
    const attach = (session: Session): Promise<Attachment[]> =>
      collect([
        // Nobody looks at a page of what is over in a moment.
        () =>
          options.headless || speed === "max"
            ? []
            : attachPage(session, config, options.port, isLamp(choice)),
        () => (place ? attachConsole(session, place) : []),
        async () =>
          options.vcd === undefined && options.pcap === undefined && options.record === undefined
            ? []
            : (await tracing()).attachTraces(session, { ...options, choice }, config, seed),
        async () =>
          options.watch
            ? (await import("./simulate/watch.ts")).watchLamp({
                ...{ configure, config, session, choice },
                files: built?.sources,
              })
            : [],
        () => (speed === "max" ? [] : attachSteps(session, drawn)),
      ]);
    const storage = openStorage(options.storage, config);
    // A build keeps this thread busy for a while; as nobody listens for them yet, signals end the process at once.
    // A bare board runs no lamp; its page offers one for later.
    const built =
      options.bare && options.headless
        ? undefined
        : await saying(
            `${choice.bundle === undefined ? "Building" : "Reading"} ${programName(choice) ?? "the lamp"}`,
            () => makeShownProgram(choice, config),
            { quiet: options.quiet },
          );
    await untilSignalOrHanging((stop) =>
      runSession(
        {
          ...{ config, choice, built, address, embedded, speed, seed, storage, drawn, bare: options.bare },
          durationMs: options.duration,
        },
        stop,
        output,
        attach,
      ),
    );
  } finally {
    await embedded?.close();
  }
}

/** Where the lamp is drawn a line that is typed is drawn too; elsewhere the terminal shows it. */
function attachSteps(session: Session, drawn: boolean): Attachment {
  const { stdin } = process;
  if (!drawn || !stdin.isTTY) return attachLiveCommands(session, stdin);
  // What Ctrl-C is elsewhere.
  return attachTypedSteps(session, stdin, () => process.kill(process.pid, "SIGINT"));
}

/** As `untilSignal`, with a guard against programs on the board that never return. */
function untilSignalOrHanging(run: (stop: AbortSignal) => Promise<void>): Promise<void> {
  return untilSignal(async (stop) => {
    const stopGuarding = guardAgainstHanging();
    try {
      await run(stop);
    } finally {
      await stopGuarding();
    }
  });
}
