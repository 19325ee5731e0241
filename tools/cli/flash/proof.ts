/** Waits until the lamp is online at its broker, lets it blink, and says how to switch it; or says what is known of why it is not. */
import type { MqttClient } from "mqtt";
import type { Config } from "../../config/load.ts";
import { BrokerUnreachable, brokerOf, brokerUrl, connectToBroker } from "../../flash/broker.ts";
import { type LampWatch, NotProven, watchLamp } from "../../flash/online.ts";
import { seconds } from "../../flash/progress.ts";
import { exceptionsIn } from "../../flash/restart.ts";
import { linesForLamp } from "../../flash/try-lines.ts";
import { Failure } from "../errors.ts";
import type { Teller } from "./teller.ts";

export interface ProofOptions {
  readonly config: Config;
  readonly teller: Teller;
  readonly signal?: AbortSignal | undefined;
  /** How long the lamp may take. */
  readonly withinMs: number;
}

const BLINK_MS = 10_000;

/** A connection to the broker, made before the lamp starts, so that nothing it says is missed. */
export class Proof {
  private readonly options: ProofOptions;
  private readonly client: MqttClient;
  private readonly watch: LampWatch;

  private constructor(options: ProofOptions, client: MqttClient, watch: LampWatch) {
    this.options = options;
    this.client = client;
    this.watch = watch;
  }

  /** Undefined, with the reason, when the broker cannot be reached from here: the board need not wait for that. */
  static async prepare(options: ProofOptions): Promise<Proof | { readonly whyNot: string }> {
    let client: MqttClient | undefined;
    try {
      client = await connectToBroker(brokerOf(options.config), options.signal);
      return new Proof(options, client, await watchLamp(client, topicOf(options.config)));
    } catch (error) {
      await client?.endAsync(true);
      if (error instanceof BrokerUnreachable || error instanceof NotProven) return { whyNot: error.message };
      throw error;
    }
  }

  /** The board starts over. */
  restarting(): void {
    this.watch.restarting();
  }

  /** The new lamp runs: what was said before may be of the old one. */
  begin(): void {
    this.watch.begin();
  }

  /** `printed`: what the lamp has printed on its console so far, asked for when it is needed. @throws Failure in one line */
  async run(printed: () => readonly string[]): Promise<void> {
    const { config, teller, signal, withinMs } = this.options;
    const url = brokerUrl(brokerOf(config));
    const topic = topicOf(config);
    const from = performance.now();
    teller.say(`Waiting for the lamp at ${url}`);
    let isOn: boolean;
    try {
      isOn = await this.watch.untilOnline({ withinMs, signal });
    } catch (error) {
      if (!(error instanceof NotProven)) throw error;
      throw notSeen(`was not seen online at ${url} (${topic}/get: ${error.message})`, printed());
    }
    try {
      await this.watch.blink(isOn, { withinMs: BLINK_MS, signal, finally: this.watch.wasOn });
    } catch (error) {
      if (!(error instanceof NotProven)) throw error;
      throw notSeen(`is online at ${url}, but did not obey on ${topic} (${error.message})`, printed());
    }
    const { wasOn } = this.watch;
    const state = (wasOn ?? isOn) ? "on" : "off";
    teller.say(
      `The lamp is online: it answered on ${topic} after ${seconds(performance.now() - from)}, blinked, and is ${state}${wasOn === undefined ? "" : " as before"}`,
    );
    teller.event({ type: "online", broker: url, topic, state });
    teller.say("Try this in another terminal:");
    for (const line of linesForLamp(config)) teller.say(line);
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}

/** The lamp is on the board and runs, but that it works is not proven. `printed` tells why, if anything does. */
export function notSeen(what: string, printed: readonly string[]): Failure {
  const [exception] = exceptionsIn(printed);
  const telling = printed.filter((line) => /^(Wi-Fi|MQTT|update):/.test(line)).slice(-2);
  const said = exception ?? telling.join("; ");
  const mend = /^Wi-Fi:/.test(said)
    ? "check wifi.ssid and wifi.password"
    : "npx wick doctor checks Wi-Fi name, broker and credentials";
  return new Failure(
    `the new lamp is on the board and runs, but it ${what}; ${said === "" ? "it printed nothing about it" : `its console says: ${said}`}; ${mend}`,
  );
}

function topicOf({ values }: Config): string {
  return String(values["lamp.topic"]);
}
