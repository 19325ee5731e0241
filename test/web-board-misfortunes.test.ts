// The page for a board in a real browser, and what goes wrong: a link that is lost, a wrong board, a browser without cables, a board that talks without end.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { noBrowser, openBrowser } from "./drivers/browser.ts";
import type { PeripheralOptions } from "./drivers/emulated-peripheral.ts";
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

async function open(options: BoardPageOptions & PeripheralOptions = {}): Promise<BoardTab> {
  board = await BoardPage.open(options);
  tab = await openBoardTab(browser, board, options);
  return tab;
}

const named = (name: string | RegExp) => tab.page.getByRole("button", { name, exact: true });
const alert = (text: string | RegExp) => tab.page.getByRole("alert").getByText(text).waitFor();
const BLUETOOTH = /^Bluetooth/;
const USB = /^USB/;

async function connect(name: RegExp): Promise<void> {
  await named(name).click();
  await tab.page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
}

const obeys = async (topic: string): Promise<void> => {
  await board.until(() => board.subscribed.includes(topic), `the lamp on ${topic} is online`);
  await board.broker.publish(topic, "on", { qos: 1 });
  await board.until(() => board.simulation.board.pins.value("D2") === 1, "the lamp obeys");
};

suite(`the page for a board, when something goes wrong${noBrowser === undefined ? "" : ` (${noBrowser})`}`, () => {
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
    ["Bluetooth", BLUETOOTH],
    ["USB", USB],
  ] as const)(
    "%s is lost in the middle of the upload: the old lamp goes on, and the page comes back",
    async (_, name) => {
      const old = await lampFor("home/old/lamp");
      const { page, peripheral } = await open({ program: old.code });
      await connect(name);
      peripheral.dropAfter = 3000;
      await named("Put it on the board").click();
      await alert(/^The board is gone: .*What was on the board before is as it was\.$/);
      await obeys("home/old/lamp");
      expect(board.slot).toBe(undefined);
      const asked = await peripheral.get("asked");
      await named("Reconnect").click();
      await page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
      expect(await peripheral.get("asked")).toBe(asked);
      await named("Put it on the board").click();
      await page.getByText("The new lamp is on the board, and runs").waitFor();
      await obeys("home/new/lamp");
    },
  );

  test.each([
    ["Bluetooth", BLUETOOTH],
    ["USB", USB],
  ] as const)("%s is lost in the middle of an evaluation: said at once, and reconnected", async (_, name) => {
    const { peripheral } = await open();
    await connect(name);
    // The question leaves, and its answer never comes.
    peripheral.toPage = () => "";
    await named("On").click();
    await board.until(() => peripheral.sent.includes("digitalWrite(D2,1)"), "the question is sent");
    await peripheral.drop();
    await alert(/^The board is gone/);
    peripheral.toPage = (bytes) => bytes;
    await named("Reconnect").click();
    await tab.page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
    await named("On").click();
    await tab.page.getByText("D2, set to 100 %").waitFor();
    expect(board.simulation.board.pins.value("D2")).toBe(1);
  });

  test("stopped in the middle of the upload: the old lamp goes on, and the new one can be sent again", async () => {
    const old = await lampFor("home/old/lamp");
    const { page, peripheral } = await open({ program: old.code });
    await connect(USB);
    const before = peripheral.sent.length;
    // The board stands still in the middle of it, so that the page waits for what it confirms.
    peripheral.onSent = () => {
      if (peripheral.sent.length > before + 3000) board.simulation.pacer.pause();
    };
    await named("Put it on the board").click();
    await board.until(() => board.simulation.pacer.paused, "some of it is sent");
    peripheral.onSent = () => undefined;
    await named("Stop").click();
    board.simulation.pacer.resume();
    await alert("Stopped; what was on the board before is as it was.");
    await obeys("home/old/lamp");
    await named("Put it on the board").click();
    await page.getByText("The new lamp is on the board, and runs").waitFor();
    await obeys("home/new/lamp");
  });

  test("the server of the page has ended: said, and nothing is sent", async () => {
    const { peripheral, complaints } = await open();
    await connect(USB);
    await board.server.close();
    const before = peripheral.sent.length;
    await named("Put it on the board").click();
    await alert("The server of this page does not hand out the bundle: start it again");
    expect(peripheral.sent.slice(before)).not.toContain("lamp.a");
    // The browser's own words on a server that cannot be reached.
    complaints.splice(
      0,
      complaints.length,
      ...complaints.filter((one) => !one.includes("ERR_CONNECTION_REFUSED")),
    );
  });

  test("a board that hangs: the deadline passes, and the page says what to do", async () => {
    const { peripheral } = await open();
    await connect(BLUETOOTH);
    peripheral.connected = false;
    await named("On").click();
    await alert(/no answer from ble:Lamp to digitalWrite\(D2,1\): restart the board/);
    peripheral.connected = true;
    await named("On").click();
    await tab.page.getByText("D2, set to 100 %").waitFor();
  });

  test.each([
    ["Bluetooth", BLUETOOTH],
    ["USB", USB],
  ] as const)(
    "%s takes nothing any more: said when the deadline has passed, and reconnected",
    async (_, name) => {
      const { page, peripheral } = await open();
      await page.clock.install();
      await connect(name);
      await peripheral.set("writes", "never end");
      await named("On").click();
      await board.until(async () => {
        await page.clock.fastForward(1_000);
        return page.getByText("it takes nothing any more").isVisible();
      }, "it is said");
      await peripheral.set("writes", "well");
      await named("Reconnect").click();
      await page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
    },
  );

  test("a bundle for another board is not put on this one", async () => {
    const { page } = await open({ offeredFor: "linux" });
    await connect(BLUETOOTH);
    await page.getByText('This board says that it is "ESP32"').waitFor();
    expect(await page.getByText(/did you mean "--board esp32-/).isVisible()).toBe(true);
    expect(await named("Put it on the board").isDisabled()).toBe(true);
    expect(await named("On").count()).toBe(0);
  });

  test("a browser with neither Bluetooth nor Serial: the page names some that have them", async () => {
    const { page } = await open({ offers: [] });
    expect(await named(BLUETOOTH).isDisabled()).toBe(true);
    expect(await named(USB).isDisabled()).toBe(true);
    const text = await page.getByRole("region", { name: "Connect" }).innerText();
    expect(text).toContain("No Web Serial: this browser does not have it.");
    expect(text).toContain("Chrome, Edge and Opera have both");
    expect(text).toContain("npx wick flash");
  });

  test("the chooser is closed: nothing is wrong, and it can be opened again", async () => {
    const { page, peripheral } = await open();
    await peripheral.set("chooser", "cancel");
    for (const name of [BLUETOOTH, USB]) {
      await named(name).click();
      await page.getByText("Nothing was chosen.").waitFor();
    }
    await peripheral.set("chooser", "pick");
    await connect(USB);
  });

  test.each([
    [
      "no Bluetooth on this computer",
      BLUETOOTH,
      "chooser",
      "no adapter",
      "Bluetooth is off or missing on this computer",
    ],
    ["Bluetooth denied", BLUETOOTH, "chooser", "denied", "The browser does not allow it (Access denied)"],
    ["a board out of reach", BLUETOOTH, "opening", "out of reach", "could not be reached over Bluetooth"],
    ["a device without console", BLUETOOTH, "opening", "no console", "has no serial console over Bluetooth"],
    [
      "a port that another program holds",
      USB,
      "opening",
      "held by another program",
      "close what else uses it",
    ],
  ] as const)("%s: said in a sentence, and it can be tried again", async (_, name, what, value, sentence) => {
    const { peripheral } = await open();
    await peripheral.set(what, value);
    await named(name).click();
    await alert(new RegExp(sentence.replace(/[()]/g, "\\$&")));
    await peripheral.set("chooser", "pick");
    await peripheral.set("opening", "well");
    await connect(name);
  });

  test("a board that prints all the time is looked at, flashed and read", async () => {
    const { page } = await open({
      program: 'setInterval(function () { print("tick " + getTime().toFixed(3)); }, 20)',
    });
    await connect(USB);
    await page
      .getByText(/^tick /)
      .first()
      .waitFor();
    await named("Put it on the board").click();
    await page.getByText("The new lamp is on the board, and runs").waitFor();
    await obeys("home/new/lamp");
    const lines = await page.getByRole("log").locator("li").count();
    expect(lines).toBeLessThanOrEqual(500);
  });

  test("XON and XOFF within answers are no part of them, and XOFF holds the page back until XON", async () => {
    const { page, peripheral } = await open();
    peripheral.toPage = (bytes) => bytes.replace(/ESP32/g, "ES\x13P\x1132").replace(/./g, "$&\x11");
    await connect(BLUETOOTH);
    expect(await page.getByRole("region", { name: "On the board", exact: true }).innerText()).toMatch(
      /Board\s+ESP32/,
    );
    peripheral.toPage = (bytes) => bytes;
    peripheral.say("\x13");
    const before = peripheral.sent.length;
    await named("On").click();
    await page.getByRole("button", { name: "Copy" }).hover();
    expect(peripheral.sent.length).toBe(before);
    peripheral.say("\x11");
    await page.getByText("D2, set to 100 %").waitFor();
  });

  test("noise on the serial line ends nothing", async () => {
    const { page, peripheral } = await open();
    await connect(USB);
    await peripheral.noise();
    await named("On").click();
    await page.getByText("D2, set to 100 %").waitFor();
  });

  test("a second page on the simulator's cable is told who holds it", async () => {
    const { page } = await open({ isSimulated: true });
    await connect(/^Simulated board/);
    const other = await openBoardTab(browser, board);
    await other.page.getByRole("button", { name: /^Simulated board/ }).click();
    await other.page.getByRole("alert").getByText("another page holds its cable").waitFor();
    await named("Disconnect").click();
    await page.getByText("Not connected", { exact: true }).first().waitFor();
    await other.page.getByRole("button", { name: "Reconnect" }).click();
    await other.page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
    await other.close();
  });
});
