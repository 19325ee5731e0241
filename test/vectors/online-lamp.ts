// A lamp in the simulator, its bundle built once for each set of settings, that talks to a scripted broker.
import { build } from "../../tools/build/build.ts";
import { loadConfig, type Settings } from "../../tools/config/load.ts";
import { ScriptedBroker } from "../broker/scripted-broker.ts";
import type { BoardDriver, Program, RunningBoard } from "../drivers/driver.ts";
import { simulator } from "../drivers/simulator.ts";

export const lampPin = "D2";
const programs = new Map<string, Promise<Program>>();

/** The bundle for the board `linux` and a broker at 127.0.0.1:1883, brightness off unless `settings` say otherwise. */
export function program(settings: Settings): Promise<Program> {
  const key = JSON.stringify(settings);
  const known = programs.get(key);
  if (known) return known;
  const config = loadConfig({
    file: null,
    board: "linux",
    overrides: { "mqtt.host": "127.0.0.1", "lamp.pwm": false, "lamp.pin": lampPin, ...settings },
  });
  const built = build({ config }).then(({ code, map }) => ({ bundle: code, sourceMap: map }));
  programs.set(key, built);
  return built;
}

export interface OnlineLamp {
  broker: ScriptedBroker;
  lamp: RunningBoard;
  driver: BoardDriver;
}

/** Boots a lamp against `broker`, and by default waits until it has subscribed and has nothing more to say. */
export async function startLamp(
  settings: Settings,
  broker = new ScriptedBroker(),
  options: { waitUntilOnline?: boolean } = {},
): Promise<OnlineLamp> {
  const driver = simulator.create();
  await driver.serve(broker);
  const lamp = await driver.start(await program(settings));
  if (options.waitUntilOnline ?? true) {
    await lamp.until(() => (broker.connections.at(-1)?.published.length ?? 0) > 0, 5_000, "online");
    await lamp.advance(200);
  }
  return { broker, lamp, driver };
}

/** Reasons for which the lamp gave its connection up, in order, as its console tells them. */
export function reasons(lamp: RunningBoard): string[] {
  return lamp.console.flatMap((line) => /^MQTT: (.*); again in \d+ s$/.exec(line)?.[1] ?? []);
}
