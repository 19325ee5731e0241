/** A program of one's own means on the board what it means in TypeScript, however short the build makes it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "../tools/build/build.ts";
import { loadConfig } from "../tools/config/load.ts";
import { projectRoot } from "../tools/version.ts";
import { ScriptedBroker } from "./broker/scripted-broker.ts";
import { onEveryBoard } from "./drivers/index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-own-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function buildText(text: string, port = 1883) {
  const entry = join(folder, `program-${port}.ts`);
  writeFileSync(entry, text);
  const config = loadConfig({
    file: null,
    board: "linux",
    set: ["mqtt.host=127.0.0.1", `mqtt.port=${port}`],
  });
  return build({ config, entry });
}

/** Calls the MQTT client, so that there are private fields to be shortened beside the program's own words. */
const client = `
  import { createClient, publish, start, subscribe, tick } from "${projectRoot}firmware/mqtt/client.ts";
  import { connectPacket } from "${projectRoot}firmware/mqtt/wire.ts";
  const client = createClient(
    (onOpen) => require("net").connect({ host: MQTT_HOST, port: MQTT_PORT }, onOpen),
    connectPacket({ clientId: "own", keepAlive: 30, cleanSession: true }),
  );
  start(client);
  setInterval(() => tick(client), 1000);`;

/** Statement, and what it prints. */
const meanings: readonly (readonly [string, string])[] = [
  ["print(JSON.stringify({celsius: 21}))", '{"celsius":21}'],
  [`print("" + JSON.parse('{"celsius":21}').celsius)`, "21"],
  [`print("" + JSON.parse('{"messages":1,"open":2,"id":3}').messages)`, "1"],
  [`const wire = JSON.parse('{"inFl' + 'ight":7}'); print("" + wire["in" + "Flight"])`, "7"],
  [`const by: any = {}; by["cel" + "sius"] = 3; print("" + by.celsius)`, "3"],
  [`print(Object.keys({handler: 1, skipQos: 2, wait: 3}).join())`, "handler,skipQos,wait"],
  [`print("" + ("outboundIdle" in {outboundIdle: 1}))`, "true"],
  [
    `class Sensor { celsius = 4; unit?: string; read() { return this.celsius; } } const sensor: any = new Sensor(); print(sensor["re" + "ad"]() + JSON.stringify(sensor))`,
    '4{"celsius":4}',
  ],
  [
    `class Counted { list: number[] = []; } const one = new Counted(); one.list.push(1); print(JSON.stringify([one, new Counted()]))`,
    '[{"list":[1]},{"list":[]}]',
  ],
  [`function inBlock() { return getTime() < 0 ? 7 : 6; } print("" + [inBlock(), inBlock()])`, "6,6"],
  [
    `switch (getSerial().length) { case -1: print("never"); break; default: const size = 8; print("" + [size, size]); }`,
    "8,8",
  ],
  [`let sum = 0; for (let i = 0; i < 3; i++) { const twice = i * 2; sum += twice; } print("" + sum)`, "6"],
  [
    `const counted = { reads: 0, get value() { return ++this.reads; } }; const read = counted.value + counted.value; print(read + " " + counted.reads)`,
    "3 2",
  ],
  [
    `function Made(this: any, n: number) { this.n = n; } const made: any = new (Made as any)(5); print(JSON.stringify(made))`,
    '{"n":5}',
  ],
  [`const short = { t: 1, e: 2, n: 3, a: 4 }; print(JSON.stringify(short))`, '{"t":1,"e":2,"n":3,"a":4}'],
  [`function three(_a: number, _b: number, _c: number) { return 3; } print("" + (three as any).length)`, "3"],
];

onEveryBoard("what a program prints", (kind) => {
  test("is what it says, beside an MQTT client", async () => {
    const driver = kind.create();
    const { code, map } = await buildText(
      `${client}\n${meanings.map(([statement]) => `{ ${statement} }`).join("\n")}\nprint("done");`,
    );
    const board = await driver.start({ bundle: code, sourceMap: map });
    await board.until(() => board.console.includes("done"), 20_000, "the program has run");
    const printed = board.console.slice(0, board.console.indexOf("done"));
    expect(printed.slice(-meanings.length)).toEqual(meanings.map(([, line]) => line));
    await driver.close();
  });

  test("goes on after a lost connection", async () => {
    const driver = kind.create();
    const broker = new ScriptedBroker();
    const port = await driver.serve(broker);
    const { code, map } = await buildText(
      client.replace(
        "setInterval(() => tick(client), 1000);",
        `let s = 0; setInterval(() => { tick(client); if (++s > 2) { const q = s; publish(client, "a", "" + q, 1, false); } }, 1000);`,
      ),
      port,
    );
    const board = await driver.start({ bundle: code, sourceMap: map });
    const published = () => broker.connections.map((connection) => connection.published.length > 0);
    await board.until(() => published()[0] === true, 20_000, "the first connection brings a message");
    broker.current.close();
    await board.until(() => published()[1] === true, 60_000, "so does the second");
    expect(board.console.filter((line) => /Uncaught|Expecting/.test(line))).toEqual([]);
    await driver.close();
  });
});
