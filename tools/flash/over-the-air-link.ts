/** The desk's way to a lamp through the broker, which comes back by itself. */
import type { MqttClient } from "mqtt";
import { Failure } from "../cli/errors.ts";
import type { Config } from "../config/load.ts";
import { BrokerUnreachable, brokerOf, brokerUrl, connectToBroker } from "./broker.ts";
import { SIGNATURE_BYTES } from "./over-the-air-messages.ts";

/** Messages may be lost either way: who needs an answer asks again. */
export interface UpdateLink {
  /** At QoS 1; what is too short to be signed, a question, at QoS 0, so that it does not wait at the broker for a lamp that comes later. */
  publish(topic: string, payload: Uint8Array): void;
  /** Called for every message of the subscribed topics, until the returned function is called. */
  onMessage(listener: (topic: string, payload: Uint8Array) => void): () => void;
  close(): Promise<void>;
}

const RECONNECT_MS = 1000;

/** How long the broker may take to grant the subscriptions. */
const SUBSCRIBE_MS = 8000;

/**
 * Connects as `config` says and subscribes to `topics`, which the broker grants within `answerMs`. `signal` breaks the connecting off.
 * @throws Failure when the broker cannot be reached or does not allow it
 */
export async function openUpdateLink(
  config: Config,
  topics: readonly string[],
  answerMs = SUBSCRIBE_MS,
  signal?: AbortSignal,
): Promise<UpdateLink> {
  const link = new BrokerLink(config, topics, answerMs);
  try {
    await link.connect(signal);
  } catch (error) {
    await link.close();
    if (error instanceof BrokerUnreachable)
      throw new Failure(`cannot reach the lamp's broker ${error.message}; check it with: npx wick doctor`);
    throw error;
  }
  return link;
}

class BrokerLink implements UpdateLink {
  private client: MqttClient | undefined;
  private closed = false;
  private waiting: NodeJS.Timeout | undefined;
  private readonly listeners = new Set<(topic: string, payload: Uint8Array) => void>();
  private readonly config: Config;
  private readonly topics: readonly string[];

  private readonly answerMs: number;

  constructor(config: Config, topics: readonly string[], answerMs: number) {
    this.config = config;
    this.topics = topics;
    this.answerMs = answerMs;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    const access = brokerOf(this.config);
    const client = await connectToBroker(access, signal);
    if (this.closed) return void client.end(true);
    this.client = client;
    client.on("message", (topic, payload) => {
      for (const listener of [...this.listeners]) listener(topic, payload);
    });
    client.on("close", () => this.lost(client));
    const late = setTimeout(() => client.end(true), this.answerMs);
    const ended = new Promise<[]>((resolve) => client.once("close", () => resolve([])));
    const asked = client.subscribeAsync([...this.topics], { qos: 1 }).catch(() => []);
    const granted = await Promise.race([asked, ended]);
    clearTimeout(late);
    // mqtt.js takes a refused filter for an error, or hands on its 128 (MQTT 3.1.1 section 3.9.3).
    if (granted.length < this.topics.length || granted.some(({ qos }) => Number(qos) > 2))
      throw new Failure(
        `the broker ${brokerUrl(access)} does not let this computer subscribe to ${this.topics.join(" and ")}`,
      );
  }

  publish(topic: string, payload: Uint8Array): void {
    this.client?.publish(
      topic,
      Buffer.from(payload),
      { qos: payload.length > SIGNATURE_BYTES ? 1 : 0 },
      () => {},
    );
  }

  onMessage(listener: (topic: string, payload: Uint8Array) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.waiting);
    const { client } = this;
    this.client = undefined;
    await client?.endAsync(true);
  }

  private lost(client: MqttClient): void {
    if (this.closed || this.client !== client) return;
    this.client = undefined;
    client.end(true);
    this.connectAgain();
  }

  private retry(): void {
    if (this.client) this.lost(this.client);
    else if (!this.closed) this.connectAgain();
  }

  /** One attempt waits at a time: of two connections one would stay open for ever. */
  private connectAgain(): void {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.connect().catch(() => this.retry()), RECONNECT_MS);
  }
}
