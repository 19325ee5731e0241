/** What the page does with a board: connect, look, install, switch, listen; and what it shows of that. */
import { BoardConsole } from "../../console/board-console.ts";
import { bundleHash } from "../../console/bundle-hash.ts";
import { type Found, type FoundEspruino, identify } from "../../console/identify.ts";
import type { Port } from "../../console/port.ts";
import {
  type RunningBundleAnswer,
  runningBundle,
  runningBundleExpression,
} from "../../console/running-bundle.ts";
import { installBundle } from "../../flash/install.ts";
import { InstallError, lampLeft } from "../../flash/install-error.ts";
import { BUNDLE_FILE, OFFER_FILE, type Offer } from "../offer.ts";
import { ConsoleText } from "./console-text.ts";
import { CoreBoard } from "./core/board.ts";
import { NothingChosen, openByCore } from "./core/cable.ts";
import type { Means } from "./core/why-not.ts";
import { Installation } from "./installation.ts";
import { openSocketCable } from "./socket-cable.ts";
import { badBoard, notEspruino } from "./words.ts";

export type CableKind = Means | "simulated";

export type Phase = "idle" | "choosing" | "looking" | "ready" | "installing" | "gone";

/** What is on the board, and whether it is what is offered here. */
export interface Look {
  readonly board: FoundEspruino;
  /** The program that runs, if any; `isOffered`: it is the bundle of this page, byte for byte as far as a hash can tell. */
  readonly running: (RunningBundleAnswer & { readonly isOffered: boolean }) | undefined;
}

/** For everybody to see; `isBad`: something could not be done. */
export interface Notice {
  readonly text: string;
  readonly isBad: boolean;
}

/** A board that does not say a word for so long is silent. */
const LOOK_MS = 10_000;

export class Session {
  offer: Offer | undefined;
  phase: Phase = "idle";
  kind: CableKind | undefined;
  look: Look | undefined;
  notice: Notice | undefined;
  installation: Installation | undefined;
  /** As it was last set or read from here: 0 to 1; undefined when unknown. */
  duty: number | undefined;
  readonly text = new ConsoleText();
  /** Called when something is new. */
  changed: () => void = () => undefined;
  private port: Port | undefined;
  private console: BoardConsole | undefined;
  private core: CoreBoard | undefined;
  private stop: AbortController | undefined;

  /** Asks the server what it offers. */
  async start(): Promise<void> {
    try {
      const response = await fetch(OFFER_FILE);
      if (!response.ok) throw new Error(String(response.status));
      this.offer = (await response.json()) as Offer;
    } catch {
      this.say("The server of this page does not answer: start it again, and reload the page.", true);
    }
    this.changed();
  }

  /** Must be called from a click. `again`: the same board as before, without asking. */
  async connect(kind: CableKind, again = false): Promise<void> {
    if (this.isBusy || !this.offer) return;
    this.kind = kind;
    this.look = undefined;
    this.duty = undefined;
    this.installation = undefined;
    this.enter("choosing");
    try {
      const { baud } = this.offer.board;
      // At once: the chooser needs the click.
      const opening = kind === "simulated" ? openSocketCable() : openByCore(kind, { baud, again });
      await this.letGo();
      await this.begin(await opening);
    } catch (error) {
      if (error instanceof NothingChosen)
        this.leave("Nothing was chosen. Plug the board in or switch it on, and connect again.", false);
      else this.leave(sentence(error), true);
    }
  }

  /** The same board as before. */
  reconnect(): Promise<void> {
    return this.kind === undefined ? Promise.resolve() : this.connect(this.kind, true);
  }

  async disconnect(): Promise<void> {
    this.stop?.abort();
    this.notice = undefined;
    const closed = this.letGo();
    this.enter("idle");
    await closed;
  }

  /** Why the offered bundle is not for this board, or undefined. */
  get mismatch(): string | undefined {
    const { offer, look } = this;
    return offer && look && badBoard(look.board, offer);
  }

  /** Puts the offered bundle on the board. `compact`: may win back room in its Storage first. */
  async install(compact = false): Promise<void> {
    const { port, console, offer } = this;
    if (!console || !offer || this.phase !== "ready" || this.mismatch !== undefined) return;
    const installation = new Installation(offer.bundle.bytes, () => this.changed());
    this.installation = installation;
    this.stop = new AbortController();
    this.notice = undefined;
    this.enter("installing");
    try {
      const bundle = await this.fetchBundle();
      const installed = await installBundle(console, bundle, {
        ...{ compact, signal: this.stop.signal, pageBytes: offer.board.pageBytes },
        keep: (file, content) => installation.keep(file, content),
        onStep: (step) => installation.at(step),
        onProgress: (sent, total) => installation.progress(sent, total),
      });
      installation.done();
      this.say(
        installed.uploaded
          ? `The new lamp is on the board, and runs: every byte was read back before it counted. Publish on or off to ${offer.lamp.topic} to switch it.`
          : "The board had this very lamp already; it was started anew.",
        false,
      );
      await this.refresh();
    } catch (error) {
      installation.failed(error instanceof InstallError && error.code === "room");
      if (this.isGone) this.say(`${lost(this.notice)} ${capital(leftOf(error))}.`, true);
      else if (this.port === port) await this.recover(error);
    } finally {
      this.stop = undefined;
      this.settle();
    }
  }

  private settle(): void {
    if (this.phase === "installing") this.enter("ready");
  }

  /** Breaks off what is sent; the old lamp stays. */
  cancel(): void {
    this.stop?.abort();
  }

  /** Looks again at what is on the board. */
  async refresh(): Promise<void> {
    const { port } = this;
    if (!port) return;
    const before = this.phase;
    if (before === "ready") this.enter("looking");
    try {
      await this.lookAt(port);
      if (this.phase === "looking") this.enter(before);
    } catch (error) {
      if (this.port !== port) return;
      await this.letGo();
      this.leave(sentence(error), true);
    }
    this.changed();
  }

  /** Sets the lamp's pin; 0 to 1. */
  async setLamp(duty: number): Promise<void> {
    const { offer, core } = this;
    if (!offer || !core) return;
    const { pin, activeLow } = offer.lamp;
    const value = activeLow ? 1 - duty : duty;
    try {
      if (value === 0 || value === 1) await core.setLevel(pin, value);
      else await core.setDuty(pin, Number(value.toFixed(3)));
      this.duty = duty;
      if (this.notice?.isBad) this.notice = undefined;
    } catch (error) {
      if (!this.isGone) this.say(sentence(error), true);
    }
    this.changed();
  }

  async type(line: string): Promise<void> {
    try {
      await this.console?.send(`${line}\n`);
    } catch (error) {
      if (!this.isGone) this.say(sentence(error), true);
    }
  }

  async interrupt(): Promise<void> {
    await this.console?.interrupt().catch(() => undefined);
  }

  say(text: string, isBad: boolean): void {
    this.notice = { text, isBad };
    this.changed();
  }

  get isBusy(): boolean {
    return this.phase === "choosing" || this.phase === "looking" || this.phase === "installing";
  }

  get isConnected(): boolean {
    return this.phase === "looking" || this.phase === "ready" || this.phase === "installing";
  }

  private get isGone(): boolean {
    return this.phase === "gone";
  }

  private async begin(port: Port): Promise<void> {
    this.port = port;
    port.onGone((reason) => {
      if (this.port === port) this.gone(reason);
    });
    this.notice = undefined;
    this.enter("looking");
    try {
      await this.lookAt(port);
      this.enter("ready");
    } catch (error) {
      if (this.port === port) await this.letGo();
      if (!this.isGone) throw error;
    }
  }

  /** @throws Error with a sentence, for what is no Espruino that answers. */
  private async lookAt(port: Port): Promise<void> {
    this.console?.release();
    const found: Found = await identify(port, { deadlineMs: LOOK_MS });
    if (this.port !== port) throw new Error("closed meanwhile");
    if (found.kind !== "espruino") throw new Error(notEspruino(found, this.kind));
    const console = new BoardConsole(port);
    this.console = console;
    this.core = new CoreBoard(console);
    console.onText((text) => {
      this.text.add(text);
      this.changed();
    });
    this.look = { board: found, running: await this.running() };
    if (this.look.running && !this.mismatch) await this.readLamp();
  }

  private async running(): Promise<Look["running"]> {
    const { core, offer } = this;
    const running = runningBundle(await core?.evaluate(runningBundleExpression));
    if (!running || !offer) return undefined;
    const { bytes, hash, crc32 } = offer.bundle;
    const isSame = running.hash === undefined ? running.crc32 === crc32 : running.hash === hash;
    return { ...running, isOffered: isSame && running.bytes === bytes };
  }

  /** On or off, where that can be told: a pin that glows by PWM has no level. */
  private async readLamp(): Promise<void> {
    const { core, offer } = this;
    if (!core || !offer || offer.lamp.pwm) return;
    const level = await core.level(offer.lamp.pin);
    this.duty = offer.lamp.activeLow ? 1 - level : level;
  }

  private async fetchBundle(): Promise<Uint8Array> {
    // It may have been built anew since the page was opened.
    await this.start();
    const response = await fetch(BUNDLE_FILE).catch(() => undefined);
    if (!response?.ok)
      throw new Error("the server of this page does not hand out the bundle: start it again");
    const bundle = new Uint8Array(await response.arrayBuffer());
    if ((await bundleHash(bundle)) !== this.offer?.bundle.hash)
      throw new Error("the bundle changed while it was fetched: try again");
    return bundle;
  }

  /** The board is still there, and something went wrong. */
  private async recover(error: unknown): Promise<void> {
    this.say(`${capital(sentence(error))}; ${leftOf(error)}.`, true);
    const { notice } = this;
    await this.refresh();
    if (!this.isGone) this.notice = notice;
  }

  private gone(reason: string): void {
    void this.letGo();
    this.enter("gone");
    this.say(`The board is gone: ${reason}.`, true);
    this.text.note("— the board is gone —");
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  /** The cable is free for others when this resolves. */
  private async letGo(): Promise<void> {
    const { port, console } = this;
    this.port = undefined;
    this.console = undefined;
    this.core = undefined;
    this.look = undefined;
    this.duty = undefined;
    await (console ?? port)?.close();
  }

  private leave(text: string, isBad: boolean): void {
    this.enter(this.isGone ? "gone" : "idle");
    this.say(text, isBad);
  }
}

function leftOf(error: unknown): string {
  return lampLeft(error instanceof InstallError ? error.lamp : "unchanged");
}

function lost(notice: Notice | undefined): string {
  return notice?.text ?? "The board is gone.";
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
