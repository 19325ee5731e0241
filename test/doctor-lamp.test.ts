/** `wick doctor` and the lamp itself: is it there, does it answer, has it its client identifier to itself? */
import { afterEach, describe, expect, test } from "vitest";
import { Simulation } from "../sim/simulation.ts";
import { EmbeddedBroker } from "../sim/world/broker.ts";
import { BrokerVisit } from "../tools/doctor/broker/visit.ts";
import { diagnose, only, openBroker, type TestBroker } from "./fixtures/doctor-broker.ts";
import { buildLamp } from "./fixtures/scenario-lamp.ts";

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function broker(...rules: Parameters<typeof openBroker>): Promise<TestBroker> {
  const one = await openBroker(...rules);
  closing.push(() => one.close());
  return one;
}

function say(to: TestBroker, topic: string, payload: string): Promise<void> {
  return new Promise((resolve) => {
    to.aedes.publish({ cmd: "publish", topic, payload, qos: 0, retain: true, dup: false }, () => resolve());
  });
}

function visit(to: TestBroker, clientId: string, cleanSession = true): Promise<BrokerVisit> {
  const place = { host: "127.0.0.1", address: "127.0.0.1", port: to.port };
  return BrokerVisit.open(place, { clientId, cleanSession, deadlineMs: 5000 });
}

const impatient = { patience: 0.1 };

describe("the lamp", () => {
  test("a simulated one that is online answers, and is not switched", async () => {
    const embedded = await EmbeddedBroker.create();
    closing.push(() => embedded.close());
    const port = await embedded.listen(0);
    const built = await buildLamp({ board: "linux", settings: { "mqtt.port": String(port) } });
    const simulation = new Simulation({ ...built, network: { kind: "in-process", broker: embedded, port } });
    const stop = new AbortController();
    const online = new Promise<void>((resolve) => {
      embedded.onPublication(({ topic, payload }) => {
        if (topic === "home/office/lamp/status" && payload === "online") resolve();
      });
    });
    const pins: unknown[] = [];
    simulation.onEvent((event) => {
      if (event.type === "pin") pins.push(event);
    });
    simulation.start();
    const running = simulation.runInRealTime(undefined, stop.signal);
    closing.push(async () => {
      stop.abort();
      await running;
      simulation.close();
    });
    await online;
    pins.length = 0;
    const finding = only(await diagnose({ port, about: ["lamp"] }), "lamp");
    expect(finding).toEqual({ status: "ok", message: "online at home/office/lamp, answers, and is off" });
    expect(pins).toEqual([]);
  });

  test("none was ever there: flash it", async () => {
    const { port } = await broker();
    const finding = only(await diagnose({ port, about: ["lamp"], surroundings: impatient }), "lamp");
    expect(finding).toMatchObject({ status: "warning", mend: "npx wick flash" });
    expect(finding.message).toMatch(/^no lamp has ever said on home\/office\/lamp\/status/);
  });

  test("it is offline: its console says why", async () => {
    const house = await broker();
    await say(house, "home/office/lamp/status", "offline");
    const finding = only(
      await diagnose({ port: house.port, about: ["lamp"], surroundings: impatient }),
      "lamp",
    );
    expect(finding).toMatchObject({ status: "failure", message: "the lamp at home/office/lamp is offline" });
    expect(finding.mend).toMatch(/npx wick monitor$/);
  });

  test("the broker believes it online, and it does not answer", async () => {
    const house = await broker();
    await say(house, "home/office/lamp/status", "online");
    const finding = only(
      await diagnose({ port: house.port, about: ["lamp"], surroundings: impatient }),
      "lamp",
    );
    expect(finding.status).toBe("failure");
    expect(finding.message).toMatch(/is online, but it does not answer to home\/office\/lamp\/get$/);
    expect(finding.mend).toMatch(/^wait 45 s/);
  });

  test("an account that may not ask is no fault of the lamp", async () => {
    const house = await broker({ dropTopics: (topic) => topic.endsWith("/get") });
    await say(house, "home/office/lamp/status", "online");
    const finding = only(
      await diagnose({ port: house.port, about: ["lamp"], surroundings: impatient }),
      "lamp",
    );
    expect(finding).toMatchObject({
      status: "warning",
      mend: expect.stringContaining("home/office/lamp/get"),
    });
    expect(finding.message).toMatch(/it cannot be asked/);
  });
});

describe("the client identifier", () => {
  const set = ["mqtt.clientId=hall"];

  test("without one each lamp has its chip's number", async () => {
    const { port } = await broker();
    const finding = only(
      await diagnose({ port, about: ["client id"], surroundings: impatient }),
      "client id",
    );
    expect(finding).toMatchObject({ status: "ok", message: expect.stringContaining("chip's serial number") });
  });

  test("nobody else has it", async () => {
    const { port } = await broker();
    const finding = only(
      await diagnose({ port, set, about: ["client id"], surroundings: impatient }),
      "client id",
    );
    expect(finding).toEqual({ status: "ok", message: 'nobody else calls itself "hall"' });
  });

  test("another client that comes back to take its place", async () => {
    const house = await broker();
    let isOver = false;
    const rival = async (): Promise<void> => {
      while (!isOver) {
        const one = await visit(house, "hall").catch(() => undefined);
        if (isOver) one?.close();
        await one?.ended;
      }
    };
    const first = new Promise<void>((resolve) => house.aedes.once("clientReady", () => resolve()));
    const rivalry = rival();
    await first;
    const finding = only(await diagnose({ port: house.port, set, about: ["client id"] }), "client id");
    isOver = true;
    await house.close();
    closing.length = 0;
    await rivalry;
    expect(finding.message).toBe('another client calls itself "hall" too and takes its place on the broker');
    expect(finding.mend).toMatch(/^give each lamp its own: --set mqtt\.clientId=NAME/);
  });

  test("a lamp that is online is not thrown off; its status tells of a rival", async () => {
    const house = await broker();
    await say(house, "home/office/lamp/status", "online");
    const names = new Set<string>();
    house.aedes.on("clientReady", (client) => names.add(client.id));
    let watchers = 0;
    house.aedes.on("subscribe", (subscriptions) => {
      if (!subscriptions.some(({ topic }) => topic === "home/office/lamp/status")) return;
      watchers += 1;
      if (watchers === 2) void say(house, "home/office/lamp/status", "offline");
    });
    const finding = only(
      await diagnose({ port: house.port, set, about: ["client id"], surroundings: impatient }),
      "client id",
    );
    expect(finding.message).toMatch(
      /^the lamp went offline while it was watched: another client calls itself "hall" too/,
    );
    expect(finding.mend).toMatch(/mqtt\.clientId/);
    expect([...names]).not.toContain("hall");
  });

  test("what waits at the broker for the lamp still waits afterwards", async () => {
    const house = await broker();
    const lamp = await visit(house, "hall", false);
    await lamp.subscribe(["home/office/lamp"], 1);
    lamp.close();
    await lamp.ended;
    const desk = await visit(house, "desk");
    await desk.publish("home/office/lamp", "on", { qos: 1 });
    desk.close();
    await diagnose({ port: house.port, set, about: ["client id"], surroundings: impatient });
    const again = await visit(house, "hall", false);
    const command = await again.message(({ topic }) => topic === "home/office/lamp", 3000);
    again.close();
    expect(again.connack.sessionPresent).toBe(true);
    expect(command).toMatchObject({ payload: "on" });
  });
});
