// The page for a board in a real browser, and what goes wrong: a link that is lost, a wrong board, a browser without cables, a board that talks without end.
import { expect, test } from "vitest";
import { BLUETOOTH, boardSuite, SIMULATED, USB } from "./fixtures/board-desk.ts";
import { lampFor, openBoardTab } from "./fixtures/board-page.ts";

boardSuite("the page for a board, when something goes wrong", (desk) => {
  test.each([
    ["Bluetooth", BLUETOOTH],
    ["USB", USB],
  ] as const)(
    "%s is lost in the middle of the upload: the old lamp goes on, and the page comes back",
    async (_, name) => {
      const old = await lampFor("home/old/lamp");
      const { peripheral } = await desk.open({ program: old.code });
      await desk.connect(name);
      peripheral.dropAfter = 3000;
      await desk.button("Put it on the board").click();
      await desk.alert(/^The board is gone: .*What was on the board before is as it was\.$/);
      await desk.obeys("home/old/lamp");
      expect(desk.board.slot).toBe(undefined);
      const asked = await peripheral.get("asked");
      await desk.button("Reconnect").click();
      await desk.looked();
      expect(await peripheral.get("asked")).toBe(asked);
      await desk.putItThere();
      await desk.obeys("home/new/lamp");
    },
  );

  test.each([
    ["Bluetooth", BLUETOOTH],
    ["USB", USB],
  ] as const)("%s is lost in the middle of an evaluation: said at once, and reconnected", async (_, name) => {
    const { peripheral } = await desk.open();
    await desk.connect(name);
    // The question leaves, and its answer never comes.
    peripheral.toPage = () => "";
    await desk.button("On").click();
    await desk.board.until(() => peripheral.sent.includes("digitalWrite(D2,1)"), "the question is sent");
    await peripheral.drop();
    await desk.alert(/^The board is gone/);
    peripheral.toPage = (bytes) => bytes;
    await desk.button("Reconnect").click();
    await desk.looked();
    await desk.button("On").click();
    await desk.page.getByText("D2, set to 100 %").waitFor();
    expect(desk.board.simulation.board.pins.value("D2")).toBe(1);
  });

  test("stopped in the middle of the upload: the old lamp goes on, and the new one can be sent again", async () => {
    const old = await lampFor("home/old/lamp");
    const { peripheral } = await desk.open({ program: old.code });
    await desk.connect(USB);
    const before = peripheral.sent.length;
    // The board stands still in the middle of it, so that the page waits for what it confirms.
    peripheral.onSent = () => {
      if (peripheral.sent.length > before + 3000) desk.board.simulation.pacer.pause();
    };
    await desk.button("Put it on the board").click();
    await desk.board.until(() => desk.board.simulation.pacer.paused, "some of it is sent");
    peripheral.onSent = () => undefined;
    await desk.button("Stop").click();
    desk.board.simulation.pacer.resume();
    await desk.alert("Stopped; what was on the board before is as it was.");
    await desk.obeys("home/old/lamp");
    await desk.putItThere();
    await desk.obeys("home/new/lamp");
  });

  test("the server of the page has ended: said, and nothing is sent", async () => {
    const { peripheral, complaints } = await desk.open();
    await desk.connect(USB);
    await desk.board.server.close();
    const before = peripheral.sent.length;
    await desk.button("Put it on the board").click();
    await desk.alert("The server of this page does not hand out the bundle: start it again");
    expect(peripheral.sent.slice(before)).not.toContain("lamp.a");
    // The browser's own words on a server that cannot be reached.
    complaints.splice(
      0,
      complaints.length,
      ...complaints.filter((one) => !one.includes("ERR_CONNECTION_REFUSED")),
    );
  });

  test("a board that hangs: the deadline passes, and the page says what to do", async () => {
    const { peripheral } = await desk.open();
    await desk.connect(BLUETOOTH);
    peripheral.connected = false;
    await desk.button("On").click();
    await desk.alert(/no answer from ble:Lamp to digitalWrite\(D2,1\): restart the board/);
    peripheral.connected = true;
    await desk.button("On").click();
    await desk.page.getByText("D2, set to 100 %").waitFor();
  });

  test.each([
    ["Bluetooth", BLUETOOTH],
    ["USB", USB],
  ] as const)(
    "%s takes nothing any more: said when the deadline has passed, and reconnected",
    async (_, name) => {
      const { page, peripheral } = await desk.open();
      await page.clock.install();
      await desk.connect(name);
      await peripheral.set("writes", "never end");
      await desk.button("On").click();
      await desk.board.until(async () => {
        await page.clock.fastForward(1_000);
        return page.getByText("it takes nothing any more").isVisible();
      }, "it is said");
      await peripheral.set("writes", "well");
      await desk.button("Reconnect").click();
      await desk.looked();
    },
  );

  test("a bundle for another board is not put on this one", async () => {
    const { page } = await desk.open({ offeredFor: "linux" });
    await desk.connect(BLUETOOTH);
    await page.getByText(/says that it is "ESP32".*name the board that it is with --board: esp32-/).waitFor();
    expect(await desk.button("Put it on the board").isDisabled()).toBe(true);
    expect(await desk.button("On").count()).toBe(0);
  });

  test("a browser with neither Bluetooth nor Serial: the page names some that have them", async () => {
    const { page } = await desk.open({ offers: [] });
    expect(await desk.button(BLUETOOTH).isDisabled()).toBe(true);
    expect(await desk.button(USB).isDisabled()).toBe(true);
    const text = await page.getByRole("region", { name: "Connect" }).innerText();
    expect(text).toContain("No Web Serial: this browser does not have it.");
    expect(text).toContain("Chrome, Edge and Opera have both");
    expect(text).toContain("npx wick flash");
  });

  test("the chooser is closed: nothing is wrong, and it can be opened again", async () => {
    const { page, peripheral } = await desk.open();
    await peripheral.set("chooser", "cancel");
    for (const name of [BLUETOOTH, USB]) {
      await desk.button(name).click();
      await page.getByText("Nothing was chosen.").waitFor();
    }
    await peripheral.set("chooser", "pick");
    await desk.connect(USB);
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
    const { peripheral } = await desk.open();
    await peripheral.set(what, value);
    await desk.button(name).click();
    await desk.alert(new RegExp(sentence.replace(/[()]/g, "\\$&")));
    await peripheral.set("chooser", "pick");
    await peripheral.set("opening", "well");
    await desk.connect(name);
  });

  test("a board that prints all the time is looked at, flashed and read", async () => {
    const { page } = await desk.open({
      program: 'setInterval(function () { print("tick " + getTime().toFixed(3)); }, 20)',
    });
    await desk.connect(USB);
    await page
      .getByText(/^tick /)
      .first()
      .waitFor();
    await desk.putItThere();
    await desk.obeys("home/new/lamp");
    const lines = await page.getByRole("log").locator("li").count();
    expect(lines).toBeLessThanOrEqual(500);
  });

  test("XON and XOFF within answers are no part of them, and XOFF holds the page back until XON", async () => {
    const { page, peripheral } = await desk.open();
    peripheral.toPage = (bytes) => bytes.replace(/ESP32/g, "ES\x13P\x1132").replace(/./g, "$&\x11");
    await desk.connect(BLUETOOTH);
    expect(await page.getByRole("region", { name: "On the board", exact: true }).innerText()).toMatch(
      /Board\s+ESP32/,
    );
    peripheral.toPage = (bytes) => bytes;
    peripheral.say("\x13");
    const before = peripheral.sent.length;
    await desk.button("On").click();
    await page.getByRole("button", { name: "Copy" }).hover();
    expect(peripheral.sent.length).toBe(before);
    peripheral.say("\x11");
    await page.getByText("D2, set to 100 %").waitFor();
  });

  test("noise on the serial line ends nothing", async () => {
    const { page, peripheral } = await desk.open();
    await desk.connect(USB);
    await peripheral.noise();
    await desk.button("On").click();
    await page.getByText("D2, set to 100 %").waitFor();
  });

  test("a second page on the simulator's cable is told who holds it", async () => {
    const { page } = await desk.open({ isSimulated: true });
    await desk.connect(SIMULATED);
    const other = await openBoardTab(desk.browser, desk.board);
    await other.page.getByRole("button", { name: SIMULATED }).click();
    await other.page.getByRole("alert").getByText("another page holds its cable").waitFor();
    await desk.button("Disconnect").click();
    await page.getByText("Not connected", { exact: true }).first().waitFor();
    await other.page.getByRole("button", { name: "Reconnect" }).click();
    await other.page.getByRole("heading", { name: "On the board", exact: true }).waitFor();
    await other.close();
  });
});
