// The page for a board on Chromium's own Web Bluetooth: its chooser, its connections, its GATT, with a simulated board as the peripheral.
import type { Browser, Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, type TestContext, test } from "vitest";
import { noBrowser } from "./drivers/browser.ts";
import { DevToolsPeripheral, openBluetoothBrowser } from "./drivers/devtools-peripheral.ts";
import { BoardPage, lampFor } from "./fixtures/board-page.ts";

/** A lamp is some 200 writes, and each passes through four processes there and back: 3 to 13 ms on a computer at leisure, 80 on one with twenty times as much to do as it can. */
const UPLOAD_MS = 180_000;
/**
 * Board time in a second of real time meanwhile. A board gives a packet up that takes longer than 5 s (test/console-slow.test.ts); on a computer with
 * too much to do bytes wait for that long between processes, which is not the link's fault.
 */
const SLOW_MOTION = 0.1;

let browser: Browser;
let board: BoardPage;
let page: Page;

const suite = noBrowser === undefined ? describe : describe.skip;
const named = (name: string | RegExp) => page.getByRole("button", { name, exact: true });

/** The page has found out what is on the board. */
async function connect(context: TestContext): Promise<DevToolsPeripheral> {
  const peripheral = await DevToolsPeripheral.emulate(page, board.simulation);
  if (!peripheral) return context.skip("this Chromium cannot emulate Bluetooth");
  await page.goto(board.server.url);
  await named(/^Bluetooth/).click();
  await page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
  return peripheral;
}

suite(`the page on Chromium's Web Bluetooth${noBrowser === undefined ? "" : ` (${noBrowser})`}`, () => {
  beforeEach(async () => {
    [browser, board] = await Promise.all([openBluetoothBrowser(), BoardPage.open()]);
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
  });
  afterEach(async () => {
    await browser?.close();
    await board?.close();
  });

  test("finds the board by the browser's own chooser, looks at it, switches its pin, and notices when it is gone", async (context) => {
    const peripheral = await connect(context);
    expect(await page.getByRole("region", { name: "On the board", exact: true }).innerText()).toMatch(
      /Board\s+ESP32/,
    );
    await named("On").click();
    await page.getByText("D2, set to 100 %").waitFor();
    expect(board.simulation.board.pins.value("D2")).toBe(1);
    await peripheral.drop();
    await page.getByRole("alert").getByText("The board is gone: the Bluetooth connection ended.").waitFor();
    await named("Reconnect").click();
    await page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
  });

  test("puts a lamp on a bare board, which is online then and obeys", {
    timeout: UPLOAD_MS + 60_000,
  }, async (context) => {
    const peripheral = await connect(context);
    board.simulation.pacer.speed = SLOW_MOTION;
    await named("Put it on the board").click();
    await page
      .getByText("the one built here")
      .waitFor({ timeout: UPLOAD_MS })
      .catch(async (error: Error) => {
        const seen = await page.locator("body").innerText();
        throw new Error(`${error.message}\nBluetooth: ${peripheral.tally}\nThe page: ${seen}`);
      });
    await page.getByText("The new lamp is on the board, and runs").waitFor();
    await page.locator("[data-phase=ready]").waitFor();
    const { code } = await lampFor("home/new/lamp");
    expect(board.simulation.board.storage.files.read("lamp.a")).toBe(code);
    await board.obeys("home/new/lamp");
  });
});
