// The server of the page: who may talk to it, what it says, and that it stands whatever it is told.
import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { FASTEST as PACER_FASTEST, SLOWEST as PACER_SLOWEST } from "../sim/pacer.ts";
import { Simulation } from "../sim/simulation.ts";
import { scenarioActions } from "../sim/web/actions.ts";
import { pageAssets } from "../sim/web/assets.ts";
import { type Batch, FASTEST, KEPT, SLOWEST, type Snapshot } from "../sim/web/protocol.ts";
import { type PageServer, serveSimulation } from "../sim/web/server.ts";
import { loadProfile } from "../tools/config/profile.ts";
import { ask, BarePage, refused } from "./fixtures/bare-page.ts";

const profile = loadProfile("esp32-devkitc");
const lamp = { topic: "attic/lamp", pin: "D2", activeLow: false, gamma: 2.2, button: profile.button };
const ended: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

/** A board that runs `bundle`, at board time 0, and its page. */
async function serve(bundle = ""): Promise<{ simulation: Simulation; server: PageServer }> {
  const simulation = new Simulation({ profile, bundle, lamp, network: { kind: "in-process", port: 1883 } });
  const server = await serveSimulation(simulation, { port: 0, actions: scenarioActions(simulation) });
  simulation.start();
  ended.push(
    () => simulation.close(),
    () => server.close(),
  );
  return { simulation, server };
}

async function openPage(server: PageServer): Promise<BarePage> {
  const page = new BarePage(server);
  ended.push(() => page.close());
  await page.opened();
  return page;
}

describe("the port", () => {
  test("is on 127.0.0.1, and the next one where the wanted one is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    ended.push(() => new Promise<void>((resolve) => taken.close(() => resolve())));
    const { port } = taken.address() as { port: number };
    const { simulation } = await serve();
    const server = await serveSimulation(simulation, { port, actions: scenarioActions(simulation) });
    ended.push(() => server.close());
    expect(server.port).toBeGreaterThan(port);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect((await ask(server, "/")).status).toBe(200);
  });

  test("is free again after close, and no page is left hanging", async () => {
    const { server } = await serve();
    const page = await openPage(server);
    await server.close();
    await expect(page.until(() => false)).rejects.toThrow("closed");
    await expect(ask(server, "/")).rejects.toThrow("ECONNREFUSED");
  });
});

describe("the files", () => {
  test("of the page are all its own, and its script is below 60 KB", async () => {
    const assets = await pageAssets();
    const script = assets.get("page.js")?.body ?? Buffer.from("");
    expect(script.length).toBeGreaterThan(10_000);
    expect(script.length).toBeLessThan(60_000);
    const html = String(assets.get("")?.body);
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? "");
    expect(links.length).toBe(3);
    expect(links.filter((link) => !assets.has(link.slice(1)))).toEqual([]);
    const everything = [...assets.values()].map(({ body }) => String(body)).join("\n");
    const elsewhere = [...everything.matchAll(/\bhttps?:\/\/[^"'`\s)]+/g)]
      .map(([link]) => link)
      .filter((link) => !link.startsWith("http://www.w3.org/"));
    expect(elsewhere).toEqual([]);
  });

  test("come with a policy that lets nothing in from elsewhere, and no CORS", async () => {
    const { server } = await serve();
    const { headers } = await ask(server, "/");
    expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test.each([
    ["/../package.json", "GET", 404],
    ["/%2e%2e/package.json", "GET", 404],
    ["/nothing", "GET", 404],
    ["/", "POST", 405],
    ["/", "OPTIONS", 405],
    ["/", "HEAD", 200],
    ["/?x=1", "GET", 200],
  ] as const)("%s by %s: %i", async (path, method, status) => {
    const { server } = await serve();
    expect((await ask(server, path, { method })).status).toBe(status);
  });
});

describe("other sites", () => {
  test("cannot reach it under a name of their own (DNS rebinding)", async () => {
    const { server } = await serve();
    for (const Host of [
      "evil.example",
      `evil.example:${server.port}`,
      "127.0.0.1:1",
      `127.0.0.1.evil.example:${server.port}`,
    ]) {
      const { status, body } = await ask(server, "/", { headers: { Host } });
      expect([status, body]).toEqual([
        403,
        `This server answers to 127.0.0.1:${server.port} and localhost:${server.port} only, not to "${Host}".\n`,
      ]);
    }
    expect((await ask(server, "/", { headers: { Host: `localhost:${server.port}` } })).status).toBe(200);
  });

  test("cannot open its web socket", async () => {
    const { server } = await serve();
    const only = `403 Only the page at ${server.url} may open this web socket, not`;
    expect(await refused(server, { Origin: "http://evil.example" })).toBe(`${only} "http://evil.example".`);
    expect(await refused(server, { Origin: "null" })).toBe(`${only} "null".`);
    expect(await refused(server, { Origin: `https://127.0.0.1:${server.port}` })).toContain("403");
    expect(await refused(server, { Origin: `${server.url}.evil.example` })).toContain("403");
    expect(await refused(server, {})).toBe(`${only} a nameless one.`);
    expect(await refused(server, { Origin: server.url, Host: "evil.example" })).toContain(
      'not to "evil.example"',
    );
    expect(await refused(server, { Origin: server.url }, "/other")).toBe("403 The web socket is at /socket.");
  });
});

describe("a page", () => {
  test("starts with a snapshot: the board, the lamp, every pin, what happened so far", async () => {
    const { simulation, server } = await serve('console.log("hello"); setTimeout(() => D2.set(), 500)');
    await simulation.advance(1_000);
    const { facts, state, pinChanges, lines } = (await (await openPage(server)).opened()) as Snapshot;
    expect(facts.profile.drawing?.rows.length).toBe(2);
    expect(facts.lamp).toEqual(lamp);
    expect(state.pins.D2).toMatchObject({ value: 1, mode: "output" });
    expect(state.clock).toEqual({ t: 1_000, speed: 1, paced: false, paused: false });
    expect(state.gauges.timers).toBe(0);
    expect(state.gauges.memory?.total).toBe(16383);
    expect(state.gauges.storage.totalBytes).toBe(simulation.board.storage.flash.bytes);
    expect(pinChanges).toEqual([[500, "D2", 1]]);
    expect(lines.map(({ text }) => text)).toEqual(["the board boots", "hello"]);
  });

  test("is told of every change, once and in order", async () => {
    const { simulation, server } = await serve("setInterval(() => D2.toggle(), 100)");
    const page = await openPage(server);
    const seen = () => page.batches().flatMap((batch) => batch.pinChanges);
    await simulation.advance(450);
    await page.until(() => seen().length >= 4);
    await simulation.advance(200);
    await page.until(() => seen().length >= 6);
    expect(seen()).toEqual([1, 2, 3, 4, 5, 6].map((count) => [count * 100, "D2", count % 2]));
  });

  test("is not flooded: 20,000 changes at once are a few messages with the newest of them", async () => {
    const { simulation, server } = await serve("setInterval(() => D2.toggle(), 1)");
    const page = await openPage(server);
    await simulation.advance(20_000);
    await page.until(() => page.batches().some((batch) => batch.state.clock?.t === 20_000));
    const seen = page.batches().flatMap((batch: Batch) => batch.pinChanges);
    expect(seen.at(-1)).toEqual([20_000, "D2", 0]);
    expect(seen.length).toBeLessThanOrEqual(page.batches().length * KEPT.pinChanges);
    expect(page.batches().length).toBeLessThan(200);
  });

  test("that takes nothing in gets a snapshot later, and the others are not held up", async () => {
    const { simulation, server } = await serve(
      'const long = "x".repeat(2000); setInterval(() => { for (let i = 0; i < 20; i++) console.log(long); }, 10)',
    );
    const slow = await openPage(server);
    const quick = await openPage(server);
    slow.pause();
    const told = () => quick.batches().reduce((sum, batch) => sum + batch.lines.length, 0);
    // More than the sockets of a host hold on the way.
    for (let rounds = 0; rounds < 60; rounds++) {
      const before = told();
      await simulation.advance(200);
      await quick.until(() => told() > before);
    }
    expect(slow.snapshots().length).toBe(1);
    slow.resume();
    await slow.until(() => slow.snapshots().length > 1);
    expect(slow.snapshots().at(-1)?.lines.length).toBe(KEPT.lines);
  });

  test("that asks and asks and takes no answers is let go, and the others are not", async () => {
    const { server } = await serve();
    const deaf = await openPage(server);
    const quick = await openPage(server);
    deaf.pause();
    // Each is answered with as many bytes; more than the sockets of a host hold on the way.
    for (let id = 1; id <= 600; id++) deaf.say({ type: "x".repeat(60_000), id });
    expect(await quick.answer({ type: "watch", on: true }, 1)).toBe("done");
    deaf.resume();
    await expect(deaf.until(() => false)).rejects.toThrow("closed with 1006");
    expect(deaf.messages.filter(({ type }) => type === "answer").length).toBeLessThan(600);
  });

  test("that asks for snapshots and takes none in gets no more than fit on the way", async () => {
    const { simulation, server } = await serve(
      'const long = "x".repeat(2000); setInterval(() => { for (let i = 0; i < 20; i++) console.log(long); }, 10)',
    );
    const deaf = await openPage(server);
    await simulation.advance(1000);
    deaf.pause();
    for (let id = 1; id <= 600; id += 2) {
      deaf.say({ type: "watch", on: false, id });
      deaf.say({ type: "watch", on: true, id: id + 1 });
    }
    deaf.resume();
    await deaf.until(() => deaf.messages.some((found) => found.type === "answer" && found.id === 600));
    expect(deaf.snapshots().length).toBeLessThan(200);
  });

  test("that is hidden is told nothing, and starts anew when it is shown", async () => {
    const { simulation, server } = await serve("setInterval(() => D2.toggle(), 100)");
    const page = await openPage(server);
    expect(await page.answer({ type: "watch", on: false }, 1)).toBe("done");
    const before = page.batches().length;
    await simulation.advance(10_000);
    expect(await page.answer({ type: "watch", on: true }, 2)).toBe("done");
    expect(page.batches().length).toBe(before);
    expect(page.snapshots().at(-1)?.pinChanges.length).toBe(100);
  });

  test("starts anew when another lamp is put on the board", async () => {
    const { simulation, server } = await serve();
    const page = await openPage(server);
    simulation.reload("D5.set()", undefined, { ...lamp, pin: "D5" });
    await page.until(() => page.snapshots().length > 1);
    expect(page.snapshots().at(-1)?.facts.lamp?.pin).toBe("D5");
  });

  test("that leaves with the button held down lets it go; two fingers are one press", async () => {
    const { simulation, server } = await serve();
    const [one, other] = [await openPage(server), await openPage(server)];
    const level = () => simulation.board.pins.value("D0");
    expect(level()).toBe(1);
    expect(await one.answer({ type: "hold", down: true }, 1)).toBe("done");
    expect(await other.answer({ type: "hold", down: true }, 1)).toBe("done");
    expect(level()).toBe(0);
    await other.until(() => other.batches().some((batch) => batch.state.held === true));
    expect(await other.answer({ type: "hold", down: false }, 2)).toBe("done");
    expect(level()).toBe(0);
    one.close();
    await other.until(() => other.batches().some((batch) => batch.state.held === false));
    expect(level()).toBe(1);
  });

  test("that leaves after the lamp has lost its button ends nothing", async () => {
    const { simulation, server } = await serve();
    const [one, other] = [await openPage(server), await openPage(server)];
    expect(await one.answer({ type: "hold", down: true }, 1)).toBe("done");
    simulation.reload("", undefined, { ...lamp, button: undefined });
    one.close();
    await other.until(
      () =>
        other.batches().some((batch) => batch.state.held === false) ||
        other.snapshots().some(({ facts, state }) => !facts.lamp?.button && !state.held),
    );
    expect((await ask(server, "/")).status).toBe(200);
  });

  test("pauses, goes on, steps, changes speed and reboots", async () => {
    const { simulation, server } = await serve("setTimeout(() => D2.set(), 700)");
    const page = await openPage(server);
    expect(await page.answer({ type: "control", control: "pause" }, 1)).toBe("done");
    expect(simulation.pacer.paused).toBe(true);
    expect(await page.answer({ type: "control", control: "step" }, 2)).toBe("done");
    expect(await page.answer({ type: "control", control: "speed", factor: 10 }, 3)).toBe("done");
    expect(simulation.pacer.speed).toBe(10);
    expect(await page.answer({ type: "control", control: "resume" }, 4)).toBe("done");
    expect(simulation.pacer.paused).toBe(false);
    expect(await page.answer({ type: "control", control: "reboot" }, 5)).toBe("done");
    expect(simulation.board.boots).toBe(2);
    expect([SLOWEST, FASTEST]).toEqual([PACER_SLOWEST, PACER_FASTEST]);
  });

  test("does what a scenario can do to the world, and nothing else", async () => {
    const { simulation, server } = await serve();
    const page = await openPage(server);
    const step = (step: unknown, id: number) => page.answer({ type: "step", step }, id);
    expect(await step({ network: { "half-open": true } }, 1)).toBe("done");
    await page.until(() => page.batches().some((batch) => batch.state.faults?.halfOpen));
    expect(simulation.conditions.halfOpen).toBe(true);
    expect(await step({ "power-cut": "ever" }, 2)).toBe("done");
    await page.until(() => page.batches().some((batch) => batch.state.power?.on === false));
    expect(await step({ "power-on": "now" }, 3)).toBe("done");
    expect(await step({ screenshot: "lamp.svg" }, 4)).toBe(
      "a page cannot do screenshot; what it can do is publish, press, set-pin, temperature, wifi, network, broker, power-cut, power-on and clock",
    );
    expect(await step({ wifi: "donw" }, 5)).toMatch(/^wifi is "donw" \(did you mean "down"\?\); allowed is/);
    expect(await step({ publish: "on" }, 6)).toMatch(/this simulation runs without it$/);
    expect(await step({ "set-pin": { pin: "D99", level: "high" } }, 7)).toMatch(
      /^esp32-devkitc has no pin D99/,
    );
  });
});

describe("a message that nobody can understand is answered with a sentence, and everything goes on", () => {
  test.each([
    ["no JSON", "{", "a message must be JSON"],
    ["a list", "[]", "a message must be a JSON object"],
    ["no id", '{"type":"watch","on":true}', "a message needs an id, a whole number"],
    [
      "an unknown type",
      '{"id":1,"type":"eval"}',
      'type is "eval"; allowed are step, control, hold and watch',
    ],
    [
      "an unknown control",
      '{"id":1,"type":"control","control":"exit"}',
      'control is "exit"; allowed are pause, resume, step, reboot, speed',
    ],
    [
      "a speed out of range",
      '{"id":1,"type":"control","control":"speed","factor":1000}',
      "factor is 1000; it must be a number from 0.1 to 100",
    ],
    ["no step", '{"id":1,"type":"step"}', 'step must be an object, such as {"wifi": "down"}'],
    [
      "a prototype",
      '{"id":1,"type":"__proto__"}',
      'type is "__proto__"; allowed are step, control, hold and watch',
    ],
    ["bytes", Buffer.from([1, 2, 3]), "a message must be text"],
  ])("%s", async (_, message, sentence) => {
    const { server } = await serve();
    const page = await openPage(server);
    page.say(message);
    const answer = await page.until(() => page.messages.find((found) => found.type === "answer"));
    expect(answer).toMatchObject({ error: sentence });
    expect(await page.answer({ type: "watch", on: true }, 2)).toBe("done");
  });

  test("one that is too long ends that page's connection and no other's", async () => {
    const { server } = await serve();
    const [long, other] = [await openPage(server), await openPage(server)];
    long.say("x".repeat(100_000));
    await expect(long.until(() => false)).rejects.toThrow("closed with 1009");
    expect(await other.answer({ type: "watch", on: true }, 1)).toBe("done");
  });
});
