// Plays a session on a stage and gives what happened, in order.
import { createHash } from "node:crypto";
import { ScriptedBroker } from "../broker/scripted-broker.ts";
import { mark, prelude } from "./prelude.ts";
import type { Session } from "./session.ts";
import type { Peer, Stage } from "./stage.ts";
import { eventOf, givenBytes, type Trace, type TraceEvent } from "./trace.ts";

/** Round trips over the control connection without news on the others, after which nothing moves any more. */
const quietTrips = 3;
/** The longest board time between two turns for the network. */
const strideMs = 1000;
/** A program that runs on its own prints this as its last. */
export const lastLine = "end";

/** @throws Error when the board does not answer, or the bytes that arrive are not those its program wrote. */
export async function play(session: Session, stage: Stage): Promise<Trace> {
  const program = await session.program();
  const bundle = createHash("sha256").update(program).digest("hex").slice(0, 16);
  const played = new Player(session, stage);
  try {
    const events = await played.run(program);
    return {
      header: {
        interpreter: stage.name,
        kind: session.kind,
        session: session.name,
        seed: session.seed,
        bundle,
      },
      events,
    };
  } finally {
    await stage.close();
  }
}

/** One of the program's connections as the far end has it. */
interface Connection {
  readonly peer: Peer;
  received: string;
  sent: string;
  open: boolean;
}

class Player {
  private readonly session: Session;
  private readonly stage: Stage;
  private readonly broker = new ScriptedBroker();
  private readonly connections: Connection[] = [];
  private readonly muted = new Set<number>();
  private connack = { flags: 0, code: 0 };
  private control: Peer | undefined;
  private answers = "";
  /** Whatever came over the program's connections. */
  private news = 0;
  /** Answers of the broker that wait until the board is quiet: what comes first must not be a matter of speed. */
  private readonly waiting: (() => void)[] = [];
  private marks = 0;
  /** The first line that no mark stands behind yet. */
  private line = 0;
  /** Board time that the session has let pass, in ms. */
  private t = 0;
  private readonly events: TraceEvent[] = [];

  constructor(session: Session, stage: Stage) {
    this.session = session;
    this.stage = stage;
    this.broker.script = {
      onPacket: (connection, { type }) => {
        if (type === 1 && !this.muted.has(1)) {
          connection.send(Buffer.from([0x20, 2, this.connack.flags, this.connack.code]));
          return "handled";
        }
        return this.muted.has(type) ? "handled" : undefined;
      },
    };
  }

  async run(program: string): Promise<TraceEvent[]> {
    const { time, actions } = this.session;
    await this.stage.launch(
      { program: (peer) => this.accept(peer), control: (peer) => this.attach(peer) },
      (ports) => `${prelude(ports, time.kind === "stepped")}\n${program}`,
    );
    await this.stage.until(() => this.answers === "h", "the control connection");
    if (time.kind === "real") {
      const last = `${mark}c ${JSON.stringify(lastLine)}`;
      await this.stage.until(() => this.stage.lines.includes(last), `"${lastLine}" printed`, time.lastsMs);
    }
    await this.step();
    for (const action of actions) {
      this.events.push({ t: this.t, type: "step", action: this.marks });
      await this.act(action);
      await this.step();
    }
    this.checkBytes();
    return this.events;
  }

  private async act(action: Session["actions"][number]): Promise<void> {
    const newest = this.connections.at(-1);
    switch (action.do) {
      case "send":
        return newest?.open ? this.send(newest, action.bytes) : undefined;
      case "end":
        return newest?.open ? newest.peer.end() : undefined;
      case "reset":
        return newest?.open ? newest.peer.reset() : undefined;
      case "refuse":
        return this.stage.refuse(action.on);
      case "mute":
        this.muted.clear();
        for (const type of action.types) this.muted.add(type);
        return;
      case "connack":
        this.connack = { flags: action.flags, code: action.code };
        return;
      case "run":
        return this.order(`e${action.code}`);
      case "pause":
        for (let left = action.ms; left > 0; left -= strideMs) {
          const ms = Math.min(left, strideMs);
          await this.order(`a${ms}`);
          this.t += ms;
          await this.settle();
        }
    }
  }

  /** Waits until nothing moves, and takes what the console told until then. */
  private async step(): Promise<void> {
    await this.settle();
    this.marks++;
    await this.order(`m${this.marks}`);
    const end = `${mark}m ${this.marks}`;
    await this.stage.until(() => this.stage.lines.indexOf(end, this.line) >= 0, `mark ${this.marks}`);
    const behind = this.stage.lines.indexOf(end, this.line);
    for (const line of this.stage.lines.slice(this.line, behind)) {
      const event = eventOf(line, this.t);
      if (event) this.events.push(event);
    }
    this.line = behind + 1;
  }

  private async settle(): Promise<void> {
    for (let trips = 0; trips < quietTrips; ) {
      const before = this.news;
      await this.order("b");
      trips = this.news === before ? trips + 1 : 0;
      if (trips < quietTrips || this.waiting.length === 0) continue;
      for (const answer of this.waiting.splice(0)) answer();
      trips = 0;
    }
  }

  /** Sends an order and waits for its acknowledgement. */
  private async order(text: string): Promise<void> {
    this.answers = "";
    this.control?.send(`${text}\n`);
    await this.stage.until(() => this.answers !== "", `the order ${text.slice(0, 40)}`);
  }

  private attach(peer: Peer): void {
    this.control = peer;
    peer.onData = (bytes) => {
      this.answers += bytes.trim();
    };
  }

  private accept(peer: Peer): void {
    const connection: Connection = { peer, received: "", sent: "", open: true };
    this.connections.push(connection);
    this.news++;
    const end = this.broker.attach({
      write: (bytes) => void this.waiting.push(() => this.send(connection, bytes.toString("latin1"))),
      close: () => void this.waiting.push(() => peer.end()),
    });
    peer.onData = (bytes) => {
      this.news++;
      connection.received += bytes;
      if (this.session.broker) end.receive(Buffer.from(bytes, "latin1"));
    };
    peer.onClose = () => {
      this.news++;
      connection.open = false;
      end.closed = true;
    };
  }

  private send(connection: Connection, bytes: string): void {
    connection.sent += bytes;
    connection.peer.send(bytes);
  }

  /** What arrived, either way, must be what was handed over, but for what was cut off at the end of a connection that broke. */
  private checkBytes(): void {
    const refused = new Set<number>();
    for (const event of this.events) if (event.type === "refused") refused.add(event.connection);
    const taken = this.events.flatMap((event) =>
      event.type === "connect" && !refused.has(event.connection) ? [event.connection] : [],
    );
    this.connections.forEach(({ received, sent: peerSent }, index) => {
      const connection = taken[index] ?? 0;
      let written = "";
      for (const event of this.events)
        if ((event.type === "from-board" || event.type === "ending") && event.connection === connection)
          written += event.bytes;
      // A socket makes text of whatever it is given, as the prelude does.
      if (!written.startsWith(received))
        throw new Error(`connection ${connection}: other bytes arrived than were written`);
      this.checkGiven(connection, peerSent);
      this.events.push({ t: this.t, type: "arrived", connection, bytes: received.length });
    });
  }

  /** Each piece follows the one before; with a second listener it comes once more. */
  private checkGiven(connection: number, sent: string): void {
    let before = 0;
    let at = 0;
    for (const line of this.stage.lines) {
      const piece = givenBytes(line);
      if (piece?.connection !== connection) continue;
      if (sent.startsWith(piece.bytes, at)) {
        before = at;
        at += piece.bytes.length;
      } else if (!sent.startsWith(piece.bytes, before))
        throw new Error(`connection ${connection}: the program was given other bytes than were sent`);
    }
  }
}
