/** Where the simulated lamp's broker is: the built-in one, or what `--broker` says. */
import type { EmbeddedBroker } from "../../../sim/world/broker.ts";
import type { Settings } from "../../config/load.ts";
import { Failure, UsageError } from "../errors.ts";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

export const MQTT_PORT = 1883;
const BROKER_HOST = "127.0.0.1";
const EXAMPLE = "a broker is a URL such as mqtt://127.0.0.1:1883";

/** For `.option("--broker <url>", …, parseBroker)`. @throws UsageError */
export function parseBroker(text: string): BrokerAddress {
  // The URL may hold a password: it is not repeated in the message.
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw mistake(EXAMPLE);
  }
  if (url.protocol === "mqtts:")
    throw mistake("the simulated board speaks plain MQTT only, such as mqtt://127.0.0.1:1883");
  if (
    url.protocol !== "mqtt:" ||
    url.hostname === "" ||
    url.port === "0" ||
    (url.pathname !== "" && url.pathname !== "/")
  )
    throw mistake(EXAMPLE);
  const decoded = (part: string): string | undefined => {
    try {
      return part === "" ? undefined : decodeURIComponent(part);
    } catch {
      throw mistake("a % in user or password is written %25");
    }
  };
  return {
    host: url.hostname,
    port: url.port === "" ? MQTT_PORT : Number(url.port),
    username: decoded(url.username),
    password: decoded(url.password),
  };
}

/** Not the command line's own complaint, which would repeat what was written, password and all. */
function mistake(sentence: string): UsageError {
  return new UsageError(`--broker: ${sentence}; see: npx wick sim --help`);
}

/** The embedded broker where nobody from outside has to reach it. */
export function insideOnly(): BrokerAddress {
  return { host: BROKER_HOST, port: MQTT_PORT, username: undefined, password: undefined };
}

/**
 * Lets others reach the embedded broker, on 1883 or the next free port.
 * @throws Failure when no port is to be had.
 */
export async function listen(broker: EmbeddedBroker): Promise<BrokerAddress> {
  try {
    return { ...insideOnly(), port: await broker.listen(MQTT_PORT) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      `no port from ${MQTT_PORT} on for the built-in broker (${code}); use another broker: --broker mqtt://HOST`,
    );
  }
}

/** What the address makes of the lamp's settings; it wins over the config file. */
export function brokerSettings(address: BrokerAddress, embedded: boolean): Settings {
  return {
    "mqtt.host": address.host,
    "mqtt.port": address.port,
    ...(embedded ? { "mqtt.tls": false } : {}),
    ...(address.username === undefined ? {} : { "mqtt.username": address.username }),
    ...(address.password === undefined ? {} : { "mqtt.password": address.password }),
  };
}
