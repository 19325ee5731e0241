// The page for a board in a real browser: a lamp is put on the simulated board over Bluetooth, over USB, and over the simulator's own cable.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { noBrowser, openBrowser } from "./drivers/browser.ts";
import {
  BoardPage,
  type BoardPageOptions,
  type BoardTab,
  lampFor,
  openBoardTab,
} from "./fixtures/board-page.ts";

let browser: Browser;
let board: BoardPage;
let tab: BoardTab;

const suite = noBrowser === undefined ? describe : describe.skip;

async function open(options: BoardPageOptions = {}): Promise<BoardTab> {
  board = await BoardPage.open(options);
  tab = await openBoardTab(browser, board);
  return tab;
}

const named = (name: string | RegExp) => tab.page.getByRole("button", { name, exact: true });
const heading = (name: string) => tab.page.getByRole("heading", { name, exact: true });
const isOnline = (topic: string) => () => board.subscribed.includes(topic);

suite(`the page puts a lamp on the board${noBrowser === undefined ? "" : ` (${noBrowser})`}`, () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const { complaints } = tab;
    await tab.close();
    await board.close();
    expect(complaints).toEqual([]);
  });

  test.each([
    ["Bluetooth", /^Bluetooth/, false],
    ["USB", /^USB/, false],
    ["the cable of the simulator", /^Simulated board/, true],
  ] as const)("over %s: a bare board, then the lamp is online and obeys", async (_, button, isSimulated) => {
    const { page } = await open({ isSimulated });
    await named(button).click();
    await heading("On the board").waitFor();
    const facts = await page.getByRole("region", { name: "On the board", exact: true }).innerText();
    expect(facts).toMatch(/Espruino 2v29/);
    expect(facts).toMatch(/Board\s+ESP32/);
    expect(facts).toMatch(/Lamp\s+none/);
    await named("Put it on the board").click();
    await page.getByText("The new lamp is on the board, and runs").waitFor();
    expect(board.slot).toBe("a");
    await page.getByText("the one built here").waitFor();
    const { code } = await lampFor("home/new/lamp");
    expect(board.simulation.board.storage.files.read("lamp.a")).toBe(code);
    await board.until(isOnline("home/new/lamp"), "the lamp is online");
    await board.broker.publish("home/new/lamp", "on", { qos: 1 });
    await board.until(() => board.simulation.board.pins.value("D2") === 1, "the lamp obeys");
  });
});
