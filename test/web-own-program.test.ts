// The page of a board whose program is no lamp, in a real browser: its pins, its inputs, and nothing that only a lamp has.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Simulation } from "../sim/simulation.ts";
import { scenarioActions } from "../sim/web/actions.ts";
import { type PageServer, serveSimulation } from "../sim/web/server.ts";
import { EmbeddedBroker } from "../sim/world/broker.ts";
import { loadProfile } from "../tools/config/profile.ts";
import { DESKTOP, inPage, noBrowser, openBrowser, openTab, PHONE, type Tab } from "./drivers/browser.ts";
import { PATIENCE_MS } from "./fixtures/heard.ts";

const suite = noBrowser === undefined ? describe : describe.skip;

suite(`the page of another program${noBrowser === undefined ? "" : ` (${noBrowser})`}`, () => {
  let browser: Browser;
  let broker: EmbeddedBroker;
  let simulation: Simulation;
  let server: PageServer;
  let tab: Tab | undefined;

  beforeAll(async () => {
    [browser, broker] = await Promise.all([openBrowser(), EmbeddedBroker.create()]);
    simulation = new Simulation({
      profile: loadProfile("esp32-devkitc"),
      bundle: "setWatch(function(e){digitalWrite(D5,e.state)},D34,{repeat:true})",
      lamp: undefined,
      network: { kind: "in-process", broker, port: 1883 },
    });
    server = await serveSimulation(simulation, { port: 0, actions: scenarioActions(simulation) });
    simulation.start();
    await simulation.advance(100);
  });
  afterAll(async () => {
    await server?.close();
    simulation?.close();
    await broker?.close();
    await browser?.close();
  });
  afterEach(async () => {
    expect(tab?.complaints.splice(0)).toEqual([]);
    await tab?.close();
  });

  const until = (holds: () => unknown, what: string) =>
    expect.poll(holds, { timeout: PATIENCE_MS, message: what }).toBe(true);

  test.each([
    ["a desktop", DESKTOP],
    ["a phone", PHONE],
  ])("on %s has the board's pins, and neither lamp nor button nor topics", async (_size, options) => {
    tab = await openTab(browser, server.url, options, "[data-pin]");
    const { page } = tab;
    expect(await page.locator('[data-pin="D34"]').count()).toBe(1);
    for (const part of ["[data-lamp]", "[data-wire]", "[data-button]"])
      expect(await page.locator(part).count()).toBe(0);
    const text = await page.locator("body").innerText();
    expect(text).not.toMatch(/lamp|toggle|brightness/i);
    expect(await page.locator("[data-hold]").isVisible()).toBe(false);
    expect(await page.getByRole("heading", { name: "Publish" }).isVisible()).toBe(true);
    expect(await inPage(page, "poorContrasts")).toEqual([]);
    const width = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect(width).toBe(0);
  });

  test("sets a voltage, a level and the chip's temperature, and shows what is set", async () => {
    tab = await openTab(browser, server.url, DESKTOP, "[data-pin]");
    const { page } = tab;
    const button = (name: string) => page.getByRole("button", { name, exact: true });
    await page.getByRole("combobox", { name: "Pin" }).selectOption("D34");
    await page.getByLabel("Voltage").fill("0.75");
    await until(() => simulation.board.pins.value("D34") === 0.75, "the voltage is at the pin");
    await page.getByText("0.75 of the supply").waitFor();
    await simulation.advance(50);
    expect(simulation.board.pins.value("D5")).toBe(1);
    await button("Let go").click();
    await until(() => simulation.board.pins.driven("D34") === undefined, "the pin is let go");
    await page.getByRole("combobox", { name: "Pin" }).selectOption("D4");
    await page.getByText("D4 is no analog input.").waitFor();
    await button("High").click();
    await until(() => simulation.board.pins.value("D4") === 1, "the pin is high");
    await until(async () => (await button("High").getAttribute("aria-pressed")) === "true", "High is shown");
    await page.getByLabel("Chip temperature").fill("21.5");
    await until(() => simulation.board.temperature === 21.5, "the chip is cooler");
    await page.getByText("21.5 °C").first().waitFor();
  });
});
