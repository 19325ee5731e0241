/** The first five minutes with Wick: what `npm start` shows and obeys, and `wick sim` against Mosquitto. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import mqtt, { type MqttClient } from "mqtt";
import { describe, type TestContext, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Hands over what is to be done when the test is over, last things first; the tests run side by side. */
type Finished = TestContext["onTestFinished"];

/** A program whose lines can be waited for. */
class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  private readonly lines: string[] = [];
  private readonly waiting = new Set<() => void>();

  /** `listensTo`: the stream the lines are taken from. */
  constructor(
    finished: Finished,
    command: string,
    options: readonly string[],
    listensTo: "stdout" | "stderr" = "stdout",
  ) {
    this.child = spawn(command, options, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    finished(() => void this.child.kill("SIGKILL"));
    let rest = "";
    this.child[listensTo]?.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts);
      for (const look of this.waiting) look();
    });
    this.child[listensTo === "stdout" ? "stderr" : "stdout"]?.resume();
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
  }

  /** The first line that matches, as soon as it is there. */
  line(pattern: RegExp): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.lines.map((line) => line.match(pattern)).find((match) => match !== null);
        if (!found) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
      this.ended.then(() => reject(new Error(`ended without ${pattern}:\n${this.lines.join("\n")}`)));
    });
  }

  all(): readonly string[] {
    return this.lines;
  }
}

const wick = (finished: Finished, ...options: string[]) =>
  new Program(finished, process.execPath, [join(root, "bin/wick.js"), ...options]);

async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function connected(finished: Finished, port: number): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  finished(() => client.endAsync(true));
  return client;
}

test.concurrent("npm start names a taken port, shows what to try, obeys it, and ends at once with Ctrl-C", async ({
  expect,
  onTestFinished,
}) => {
  const neighbour = createServer();
  // Where somebody else has the port already, all the better.
  await listening(neighbour, 1883).catch(() => {});
  onTestFinished(() => void neighbour.close());

  const lamp = wick(onTestFinished, "sim");
  const [, port = ""] = await lamp.line(/^Port 1883 is taken; the built-in broker is on (\d+)\.$/);
  const [, , , topic = ""] = await lamp.line(/^mosquitto_pub -h 127\.0\.0\.1 -p (\d+) (-t (\S+) -m on)$/);
  const [line] = await lamp.line(/^npx mqtt pub .*$/);
  expect(line).toBe(`npx mqtt pub -h 127.0.0.1 -p ${port} -t ${topic} -m on`);

  await lamp.line(/<- lamp {2}\S+\/status "online" \(retained\)$/);
  const publisher = await connected(onTestFinished, Number(port));
  await publisher.publishAsync(topic, "on");
  await lamp.line(/^ *\d+\.\d{3} s {2}\w+ = 1$/);
  await lamp.line(new RegExp(`<- lamp {2}${topic}/state "on" \\(retained\\)$`));

  const asked = performance.now();
  lamp.child.kill("SIGINT");
  expect(await lamp.ended).toBe(0);
  expect(performance.now() - asked).toBeLessThan(1000);
});

// Debian keeps it where not everybody looks for programs.
const mosquitto = ["mosquitto", "/usr/sbin/mosquitto"].find(
  (command) => spawnSync(command, ["-h"]).error === undefined,
);
const missing = [
  ...(mosquitto === undefined ? ["mosquitto"] : []),
  ...(spawnSync("mosquitto_pub", ["--help"]).error === undefined ? [] : ["mosquitto_pub"]),
];
const suite = missing.length > 0 ? describe.skip : describe.concurrent;
const reason = missing.length > 0 ? `: ${missing.join(" and ")} not installed` : "";

suite(`wick sim against Mosquitto${reason}`, () => {
  const base = "test/first/minutes";

  async function startMosquitto(finished: Finished): Promise<number> {
    const placeholder = createServer();
    const port = await listening(placeholder, 0);
    await new Promise((resolve) => placeholder.close(resolve));
    const folder = mkdtempSync(join(tmpdir(), "wick-mosquitto-"));
    finished(() => rmSync(folder, { recursive: true, force: true }));
    const config = join(folder, "mosquitto.conf");
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nlog_dest stderr\n`);
    const broker = new Program(finished, mosquitto ?? "", ["-c", config], "stderr");
    await broker.line(/running/);
    return port;
  }

  /** What the broker holds below the lamp's topic: retained messages, by topic. */
  async function retainedAt(
    finished: Finished,
    port: number,
    wanted: number,
  ): Promise<Record<string, string>> {
    const watcher = await connected(finished, port);
    const found: Record<string, string> = {};
    const complete = new Promise<void>((resolve) => {
      watcher.on("message", (topic, payload, { retain }) => {
        if (retain) found[topic] = payload.toString();
        if (Object.keys(found).length === wanted) resolve();
      });
    });
    await watcher.subscribeAsync(`${base}/#`);
    await complete;
    return found;
  }

  const options = (port: number) => [
    ...["sim", "--headless", "--json", "--config", join(root, "flash.config.json")],
    ...["--broker", `mqtt://127.0.0.1:${port}`, "--board", "linux", "--set", `lamp.topic=${base}`],
  ];

  test("prints the events of the contract, and its messages are retained and right", async ({
    expect,
    onTestFinished,
  }) => {
    const port = await startMosquitto(onTestFinished);
    const watcher = await connected(onTestFinished, port);
    const saysOn = new Promise<void>((resolve) => {
      watcher.on("message", (topic, payload) => {
        if (topic === `${base}/status` && payload.toString() === "online")
          new Program(onTestFinished, "mosquitto_pub", [
            "-h",
            "127.0.0.1",
            "-p",
            `${port}`,
            "-t",
            base,
            "-m",
            "on",
          ]);
        if (topic === `${base}/state` && payload.toString() === "on") resolve();
      });
    });
    await watcher.subscribeAsync(`${base}/#`);
    const lamp = wick(onTestFinished, ...options(port), "--duration", "3s");
    await saysOn;
    expect(await retainedAt(onTestFinished, port, 3)).toEqual({
      [`${base}/state`]: "on",
      [`${base}/json`]: '{"state":"ON","brightness":255,"color_mode":"brightness"}',
      [`${base}/status`]: "online",
    });
    expect(await lamp.ended).toBe(0);
    const events = lamp.all().map((line) => JSON.parse(line));
    expect(events[0]).toEqual({ t: 0, type: "boot" });
    expect(events).toContainEqual({ t: expect.any(Number), type: "socket", state: "open" });
    expect(events).toContainEqual({ t: expect.any(Number), type: "pin", pin: "D2", value: 1 });
    expect(events.filter(({ type }) => type === "error" || type === "fault")).toEqual([]);
    expect(events.at(-1)?.t).toBeLessThan(3500);
  });

  test("after a kill -9 of the simulator the broker says offline", async ({ expect, onTestFinished }) => {
    const port = await startMosquitto(onTestFinished);
    const lamp = wick(onTestFinished, ...options(port));
    const watcher = await connected(onTestFinished, port);
    const said: string[] = [];
    const offline = new Promise<void>((resolve) => {
      watcher.on("message", (_, payload) => {
        said.push(payload.toString());
        if (payload.toString() === "online") lamp.child.kill("SIGKILL");
        if (payload.toString() === "offline") resolve();
      });
    });
    await watcher.subscribeAsync(`${base}/status`);
    await offline;
    expect(said).toEqual(["online", "offline"]);
    expect(await retainedAt(onTestFinished, port, 3)).toMatchObject({ [`${base}/status`]: "offline" });
  });
});
