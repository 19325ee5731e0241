// The page for a board in a real browser: a lamp is put on the simulated board over Bluetooth, over USB, and over the simulator's own cable.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BLUETOOTH, boardSuite, SIMULATED, USB } from "./fixtures/board-desk.ts";
import { lampFor } from "./fixtures/board-page.ts";

boardSuite("the page puts a lamp on the board", (desk) => {
  test.each([
    ["Bluetooth", BLUETOOTH, false],
    ["USB", USB, false],
    ["the cable of the simulator", SIMULATED, true],
  ] as const)("over %s: a bare board, then the lamp is online and obeys", async (_, cable, isSimulated) => {
    const { page } = await desk.open({ isSimulated });
    await desk.connect(cable);
    const facts = await page.getByRole("region", { name: "On the board", exact: true }).innerText();
    expect(facts).toMatch(/Espruino 2v29/);
    expect(facts).toMatch(/Board\s+ESP32/);
    expect(facts).toMatch(/Lamp\s+none/);
    await desk.putItThere();
    expect(desk.board.slot).toBe("a");
    await page.getByText("the one built here").waitFor();
    const { code } = await lampFor("home/new/lamp");
    expect(desk.board.simulation.board.storage.files.read("lamp.a")).toBe(code);
    await desk.obeys("home/new/lamp");
  });

  test("in place of somebody's own program, which can be saved on the computer", async () => {
    const { page } = await desk.open();
    const own = `print("mine");`;
    desk.board.simulation.board.storage.files.write(".bootcde", own);
    await desk.connect(USB);
    await desk.putItThere();
    expect(desk.board.simulation.board.storage.files.names()).not.toContain(".bootcde");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "save it on this computer" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("board.bootcde.js");
    expect(readFileSync(await download.path(), "utf8")).toBe(own);
  });
});
