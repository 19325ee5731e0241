// The same steps on a simulation that runs on its own, as the page sends them and a person types them.
import { expect, test } from "vitest";
import { LiveSteps, StepFailure, StepMistake } from "../sim/scenario/index.ts";
import { Simulation } from "../sim/simulation.ts";
import { EmbeddedBroker } from "../sim/world/broker.ts";
import { buildLamp } from "./fixtures/scenario-lamp.ts";

async function given(options: { broker?: boolean; keep?: boolean } = {}) {
  const { bundle, port, ...facts } = await buildLamp({ board: undefined, settings: {} });
  const broker = options.broker === false ? undefined : await EmbeddedBroker.create();
  const simulation = new Simulation({ ...facts, bundle, network: { kind: "in-process", broker, port } });
  const notes: string[] = [];
  const files = new Map<string, string>();
  const steps = new LiveSteps(simulation, {
    note: (text) => notes.push(text),
    ...(options.keep ? { keep: (name: string, content: string) => files.set(name, content) } : {}),
  });
  simulation.start();
  await simulation.advance(5_000);
  return { simulation, steps, notes, files };
}

test("a fault typed takes effect at once, while the clock stands still", async () => {
  const { simulation, steps } = await given();
  await steps.performText("network: { latency: 200ms }");
  expect(simulation.conditions.latencyMs).toBe(200);
  await steps.perform({ network: "off" });
  expect(simulation.conditions.latencyMs).toBe(0);
});

test("a step that takes time waits for whoever moves the clock", async () => {
  const { simulation, steps } = await given();
  let isDone = false;
  const pressed = steps.perform({ press: "300ms" }).then(() => {
    isDone = true;
  });
  await simulation.advance(299);
  expect({ isDone, level: simulation.board.pins.value("D0") }).toEqual({ isDone: false, level: 0 });
  await simulation.advance(1);
  await pressed;
  expect(simulation.board.pins.value("D0")).toBe(1);
});

test("an expectation is met when it comes true, or fails with what happened instead", async () => {
  const { simulation, steps } = await given();
  const met = steps.performText("expect-lamp: { is: on, within: 10s }");
  await steps.performText("publish: on");
  await simulation.advance(5);
  await met;
  await steps.performText("expect-message: { topic: ~/state, payload: on }");
  const failed = steps.performText("expect-lamp: { is: off, within: 2s }").catch((error: unknown) => error);
  await simulation.advance(2_000);
  const failure = (await failed) as StepFailure;
  expect(failure).toBeInstanceOf(StepFailure);
  expect(failure.message).toContain(
    "expected the lamp on D2 to be off within 2 s, but the lamp on D2 is fully on, since",
  );
});

test("with a broker that is not ours, the board's own bytes tell what it publishes", async () => {
  const { bundle, port, ...facts } = await buildLamp({ board: undefined, settings: {} });
  const simulation = new Simulation({ ...facts, bundle, network: { kind: "in-process", port } });
  const broker = await EmbeddedBroker.create();
  const { loopback } = simulation;
  if (loopback) broker.attach(loopback, port, simulation.clock);
  const steps = new LiveSteps(simulation);
  simulation.start();
  await simulation.advance(5_000);
  await steps.performText("expect-link: online");
  await steps.performText("expect-message: { topic: ~/status, payload: online, retain: true }");
  await expect(steps.performText("publish: on")).rejects.toThrow(
    "publish needs the broker that Wick brings along",
  );
});

test("mistakes and what the board does not have are one sentence each", async () => {
  const { steps } = await given();
  await expect(steps.performText("wifi: dwn")).rejects.toThrow(StepMistake);
  await expect(steps.performText("wifi: dwn")).rejects.toThrow(
    'wifi is "dwn" (did you mean "down"?); allowed is up, down,',
  );
  await expect(steps.perform({ "set-pin": { pin: "D99", level: "high" } })).rejects.toThrow(
    "esp32-devkitc has no pin D99",
  );
  await expect(steps.perform("publish")).rejects.toThrow(
    'step publish lacks its value, such as "publish: on"',
  );
});

test("notes and screenshots go where the caller wants them", async () => {
  const { steps, notes, files } = await given({ keep: true });
  await steps.performText("note: now");
  await steps.performText("screenshot: now.svg");
  expect(notes).toEqual(["now", "screenshot now.svg"]);
  expect(files.get("now.svg")).toMatch(/^<svg /);
  const elsewhere = await given();
  await expect(elsewhere.steps.performText("screenshot: now.svg")).rejects.toThrow(
    "files cannot be kept here",
  );
});

test("once closed it sees nothing any more", async () => {
  const { simulation, steps } = await given();
  steps.close();
  await steps.performText("publish: on");
  await simulation.advance(100);
  const failed = steps.performText("expect-lamp: on").catch((error: unknown) => error);
  await simulation.advance(1_000);
  expect(await failed).toBeInstanceOf(StepFailure);
});
