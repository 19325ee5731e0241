// The page for a board in a real browser: what it shows of a board, its console, the lamp's pin, and how it looks and sounds.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { scenarioActions } from "../sim/web/actions.ts";
import { serveSimulation } from "../sim/web/server.ts";
import { CableEnd } from "../tools/web/cable.ts";
import { boardPage } from "../tools/web/further.ts";
import { offeredBundle } from "../tools/web/offered-bundle.ts";
import { DESKTOP, inPage, noBrowser, openBrowser, PHONE } from "./drivers/browser.ts";
import { BoardPage, type BoardTab, lampFor, openBoardTab } from "./fixtures/board-page.ts";

let browser: Browser;
let board: BoardPage;
const tabs: BoardTab[] = [];

const suite = noBrowser === undefined ? describe : describe.skip;

async function open(options = DESKTOP): Promise<BoardTab> {
  const tab = await openBoardTab(browser, board, { options });
  tabs.push(tab);
  await tab.page.getByRole("button", { name: /^USB/ }).click();
  await tab.page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
  return tab;
}

suite(`the page for a board${noBrowser === undefined ? "" : ` (${noBrowser})`}`, () => {
  beforeAll(async () => {
    browser = await openBrowser();
    board = await BoardPage.open();
  });
  afterAll(async () => {
    await browser?.close();
    await board?.close();
  });
  afterEach(async () => {
    const closing = tabs.splice(0);
    const complaints = closing.flatMap((tab) => tab.complaints);
    for (const tab of closing) await tab.close();
    expect(complaints).toEqual([]);
  });

  test("shows version, board, memory and Storage", async () => {
    const { page } = await open();
    const region = page.getByRole("region", { name: "On the board", exact: true });
    const text = (await region.innerText()).replace(/\s+/g, " ");
    expect(text).toMatch(/Interpreter Espruino 2v29/);
    expect(text).toMatch(/Memory [\d,]+ of 16,383 variables/);
    expect(text).toMatch(/Storage [\d,]+ of 917,504 bytes free/);
    expect(await page.getByRole("meter", { name: /^Storage in use/ }).count()).toBe(1);
  });

  test("the lamp's pin is switched and dimmed, and the page says that the lamp does not know of it", async () => {
    const { page } = await open();
    const level = () => board.simulation.board.pins.value("D2");
    await page.getByRole("button", { name: "On", exact: true }).click();
    await board.until(() => level() === 1, "on");
    await page.getByRole("slider", { name: "Brightness of the pin" }).fill("25");
    await board.until(() => level() === 0.25, "a quarter");
    await page.getByRole("button", { name: "Off", exact: true }).click();
    await board.until(() => level() === 0, "off");
    expect(await page.getByText("The lamp's own program does not know of it").isVisible()).toBe(true);
  });

  test("the console shows what is said, newest last, takes lines, remembers them, and is copied", async () => {
    const { page } = await open();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const line = page.getByLabel("A line for the board");
    const log = page.getByRole("log");
    await line.fill("print('<b>' + 6 * 7 + '</b>')");
    await line.press("Enter");
    await log.getByText("<b>42</b>").waitFor();
    expect(await line.inputValue()).toBe("");
    await line.press("ArrowUp");
    expect(await line.inputValue()).toBe("print('<b>' + 6 * 7 + '</b>')");
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toContain("<b>42</b>");
    await page.getByRole("button", { name: "Clear" }).click();
    await log.getByText("<b>42</b>").waitFor({ state: "detached" });
  });

  test("it keeps no more than 500 lines", async () => {
    const { page } = await open();
    board.simulation.board.consolePort.send(
      `${Array.from({ length: 800 }, (_, index) => `line ${index}`).join("\r\n")}\r\n`,
    );
    await page.getByRole("log").getByText("line 799").waitFor();
    expect(await page.getByRole("log").locator("li").count()).toBe(500);
  });

  test("a port that was disconnected is free for others", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("button", { name: /^USB/ }).click();
    await page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
  });

  test("everything has a name, and all of it works by keyboard", async () => {
    const { page } = await open();
    expect(await inPage(page, "nameless")).toEqual([]);
    expect(await page.locator("h1").count()).toBe(1);
    await page.getByRole("button", { name: "Put it on the board" }).focus();
    const seen: string[] = [];
    for (let press = 0; press < 12; press++) {
      const focus = (await inPage(page, "focus")) as { name: string; outline: string };
      seen.push(focus.name);
      await page.keyboard.press("Tab");
    }
    for (const name of ["On", "Off", "Copy", "Clear", "Interrupt", "Send"]) expect(seen).toContain(name);
  });

  test.each(["light", "dark"] as const)(
    "in %s, every text has the contrast of WCAG AA",
    async (colorScheme) => {
      const { page } = await open({ ...DESKTOP, colorScheme });
      expect(await inPage(page, "poorContrasts")).toEqual([]);
    },
  );

  test.each([
    ["a desktop", DESKTOP],
    ["a phone", PHONE],
  ] as const)("in the window of %s nothing is cut off at the side", async (_, options) => {
    const { page } = await open(options);
    const [document, window] = (await inPage(page, "widths")) as number[];
    expect(document).toBe(window);
  });

  test("the simulator's page links to it, and there it reaches the simulated board; in no window a link is cut off", async () => {
    const { simulation } = board;
    const { config, code } = await lampFor("home/new/lamp");
    const offered = offeredBundle(config, Buffer.from(code, "latin1"), "of this simulation", true);
    const further = boardPage("/board/", () => offered, new CableEnd(simulation));
    const server = await serveSimulation(simulation, {
      port: 0,
      actions: scenarioActions(simulation),
      further,
    });
    const page = await browser.newPage();
    try {
      await page.goto(server.url);
      await page.getByRole("link", { name: "Flash it in the browser" }).click();
      await page.getByRole("button", { name: /^Simulated board/ }).click();
      await page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
      for (const width of [360, 390, 768, 1280, 1440]) {
        await page.setViewportSize({ width, height: 844 });
        expect(await inPage(page, "cutOff"), `${width} px`).toEqual([]);
      }
      await page.getByRole("link", { name: "simulated" }).click();
      await page.waitForSelector("[data-lamp]");
    } finally {
      await page.close();
      await server.close();
    }
  });
});
