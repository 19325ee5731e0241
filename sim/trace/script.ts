/** The world of a recording, played to a board: a network whose links do what was recorded, and what a replay asks of a recording. */
import { ConnectFailure, type Link, type LinkError, type Network } from "../world/network.ts";
import type { Difference } from "./difference.ts";
import type { RecordedLine } from "./recording.ts";

/** A recording as the replay works through it. */
export interface Script {
  /** The board did something; never called again once there is a difference. */
  did(line: RecordedLine): void;
  /** Called after everything the board does and whenever something may be due: lets the outside do it. */
  look(): void;
  /** Plays all of it. */
  run(): void;
  readonly difference: Difference | undefined;
  /** Why the connect that was just told fails at once; undefined when it does not. */
  refusal(connection: number): ConnectFailure["reason"] | undefined;
  /** What the board's socket may take in now. */
  offered(connection: number, limit: number): string;
  /** How many of the bytes the board offers are taken now. */
  taken(connection: number, bytes: string): number;
}

/** The recorded far end of a connection. */
export class ScriptedLink implements Link {
  state: Link["state"] = "connecting";
  error: LinkError | undefined;
  readonly changed: () => void;

  private readonly connection: number;
  private readonly script: Script;

  constructor(connection: number, script: Script, changed: () => void) {
    this.connection = connection;
    this.script = script;
    this.changed = changed;
  }

  open(): void {
    if (this.state === "connecting") this.state = "open";
    this.changed();
  }

  end(error: LinkError | undefined): void {
    this.state = "closed";
    this.error = error;
    this.changed();
  }

  receive(limit: number): string {
    return this.script.offered(this.connection, limit);
  }

  send(bytes: string): number {
    return this.state === "open" ? this.script.taken(this.connection, bytes) : 0;
  }

  close(): void {
    this.state = "closed";
  }

  abort(): void {
    this.state = "closed";
  }
}

/** Connections count from 1, as in the recording. */
export class ScriptedNetwork implements Network {
  readonly links = new Map<number, ScriptedLink>();
  script: Script | undefined;
  private connections = 0;

  connect(_host: string, _port: number, changed: () => void): Link {
    const connection = ++this.connections;
    if (!this.script) throw new ConnectFailure("refused");
    const reason = this.script.refusal(connection);
    if (reason) throw new ConnectFailure(reason);
    const link = new ScriptedLink(connection, this.script, changed);
    this.links.set(connection, link);
    return link;
  }
}

/** A connect that failed at once says why in these words. */
export function isAtOnce(reason: string): reason is ConnectFailure["reason"] {
  return reason === "refused" || reason === "unknown-host";
}
