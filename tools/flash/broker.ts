/** The desk's own connection to the lamp's broker, and why there is none, in a sentence. */
import { randomBytes } from "node:crypto";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { certificatePem, privateKey } from "../config/certificate.ts";
import type { Config } from "../config/load.ts";

export interface BrokerAccess {
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Each text is DER in base64, as in `Config`; undefined: no TLS. */
  readonly tls?: Config["tls"];
}

/** No connection to the broker; the message names broker and reason, never a password. */
export class BrokerUnreachable extends Error {
  override readonly name = "BrokerUnreachable";
}

const CONNECT_MS = 8000;

export function brokerOf({ values, tls }: Config): BrokerAccess {
  const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));
  return {
    host: String(values["mqtt.host"]),
    port: Number(values["mqtt.port"]),
    username: text(values["mqtt.username"]),
    password: text(values["mqtt.password"]),
    tls,
  };
}

/** As people write it, without what is secret. */
export function brokerUrl({ host, port, tls }: BrokerAccess): string {
  return `${tls === undefined ? "mqtt" : "mqtts"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Connects under a name of its own, so that no lamp is pushed off. `signal` breaks it off at once. @throws BrokerUnreachable */
export async function connectToBroker(access: BrokerAccess, signal?: AbortSignal): Promise<MqttClient> {
  const { username, password, tls } = access;
  const options: IClientOptions = {
    clientId: `wick-desk-${randomBytes(4).toString("hex")}`,
    protocolVersion: 4,
    clean: true,
    keepalive: 15,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls?.ca === undefined ? {} : { ca: certificatePem(tls.ca) }),
    ...(tls?.cert === undefined || tls.key === undefined
      ? {}
      : { cert: certificatePem(tls.cert), key: keyPem(tls.key, brokerUrl(access)) }),
    // Without an authority of its own the board takes any certificate.
    ...(tls === undefined ? {} : { rejectUnauthorized: tls.ca !== undefined }),
  };
  try {
    return await connected(mqtt.connect(brokerUrl(access), options), signal);
  } catch (error) {
    throw new BrokerUnreachable(`${brokerUrl(access)}: ${reasonOf(error)}`);
  }
}

function connected(client: MqttClient, signal: AbortSignal | undefined): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      client.off("close", onClose);
      signal?.removeEventListener("abort", onStop);
      settled();
    };
    const fail = (error: Error): void =>
      settle(() => {
        client.end(true);
        reject(error);
      });
    const onClose = (): void => fail(new Error("closed"));
    const onStop = (): void => fail(new Error("stopped"));
    // Stays: whoever needs the connection later hears of its end by "close".
    client.on("error", fail);
    client.once("connect", () => settle(() => resolve(client)));
    client.once("close", onClose);
    signal?.addEventListener("abort", onStop, { once: true });
    if (signal?.aborted) onStop();
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there (connection refused)",
  ENOTFOUND: "there is no computer of that name",
  EAI_AGAIN: "the name cannot be looked up now",
  EHOSTUNREACH: "no way leads there from this computer",
  ENETUNREACH: "no way leads there from this computer",
  ETIMEDOUT: "no answer",
  ECONNRESET: "it ended the connection; TLS on one side only?",
};

/** MQTT 3.1.1 section 3.2.2.3 */
const refusals: Readonly<Record<number, string>> = {
  1: "it does not speak MQTT 3.1.1",
  2: "it does not take the desk's client identifier",
  3: "it cannot serve now",
  4: "it refuses mqtt.username and mqtt.password",
  5: "it does not let this user in (not authorized)",
};

function reasonOf(error: unknown): string {
  const { code, message, errors } = error as { code?: string | number; message?: string; errors?: unknown[] };
  if (typeof code === "number") return refusals[code] ?? `it refuses the connection (${code})`;
  if (code !== undefined && reasons[code]) return reasons[code];
  // A name with several addresses fails with several errors.
  if (Array.isArray(errors) && errors[0] !== undefined) return reasonOf(errors[0]);
  if (/connack timeout/i.test(message ?? "")) return "it took the connection and never answered";
  if (message === "stopped") return message;
  if (/closed/i.test(message ?? "")) return "it ended the connection at once";
  return code === undefined ? "no connection" : `no connection (${code})`;
}

/** PEM. @throws BrokerUnreachable when it is no key */
function keyPem(base64: string, url: string): string {
  const key = privateKey(base64);
  if (!key) throw new BrokerUnreachable(`${url}: mqtt.tls.key is no private key that OpenSSL can read`);
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
