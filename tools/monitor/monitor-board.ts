/** A monitor at the command line: the terminal around it, Ctrl-C, the log; for `wick monitor`, and for `wick flash` once the lamp runs. */
import type { ReadStream } from "node:tty";
import { ExitWith, Failure, UsageError } from "../cli/errors.ts";
import { BoardConsole } from "../console/board-console.ts";
import { addressText, type PortAddress } from "../ports/address.ts";
import { openPort } from "../ports/open.ts";
import type { Entry } from "./entry.ts";
import { LogFile } from "./log-file.ts";
import { monitor } from "./monitor.ts";
import { Screen } from "./screen.ts";
import { type Typing, typeAt } from "./typing.ts";

export interface BoardMonitorOptions {
  readonly address: PortAddress;
  /** Of a serial port. */
  readonly baud?: number | undefined;
  /** A conversation over that port that is under way; the monitor closes it. */
  readonly first?: BoardConsole | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Default true. */
  readonly timestamps?: boolean | undefined;
  /** Which lines of the board are shown. */
  readonly filter?: RegExp | undefined;
  /** A file that everything is appended to. */
  readonly log?: string | undefined;
  /** Default: until Ctrl-C. */
  readonly durationMs?: number | undefined;
  /** Texts that are never shown. */
  readonly secrets: readonly string[];
}

/**
 * Returns when Ctrl-C was pressed, SIGTERM came, the time is over or nobody reads the output any more; all is closed then.
 * @throws UsageError for a lamp on MQTT; Failure when the port cannot be opened or the log cannot be written; ExitWith(1) at the end when
 * the log could not be written to the end, which was said when it happened.
 */
export async function monitorBoard(options: BoardMonitorOptions): Promise<void> {
  const { address, baud, json, quiet } = options;
  const port = addressText(address);
  if (address.kind === "mqtt")
    throw new UsageError(
      `${port}: a lamp on MQTT has no console; name a cable: --port /dev/ttyUSB0, tcp://HOST:PORT or ble:NAME`,
    );
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const unread = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
    end();
  };
  const { stdin, stdout, stderr } = process;
  const isTerminal = stdout.isTTY === true && !json;
  const log = options.log === undefined ? undefined : openLog(options.log);
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  stdout.on("error", unread);
  let typing: Typing | undefined;
  try {
    if (stdin.isTTY && isTerminal) typing = typeAt(stdin as ReadStream, stdout, end);
    const screen = new Screen(stdout, {
      json,
      quiet,
      timestamps: options.timestamps ?? true,
      colours: isTerminal && stdout.getColorDepth() > 1,
      filter: options.filter,
      isTerminal,
      show: typing && ((line) => typing?.show(line)),
    });
    const tell = (entry: Entry): void => {
      screen.tell(entry);
      log?.add(entry);
    };
    await monitor({
      name: port,
      // Questions are lines, not packets: those would have to be tried first, with Ctrl-C for a board that does not know them.
      connect: async () =>
        new BoardConsole(await openPort(address, { baud, signal: ending.signal }), { packets: false }),
      first: options.first,
      tell,
      typed: typing?.lines,
      stop: ending.signal,
      durationMs: options.durationMs,
      secrets: options.secrets,
    });
    screen.end();
  } finally {
    typing?.close();
    log?.close();
    process.removeListener("SIGINT", end);
    process.removeListener("SIGTERM", end);
    stdout.removeListener("error", unread);
  }
  if (log?.failure !== undefined) throw new ExitWith(1);

  function openLog(path: string): LogFile {
    try {
      return new LogFile(path, (message) => stderr.write(`${message}; the monitor goes on without it\n`));
    } catch (error) {
      throw new Failure((error as Error).message);
    }
  }
}
