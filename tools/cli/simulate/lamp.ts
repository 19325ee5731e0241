/** From the configuration to what a simulation needs: the bundle, the board and the facts of the lamp. */
import type { LampFacts } from "../../../sim/lamp.ts";
import { FileStorage, FlashFileError } from "../../../sim/storage.ts";
import { BuildError, type BuildResult, build } from "../../build/build.ts";
import { type Config, type LoadOptions, loadConfig, type Settings } from "../../config/load.ts";
import { Failure, UsageError } from "../errors.ts";
import { type BrokerAddress, brokerSettings } from "./broker-address.ts";

/** Where nothing is written: a simulated access point lets everybody in, and every name leads to the simulated network. */
const SIMULATED: Settings = {
  "wifi.ssid": "simulated",
  "wifi.password": "simulated",
  "mqtt.host": "127.0.0.1",
};

export interface LampOptions extends Pick<LoadOptions, "file" | "set" | "board" | "folder"> {
  /** Of the broker; undefined: what the configuration says. */
  readonly broker?: { readonly address: BrokerAddress; readonly embedded: boolean };
}

/** @throws ConfigError, or UsageError for what the simulator cannot do. */
export function configureLamp(options: LampOptions): Config {
  const { broker, ...load } = options;
  const config = loadConfig({
    ...load,
    defaults: SIMULATED,
    overrides: broker ? brokerSettings(broker.address, broker.embedded) : {},
  });
  if (config.tls)
    throw new UsageError(
      "mqtt.tls is on, but the simulated board speaks plain MQTT only; add: --set mqtt.tls=false",
    );
  return config;
}

/** @throws Failure with one line for each place that cannot be built, or where the board could not run it. */
export async function buildLamp(config: Config): Promise<BuildResult> {
  return build({ config }).catch((error: unknown) => {
    throw error instanceof BuildError ? new Failure(error.message) : error;
  });
}

/**
 * The board's flash in a file, or undefined where none is named.
 * @throws UsageError when the file cannot be one.
 */
export function openStorage(path: string | undefined, { profile }: Config): FileStorage | undefined {
  if (path === undefined) return undefined;
  try {
    return new FileStorage(path, profile.flash);
  } catch (error) {
    throw error instanceof FlashFileError ? new UsageError(`--storage: ${error.message}`) : error;
  }
}

/** Without a button: this version has none, and nothing is to offer one. */
export function lampFacts({ values }: Config): LampFacts {
  return {
    topic: String(values["lamp.topic"]),
    pin: String(values["lamp.pin"]),
    activeLow: values["lamp.activeLow"] === true,
    gamma: Number(values["lamp.gamma"] ?? 1),
  };
}
