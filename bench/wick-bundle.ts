// The bundle under test: built by the project's own build for the board `linux`, or read from a file.
import { readFileSync } from "node:fs";
import { build } from "../tools/build/build.ts";
import { loadConfig, type Settings } from "../tools/config/load.ts";
import type { Candidate, Qos } from "./candidates.ts";

/** Builds the lamp, unless told otherwise for the Linux interpreter, talking to a broker on loopback; `settings` win. */
export async function builtBundle(
  port: number,
  qos: Qos,
  settings: Settings = {},
  board = "linux",
): Promise<Candidate> {
  const config = loadConfig({
    file: null,
    board,
    overrides: { "mqtt.host": "127.0.0.1", "mqtt.port": port, "mqtt.qos": qos, ...settings },
  });
  const { code } = await build({ config });
  return { name: "wick", qos, code };
}

/** The same lamp with its states at QoS 0, as Espruino's module sends them: like for like, and none waits for another. */
export async function builtBundleWithQuickStates(port: number, qos: Qos): Promise<Candidate> {
  return { ...(await builtBundle(port, qos, { "mqtt.stateQos": 0 })), name: "wick, states at QoS 0" };
}

/** `{qos}` in `path` stands for 0, 1 or 2. */
export function bundleFromFile(path: string, qos: Qos): Candidate {
  return { name: "wick", qos, code: readFileSync(path.replace("{qos}", String(qos)), "latin1") };
}
