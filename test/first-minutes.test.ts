/** The first five minutes with Wick: what `npm start` shows and obeys, and `wick sim` against Mosquitto. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { describe, type TestContext, test } from "vitest";
import { projectRoot } from "../tools/version.ts";
import { Heard } from "./fixtures/heard.ts";
import { mosquitto, startMosquitto } from "./fixtures/mosquitto.ts";
import { msToEnd, type RunningProgram, startProgram, startWick } from "./fixtures/wick-process.ts";

/** Hands over what is to be done when the test is over, last things first; the tests run side by side. */
type Finished = TestContext["onTestFinished"];

function wick(finished: Finished, ...commandLine: string[]): RunningProgram {
  const program = startWick(commandLine, { folder: projectRoot });
  finished(() => program.kill());
  return program;
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
  const lamp = await besideNeighbour(onTestFinished);
  const port = /broker is on (\d+)/.exec(lamp.out.text)?.[1];
  const shown = await lamp.line(/^mosquitto_pub -h 127\.0\.0\.1 -p \d+ -t \S+ -m on$/);
  const topic = /-t (\S+)/.exec(shown)?.[1] ?? "";
  const line = await lamp.line(/^npx mqtt pub .*$/);
  expect(line).toBe(`npx mqtt pub -h 127.0.0.1 -p ${port} -t ${topic} -m on`);

  const publisher = await connected(onTestFinished, Number(port));
  await publisher.publishAsync(topic, "on");
  await lamp.line(/^ *\d+\.\d{3} s {2}\w+ = 1$/);
  await lamp.line(new RegExp(`<- lamp {2}${topic}/state "on" \\(retained\\)$`));

  const lit = [lamp];
  const took = await msToEnd(async () => lit.pop() ?? besideNeighbour(onTestFinished));
  expect(took).toBeLessThan(1000);
});

/** `wick sim`, and a lamp that is online, where port 1883 is taken: by a neighbour in this process, or by whoever else has it, and may let it go just then. */
async function besideNeighbour(finished: Finished): Promise<RunningProgram> {
  const neighbour = createServer();
  const asked = new Promise<unknown>((resolve) =>
    neighbour.once("error", resolve).once("listening", resolve),
  );
  neighbour.listen(1883, "127.0.0.1");
  await asked;
  finished(() => void neighbour.close());
  const lamp = wick(finished, "sim");
  const port = await lamp.line(
    /^Port 1883 is taken; the built-in broker is on \d+\.$|^mosquitto_pub .* -p 1883 /,
  );
  if (port.startsWith("Port")) {
    await lamp.line(/<- lamp {2}\S+\/status "online" \(retained\)$/);
    return lamp;
  }
  await lamp.kill();
  return besideNeighbour(finished);
}

const missing = [
  ...(mosquitto === undefined ? ["mosquitto"] : []),
  ...(spawnSync("mosquitto_pub", ["--help"]).error === undefined ? [] : ["mosquitto_pub"]),
];
const suite = missing.length > 0 ? describe.skip : describe.concurrent;
const reason = missing.length > 0 ? `: ${missing.join(" and ")} not installed` : "";

suite(`wick sim against Mosquitto${reason}`, () => {
  const base = "test/first/minutes";

  async function openMosquitto(finished: Finished): Promise<number> {
    const folder = mkdtempSync(join(tmpdir(), "wick-mosquitto-"));
    finished(() => rmSync(folder, { recursive: true, force: true }));
    const { port, close } = await startMosquitto(folder, "allow_anonymous true\n");
    finished(close);
    return port;
  }

  /** What the broker holds: the retained messages of these topics. */
  async function retainedAt(
    finished: Finished,
    port: number,
    topics: readonly string[],
  ): Promise<Record<string, string>> {
    const watcher = await connected(finished, port);
    const found: Record<string, string> = {};
    const heard = new Heard();
    watcher.on("message", (topic, payload, { retain }) => {
      if (retain) found[topic] = payload.toString();
      heard.add(`${topic} ${payload} ${retain ? "retained" : "new"}\n`);
    });
    await watcher.subscribeAsync([...topics]);
    await heard.find(
      () => topics.every((topic) => topic in found),
      `what is retained of ${topics.join(", ")}`,
    );
    return found;
  }

  const options = (port: number) => [
    ...["sim", "--headless", "--json", "--config", join(projectRoot, "flash.config.json")],
    ...["--broker", `mqtt://127.0.0.1:${port}`, "--board", "linux", "--set", `lamp.topic=${base}`],
  ];

  test("prints the events of the contract, and its messages are retained and right", async ({
    expect,
    onTestFinished,
  }) => {
    const port = await openMosquitto(onTestFinished);
    const watcher = await connected(onTestFinished, port);
    const heard = new Heard();
    watcher.on("message", (topic, payload) => heard.add(`${topic} ${payload}\n`));
    await watcher.subscribeAsync(`${base}/#`);
    const lamp = wick(onTestFinished, ...options(port));
    await heard.find((text) => text.includes(`${base}/status online\n`), "online");
    const words = ["-h", "127.0.0.1", "-p", `${port}`, "-t", base, "-m", "on"];
    const published = startProgram("mosquitto_pub", words, { folder: projectRoot });
    expect(await published.ended).toEqual({ code: 0, out: "", error: "" });
    await heard.find((text) => text.includes(`${base}/state on\n`), "the state");
    await heard.find((text) => text.includes(`${base}/json {"state":"ON"`), "the state as JSON");
    const topics = [`${base}/state`, `${base}/json`, `${base}/status`];
    expect(await retainedAt(onTestFinished, port, topics)).toEqual({
      [`${base}/state`]: "on",
      [`${base}/json`]: '{"state":"ON","brightness":255,"color_mode":"brightness"}',
      [`${base}/status`]: "online",
    });
    lamp.child.kill("SIGINT");
    expect(await lamp.ended).toMatchObject({ code: 0 });
    const events = lamp.lines.map((line) => JSON.parse(line));
    expect(events[0]).toEqual({ t: 0, type: "boot" });
    expect(events).toContainEqual({ t: expect.any(Number), type: "socket", state: "open" });
    expect(events).toContainEqual({ t: expect.any(Number), type: "pin", pin: "D2", value: 1 });
    expect(events.filter(({ type }) => type === "error" || type === "fault")).toEqual([]);
  });

  test("after a kill -9 of the simulator the broker says offline", async ({ expect, onTestFinished }) => {
    const port = await openMosquitto(onTestFinished);
    const lamp = wick(onTestFinished, ...options(port));
    const watcher = await connected(onTestFinished, port);
    const said = new Heard();
    watcher.on("message", (_, payload) => said.add(`${payload}\n`));
    await watcher.subscribeAsync(`${base}/status`);
    await said.match(/^online\n/);
    await lamp.kill();
    await said.match(/offline\n/);
    expect(said.text).toBe("online\noffline\n");
    const status = `${base}/status`;
    expect(await retainedAt(onTestFinished, port, [status])).toEqual({ [status]: "offline" });
  });
});
