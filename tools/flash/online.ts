/** The proof that the lamp that was just started is online: it comes to the broker anew, answers there, now and not from memory, and obeys. */
import type { MqttClient } from "mqtt";

/** The lamp was not seen, or did not obey; the message is a part of a sentence. */
export class NotProven extends Error {
  override readonly name = "NotProven";
}

export interface LampWatch {
  /** The board starts over now: what is said from here on may be of the new lamp. */
  restarting(): void;
  /** The new lamp runs: answers that came before were of the lamp before. */
  begin(): void;
  /** Whether the lamp before was on when the board started over; undefined when it was not online, or did not say. */
  readonly wasOn: boolean | undefined;
  /** Asks the lamp until it answers, and returns whether it is on. @throws NotProven */
  untilOnline(options: Deadline): Promise<boolean>;
  /** Switches it over and back, each time until it says so, and then to `finally`. @throws NotProven */
  blink(isOn: boolean, options: Deadline & { readonly finally?: boolean | undefined }): Promise<void>;
}

export interface Deadline {
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Between two questions, and between two tries of a command. */
const ASK_AGAIN_MS = 1000;
/** How long the lamp shows the other state, so that people see it. */
const SHOWN_MS = 500;

/**
 * Follows the lamp at `topic` by way of `client`, which stays open.
 * @throws NotProven when the broker does not allow that
 */
export async function watchLamp(client: MqttClient, topic: string): Promise<LampWatch> {
  const watch = new Watch(client, topic);
  const granted = await client
    .subscribeAsync([`${topic}/state`, `${topic}/status`], { qos: 0 })
    .catch(() => []);
  // mqtt.js takes a refused filter for an error, or hands on its 128 (MQTT 3.1.1 section 3.9.3).
  if (granted.length < 2 || granted.some(({ qos }) => Number(qos) > 2))
    throw new NotProven(
      `the broker does not let this computer subscribe to ${topic}/state and ${topic}/status`,
    );
  return watch;
}

class Watch implements LampWatch {
  /** What the lamp said last, since `begin`. */
  private isOn: boolean | undefined;
  private counts = false;
  wasOn: boolean | undefined;
  /** What is known of the lamp before, retained or not. */
  private before: { state?: string; status?: string } = {};
  private hasRestarted = false;
  /** A lamp came to the broker since the board started over: one that had been there all the time does not say so. */
  private cameOnline = false;
  private readonly changed = new Set<() => void>();
  private readonly client: MqttClient;
  private readonly topic: string;

  constructor(client: MqttClient, topic: string) {
    this.client = client;
    this.topic = topic;
    client.on("message", (name, payload, { retain }) => {
      const kind = name.slice(topic.length + 1);
      const said = payload.toString();
      if (!this.hasRestarted) this.before = { ...this.before, [kind]: said };
      // What the broker kept may be of a lamp that was here before (MQTT 3.1.1 section 3.3.1.3).
      if (retain) return;
      if (kind === "status" && this.hasRestarted && said === "online") this.cameOnline = true;
      if (kind === "state" && this.counts) this.isOn = said === "on";
      for (const look of [...this.changed]) look();
    });
    client.on("close", () => {
      for (const look of [...this.changed]) look();
    });
  }

  restarting(): void {
    const { state, status } = this.before;
    this.hasRestarted = true;
    this.cameOnline = false;
    this.wasOn = status === "online" && state !== undefined ? state === "on" : undefined;
  }

  begin(): void {
    this.counts = true;
    this.isOn = undefined;
  }

  async untilOnline(options: Deadline): Promise<boolean> {
    // At QoS 0: a question must not wait at the broker for a lamp that comes later.
    await this.until(
      () => this.isOn !== undefined && this.cameOnline,
      options,
      () => this.publish("/get", "", 0),
    );
    return this.isOn === true;
  }

  async blink(isOn: boolean, options: Deadline & { readonly finally?: boolean | undefined }): Promise<void> {
    const states = [!isOn, isOn];
    if (options.finally !== undefined && options.finally !== isOn) states.push(options.finally);
    for (const [index, state] of states.entries()) {
      if (index > 0) await new Promise((resolve) => setTimeout(resolve, SHOWN_MS));
      await this.switchTo(state, options);
    }
  }

  private async switchTo(on: boolean, options: Deadline): Promise<void> {
    // Said by its name, so that it may be said twice.
    await this.until(
      () => this.isOn === on,
      options,
      () => this.publish("", on ? "on" : "off", 1),
    );
  }

  private silence(withinMs: number): string {
    const within = `within ${Math.round(withinMs / 1000)} s`;
    if (this.isOn === undefined || this.cameOnline) return `no answer ${within}`;
    return `no lamp came online there ${within}: what answers is another one, which was there before; every lamp needs a topic of its own (lamp.topic)`;
  }

  private publish(below: string, payload: string, qos: 0 | 1): void {
    this.client.publishAsync(this.topic + below, payload, { qos }).catch(() => undefined);
  }

  /** Does `again` at once and every second until `done`. */
  private until(done: () => boolean, { withinMs, signal }: Deadline, again: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(deadline);
        clearInterval(repeat);
        this.changed.delete(look);
        signal?.removeEventListener("abort", stop);
        settle();
      };
      const look = (): void => {
        if (done()) finish(resolve);
        else if (!this.client.connected)
          finish(() => reject(new NotProven("the broker ended the connection of this computer")));
      };
      const stop = (): void => finish(() => reject(new NotProven("stopped")));
      const deadline = setTimeout(
        () => finish(() => reject(new NotProven(this.silence(withinMs)))),
        withinMs,
      );
      const repeat = setInterval(again, ASK_AGAIN_MS);
      this.changed.add(look);
      signal?.addEventListener("abort", stop, { once: true });
      if (signal?.aborted) return stop();
      again();
      look();
    });
  }
}
