/** Sends a bundle to a lamp over MQTT, and waits for what becomes of it: the desk's side of docs/over-the-air.md. */
import { Failure, UsageError } from "../cli/errors.ts";
import type { Config } from "../config/load.ts";
import { bundleHash } from "../console/bundle-hash.ts";
import { type ConsoleClock, hostClock } from "../console/host-clock.ts";
import { requireUpdatable } from "./over-the-air-bundle.ts";
import { Conversation } from "./over-the-air-conversation.ts";
import { openUpdateLink, type UpdateLink } from "./over-the-air-link.ts";
import {
  type Answer,
  LARGEST_BUNDLE,
  type Manifest,
  manifestMessage,
  pieceBytes,
  pieceMessage,
} from "./over-the-air-messages.ts";
import { lampKey } from "./update-key.ts";

export interface OverTheAirOptions {
  /** What the bundle was built with: key, board, topic, and the broker where the lamp is. */
  readonly config: Config;
  /** Its text, one character a byte. */
  readonly bundle: string;
  /** As it stands in the bundle: `config.values["update.version"]` of the build. */
  readonly version: number;
  /** Base topic of the lamp. */
  readonly topic: string;
  readonly onProgress?: ((progress: OverTheAirProgress) => void) | undefined;
  /** false: do not wait for the end of the trial. */
  readonly wait?: boolean | undefined;
  /** How long the lamp may take to say what it runs; default 15,000. */
  readonly findMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: ConsoleClock | undefined;
  /** The way to the lamp; through the broker of `config` when left out. */
  readonly link?: UpdateLink | undefined;
}

/** `restarting` and `trial` count seconds instead of bytes. */
export interface OverTheAirProgress {
  readonly step: "looking" | "sending" | "restarting" | "trial";
  readonly done: number;
  readonly total: number;
}

export interface OverTheAirOutcome {
  /** "on trial" only with `wait: false`. */
  readonly outcome: "kept" | "rolled back" | "on trial";
  readonly version: number;
  /** The version that ran before; after a rollback it runs again. */
  readonly before: number;
  /** From the first byte until all of them were in the lamp's flash. */
  readonly sendingMs: number;
}

const FIND_MS = 15_000;
/** Without a byte of progress. */
const STALL_MS = 60_000;
/** Restart, Wi-Fi, broker. */
const RESTART_MS = 180_000;
/** A trial has five minutes; a hang at its end costs a minute until the watchdog, and the old lamp takes its time to come back. */
const TRIAL_MS = 300_000 + 60_000 + RESTART_MS;
const HEALTHY_SECONDS = 60;
const SMALLEST_PIECE = 64;
/** What ten digits can say. */
const HIGHEST_VERSION = 9_999_999_999;
/** How often a piece is sent before a smaller one is tried. */
const TRIES_A_SIZE = 4;
/** How often the lamp may restart by itself meanwhile. */
const MOST_STARTS = 5;

/**
 * Updates the lamp at `topic`. The lamp works meanwhile, and keeps the new bundle only when it has been healthy for a minute.
 * @throws UsageError where the config rules an update out, and for a bundle that was not built for it: nothing is sent then
 * @throws Failure when no lamp answers, it refuses, or is lost on the way
 */
export async function updateOverTheAir(options: OverTheAirOptions): Promise<OverTheAirOutcome> {
  const { config, topic, bundle, version } = options;
  const key = updateKeyFor(config, topic);
  const content = Buffer.from(bundle, "latin1");
  if (content.length === 0 || content.length > LARGEST_BUNDLE)
    throw new Failure(
      `the bundle has ${content.length} bytes, an update over the air carries 1 to ${LARGEST_BUNDLE}`,
    );
  requireUpdatable(bundle, { updateKey: key, version, board: config.profile.name, topic });
  const manifest = { version, size: content.length, hash: await bundleHash(content) };
  const link =
    options.link ??
    (await openUpdateLink(config, [`${topic}/update/state`, `${topic}/status`], undefined, options.signal));
  const conversation = new Conversation({
    link,
    topic,
    key: lampKey(key, { board: config.profile.name, topic }),
    board: config.profile.name,
    clock: options.clock ?? hostClock,
    signal: options.signal,
  });
  try {
    return await new Update(options, conversation, manifest, content).run();
  } finally {
    conversation.close();
    if (!options.link) await link.close();
  }
}

/** The key that is set. @throws UsageError where the config rules out that the lamp at `topic` is updated: known before anything is built. */
export function updateKeyFor({ values }: Config, topic: string): string {
  const key = values["update.key"];
  const ownTopic = String(values["lamp.topic"]);
  if (key === undefined)
    throw new UsageError(
      "an update over the air needs update.key, which is not set; make one: openssl rand -base64 32, and flash the lamp once by cable with it",
    );
  if (topic !== ownTopic)
    throw new UsageError(
      `the lamp to be updated is ${topic}, but lamp.topic is ${ownTopic}, where it would then answer; add: --set lamp.topic=${topic}`,
    );
  return String(key);
}

class Update {
  private readonly options: OverTheAirOptions;
  private readonly lamp: Conversation;
  private readonly manifest: Manifest;
  private readonly content: Buffer;
  private readonly clock: ConsoleClock;
  private pieceBytes: number;
  /** The version that runs until the restart. */
  private before = 0;

  constructor(options: OverTheAirOptions, lamp: Conversation, manifest: Manifest, content: Buffer) {
    this.options = options;
    this.lamp = lamp;
    this.manifest = manifest;
    this.content = content;
    this.clock = options.clock ?? hostClock;
    const { config, topic } = options;
    this.pieceBytes = pieceBytes(Number(config.values["mqtt.rxBuffer"]), `${topic}/update`);
  }

  async run(): Promise<OverTheAirOutcome> {
    const { version } = this.manifest;
    this.progress("looking", 0, 0);
    const found = await this.lamp.find(this.options.findMs ?? FIND_MS);
    this.requireWilling(found);
    this.before = found.running;
    const began = this.clock.now();
    const { last, challenge } = await this.transfer(found);
    const sendingMs = this.clock.now() - began;
    const outcome = (result: OverTheAirOutcome["outcome"]): OverTheAirOutcome => ({
      outcome: result,
      version,
      before: found.running,
      sendingMs,
    });
    const started = last.challenge === challenge ? await this.untilRestarted(challenge) : last;
    const isTried = started.running === version;
    if (isTried && !isKept(started) && this.options.wait === false) return outcome("on trial");
    const { running } = isTried && !isKept(started) ? await this.untilDecided() : started;
    if (running === version) return outcome("kept");
    if (running === found.running) return outcome("rolled back");
    throw new Failure(
      `the lamp runs version ${running} now, which is neither ${version} nor ${found.running}: somebody else has updated it meanwhile`,
    );
  }

  private requireWilling({ running, highest, note }: Answer): void {
    const { version } = this.manifest;
    if (note === "on trial") throw new Failure(refusals["on trial"]?.(this.manifest) ?? note);
    if (version <= running || version < highest)
      throw new Failure(
        `the lamp has had version ${highest}, and versions only go up, but this is ${version}; ${
          highest < HIGHEST_VERSION
            ? `is the clock of this computer right? else build with --set update.version=${highest + 1}`
            : "there is none above it: flash it once by cable, which begins anew: npx wick flash"
        }`,
      );
  }

  /**
   * Manifest and pieces, from where the lamp has stopped; once more when the lamp restarts meanwhile. Returns its last answer, which is of the
   * trial or after it when none came before the restart, and the challenge of the start in which it took all.
   */
  private async transfer(found: Answer): Promise<{ last: Answer; challenge: string }> {
    let answer = found;
    for (let start = 0; start < MOST_STARTS; start++) {
      const begun = await this.begin(answer);
      answer = await this.sendPieces(begun);
      // A lamp that restarted in the middle has forgotten the version again.
      if (answer.highest === this.manifest.version) return { last: answer, challenge: begun.challenge };
    }
    throw new Failure(
      `the lamp restarted ${MOST_STARTS} times during the update and goes on as it was; see what its console says`,
    );
  }

  private begin(answer: Answer): Promise<Answer> {
    const { version } = this.manifest;
    let { challenge } = answer;
    return this.lamp.tell(
      () => manifestMessage(this.lamp.key, challenge, this.manifest),
      (next) => {
        const refusal = refusals[next.note];
        if (refusal && next.challenge === challenge) throw new Failure(refusal(this.manifest));
        // It has restarted: what was signed before counts no more.
        challenge = next.challenge;
        return next.highest === version && next.note === "ready";
      },
      STALL_MS,
      this.silence(false),
    );
  }

  /** Until all is there, or the lamp has restarted. */
  private async sendPieces(begun: Answer): Promise<Answer> {
    const { version, size } = this.manifest;
    let answer = begun;
    while (answer.offset < size && answer.challenge === begun.challenge) {
      const { offset, challenge } = answer;
      this.progress("sending", offset, size);
      answer = await this.lamp.tell(
        (again) => {
          // Lost; or time and again more than its buffer takes, which may be another than that of the bundle.
          if (again % TRIES_A_SIZE === TRIES_A_SIZE - 1)
            this.pieceBytes = Math.max(SMALLEST_PIECE, Math.floor(this.pieceBytes / 8) * 4);
          const data = this.content.subarray(offset, offset + this.pieceBytes);
          return pieceMessage(this.lamp.key, challenge, { version, offset, data });
        },
        (next) => {
          if (next.highest > version)
            throw new Failure(
              `somebody else sends version ${next.highest} to this lamp; this one is given up`,
            );
          return next.challenge !== challenge || next.offset > offset;
        },
        // With the last one it goes, and an answer that is lost is followed by silence until it is back.
        offset + this.pieceBytes < size ? STALL_MS : RESTART_MS,
        this.silence(offset + this.pieceBytes >= size),
      );
    }
    this.progress("sending", answer.offset, size);
    requireUndamaged(answer, begun.challenge);
    return answer;
  }

  /** `challenge` is that of the start before. */
  private async untilRestarted(challenge: string): Promise<Answer> {
    const began = this.clock.now();
    const started = await this.lamp.ask(
      (next) => {
        requireUndamaged(next, challenge);
        return next.challenge !== challenge;
      },
      RESTART_MS + TRIAL_MS,
      this.silence(true),
      () => this.progress("restarting", Math.round((this.clock.now() - began) / 1000), RESTART_MS / 1000),
    );
    if (started.running < this.manifest.version && started.highest < this.manifest.version)
      throw new Failure(
        "the lamp restarted before it could try the new version, and goes on as it was: try again",
      );
    return started;
  }

  /** What the lamp says when the trial is over. */
  private untilDecided(): Promise<Answer> {
    const began = this.clock.now();
    return this.lamp.ask(
      (next) => next.running !== this.manifest.version || isKept(next),
      TRIAL_MS,
      this.silence(true),
      () => {
        const seconds = Math.round((this.clock.now() - began) / 1000);
        this.progress("trial", Math.min(seconds, HEALTHY_SECONDS), HEALTHY_SECONDS);
      },
    );
  }

  /** What is certain when nothing more is heard of it; `isSent`: the lamp may have had all of it. */
  private silence(isSent: boolean): string {
    const { before } = this;
    const { topic } = this.options;
    return isSent
      ? `nothing more is heard of the lamp at ${topic}; it runs version ${this.manifest.version} if that was online for a minute, and ${before} if not: look for it with npx wick doctor, and try again`
      : `nothing more is heard of the lamp at ${topic}; it works as it was, or does so when it is switched on again: try again`;
  }

  private progress(step: OverTheAirProgress["step"], done: number, total: number): void {
    this.options.onProgress?.({ step, done, total });
  }
}

/** After the last piece; without a restart "failed" means that the answer which said "damaged" was lost. */
function requireUndamaged({ note, challenge }: Answer, before: string): void {
  if (challenge === before && (note === "damaged" || note === "failed"))
    throw new Failure(
      "what the lamp wrote into its flash reads otherwise; it goes on as it was: build it anew, which makes a new version, and try again",
    );
}

/** Whether the lamp has said that the version which runs stays; anything else it says is about a message, such as a late one, and no end of the trial. */
function isKept({ note }: Answer): boolean {
  return note === "kept" || note === "ready";
}

/** What the lamp says when it does not take an update, and what there is to do. */
const refusals: Readonly<Record<string, (manifest: Manifest) => string>> = {
  "needs a flash by cable": () =>
    "the lamp was not started by way of the two slots that an update needs; flash it once by cable: npx wick flash",
  "on trial": () =>
    "the lamp is trying another version at this moment; it keeps that or goes back within 6 minutes: try again then",
  "old version": ({ version }) =>
    `the lamp has had version ${version} or a later one, and versions only go up; build with a higher update.version`,
  "no room": ({ size }) =>
    `the flash of the lamp has no room for ${size} bytes that would be safe to write; make room by cable: npx wick flash --compact`,
};
