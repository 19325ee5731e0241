/** A program that is not trusted reaches one place of the network, whatever hosts it names. */
import { expect, test } from "vitest";
import { ConnectFailure, type Link } from "../sim/world/network.ts";
import { leadTo } from "../sim/world/way-out.ts";
import { networkOf } from "../tools/cli/simulate/session.ts";
import { loadConfig } from "../tools/config/load.ts";

const link = { state: "connecting" } as Link;

test("connections to the port lead to the place; all others are refused at once", () => {
  const reached: string[] = [];
  const network = leadTo(
    {
      connect(host, port) {
        reached.push(`${host}:${port}`);
        return link;
      },
    },
    { port: 1883, to: { host: "127.0.0.1", port: 1999 } },
  );
  const nobody = (): void => {};
  expect(network.connect("192.168.1.1", 1883, nobody)).toBe(link);
  expect(network.connect("broker.example", 1883, nobody)).toBe(link);
  for (const port of [80, 22, 1999])
    expect(() => network.connect("127.0.0.1", port, nobody)).toThrow(new ConnectFailure("refused"));
  expect(reached).toEqual(["127.0.0.1:1999", "127.0.0.1:1999"]);
});

test("with a broker of one's own the lamp, a flash and a bundle reach that one; a program from its sources reaches all", () => {
  const config = loadConfig({ file: null, board: "linux", set: ["mqtt.host=10.0.0.9", "mqtt.port=1884"] });
  const address = { host: "10.0.0.9", port: 1884, username: undefined, password: undefined };
  const only = { port: 1884, to: address };
  const network = (choice: { entry?: string; bundle?: string }) =>
    networkOf({
      config,
      choice: { entry: undefined, bundle: undefined, ...choice },
      address,
      embedded: undefined,
    });
  expect(network({})).toEqual({ kind: "tcp", only });
  expect(network({ bundle: "lamp.js" })).toEqual({ kind: "tcp", only });
  expect(network({ entry: "own.ts" })).toEqual({ kind: "tcp", only: undefined });
});
