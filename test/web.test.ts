// The page in a real browser: what one sees of a simulated lamp, and what one can do to it.
import type { Page } from "playwright-core";
import { PNG } from "pngjs";
import { describe, expect, test } from "vitest";
import { DESKTOP, inPage, PHONE } from "./drivers/browser.ts";
import { LampPage, topic } from "./fixtures/lamp-page.ts";
import { type LampTabs, named, toggle, WINDOWS, withLampTabs } from "./fixtures/lamp-tabs.ts";

let tabs: LampTabs;
let lamp: LampPage;

const open = (options = DESKTOP): Promise<Page> => tabs.page(options);

/** Percent of full brightness at which the lamp is drawn. */
const glow = async (page: Page) => Number(await page.locator("[data-lamp]").getAttribute("data-lamp"));
const shows = (page: Page, text: string) => () =>
  page.getByRole("list", { name: "Where things stand" }).getByText(text, { exact: true }).isVisible();
const pinOf = (name: string) => lamp.simulation.board.pins.value(name);

/** Mean colour around the middle of the lamp's glass, as it is on the screen. */
async function glassColour(page: Page): Promise<{ red: number; green: number; blue: number; light: number }> {
  const box = await page.locator("[data-glass]").boundingBox();
  if (!box) throw new Error("the lamp is not on the screen");
  const size = box.width / 2;
  const clip = {
    x: box.x + box.width / 2 - size / 2,
    y: box.y + box.width / 2 - size / 2,
    width: size,
    height: size,
  };
  const { data } = PNG.sync.read(await page.screenshot({ clip }));
  const mean = (channel: number) => {
    let sum = 0;
    for (let index = channel; index < data.length; index += 4) sum += data[index] ?? 0;
    return sum / (data.length / 4);
  };
  const [red, green, blue] = [mean(0), mean(1), mean(2)] as [number, number, number];
  return { red, green, blue, light: 0.2126 * red + 0.7152 * green + 0.0722 * blue };
}

withLampTabs(
  "the page in a browser",
  (opened) => {
    tabs = opened;
    lamp = opened.lamp;
  },
  () => {
    for (const [size, options] of WINDOWS) {
      describe(`in the window of ${size}`, () => {
        test("the lamp is switched by the buttons", async () => {
          const page = await open(options);
          expect(await glow(page)).toBe(0);
          await named(page, "On").click();
          await lamp.until(async () => (await glow(page)) === 100, "the glow");
          expect(pinOf("D2")).toBe(1);
          await named(page, "Toggle").click();
          await lamp.until(async () => (await glow(page)) === 0, "the dark");
          expect(pinOf("D2")).toBe(0);
        });

        test("the lamp is switched by a message from the box", async () => {
          const page = await open(options);
          await page.getByText("Publish a message").click();
          await page.getByLabel("Topic", { exact: true }).fill(`${topic}/set`);
          await page.getByLabel("Payload", { exact: true }).fill('{"state":"ON","brightness":128}');
          await named(page, "Publish").click();
          await lamp.until(async () => (await glow(page)) > 0, "the glow");
          expect(await page.getByText(`Published to ${topic}/set.`).isVisible()).toBe(true);
          // The brightness of 128 of 255 and the lowest level of 1 % of the time.
          expect(await glow(page)).toBeCloseTo(51, -1);
          await named(page, "Off").click();
          await lamp.until(async () => (await glow(page)) === 0, "the dark");
        });

        test("the button is pressed and held: its pin goes low, and high again when it is let go", async () => {
          const page = await open(options);
          const button = page.getByRole("button", { name: "BOOT button on D0" });
          expect(pinOf("D0")).toBe(1);
          await button.scrollIntoViewIfNeeded();
          const box = await button.boundingBox();
          await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 10);
          await page.mouse.down();
          await lamp.until(() => pinOf("D0") === 0, "the pin is low");
          await lamp.until(
            async () => (await button.getAttribute("aria-pressed")) === "true",
            "pressed is shown",
          );
          await page.mouse.move(5, 5);
          expect(pinOf("D0")).toBe(0);
          await page.mouse.up();
          await lamp.until(() => pinOf("D0") === 1, "the pin is high");
          await lamp.until(
            async () => (await button.getAttribute("aria-pressed")) === "false",
            "released is shown",
          );
        });

        test("the Wi-Fi is cut, the page says so, and it comes back", async () => {
          const page = await open(options);
          await lamp.until(shows(page, "Wi-Fi connected"), "Wi-Fi");
          await toggle(page, "Cut the Wi-Fi").click();
          await lamp.until(shows(page, "No Wi-Fi"), "no Wi-Fi");
          await lamp.until(shows(page, "No broker"), "no broker");
          await lamp.until(
            async () => (await toggle(page, "Cut the Wi-Fi").getAttribute("aria-checked")) === "true",
            "the switch is on",
          );
          await toggle(page, "Cut the Wi-Fi").click();
          await lamp.until(shows(page, "Wi-Fi connected"), "Wi-Fi");
          await lamp.until(shows(page, "Broker connected"), "the broker");
          await named(page, "On").click();
          await lamp.until(async () => (await glow(page)) === 100, "the lamp obeys again");
        });

        test("nothing is cut off at the side", async () => {
          const page = await open(options);
          const [document, window] = (await inPage(page, "widths")) as number[];
          expect(document).toBe(window);
        });
      });
    }

    test("the glow on the screen: dark, a quarter, full, in this order, and warm", async () => {
      const page = await open();
      const off = await glassColour(page);
      await lamp.publish("/brightness/set", "64");
      await lamp.until(async () => (await glow(page)) > 0, "the glow");
      expect(Math.abs((await glow(page)) - 25)).toBeLessThan(4);
      const quarter = await glassColour(page);
      await lamp.publish("/brightness/set", "255");
      await lamp.until(async () => (await glow(page)) === 100, "all of the light");
      const full = await glassColour(page);
      expect(quarter.light).toBeGreaterThan(off.light + 15);
      expect(full.light).toBeGreaterThan(quarter.light + 60);
      for (const { red, green, blue } of [quarter, full]) {
        expect(red).toBeGreaterThan(green);
        expect(green).toBeGreaterThan(blue);
      }
      expect(Math.abs(off.red - off.blue)).toBeLessThan(20);
    });

    test("PWM does not flicker: the same picture at any moment", async () => {
      const page = await open();
      await lamp.publish("/brightness/set", "100");
      await lamp.until(async () => (await glow(page)) > 0, "the glow");
      const pictures = [];
      for (let moment = 0; moment < 4; moment++) {
        await lamp.simulation.advance(0.37);
        pictures.push(JSON.stringify(await glassColour(page)));
      }
      expect(new Set(pictures).size).toBe(1);
    });

    test("the slider dims the lamp", async () => {
      const page = await open();
      await page.getByRole("slider", { name: "Brightness" }).fill("128");
      await lamp.until(async () => (await glow(page)) > 40 && (await glow(page)) < 60, "half of the light");
      expect(pinOf("D2")).toBeLessThan(0.3);
    });

    test("the button on the drawing can be pressed too", async () => {
      const page = await open();
      const box = await page.locator("[data-button] rect").first().boundingBox();
      await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2);
      await page.mouse.down();
      await lamp.until(() => pinOf("D0") === 0, "the pin is low");
      await page.mouse.up();
      await lamp.until(() => pinOf("D0") === 1, "the pin is high");
    });

    test("every packet is decoded, and found by its topic", async () => {
      const page = await open();
      await lamp.publish("", "on");
      await page.getByPlaceholder("Filter by type, topic or payload").fill(`${topic}/state`);
      const packet = page.locator(".packet").first();
      await lamp.until(async () => (await packet.textContent())?.includes("on") === true, "the packet");
      await packet.locator("summary").click();
      const text = (await packet.innerText()).replace(/\s+/g, " ");
      expect(text).toContain("PUBLISH");
      expect(text).toContain(`topic ${topic}/state payload on QoS 1 flags retained packet identifier`);
    });

    test("the console, the waveform and the gauges show what the board does", async () => {
      const page = await open();
      await lamp.publish("", "nonsense");
      await lamp.until(() => page.getByRole("log").getByText("nonsense").first().isVisible(), "the line");
      expect(await inPage(page, "isDrawn")).toBe(true);
      expect(await page.getByRole("meter", { name: /^Memory: [\d,]+ of 16,383 variables/ }).count()).toBe(1);
      expect(await page.getByRole("list", { name: "Pins now" }).innerText()).toContain("D2");
    });

    test("paused, the clock stands, and every part can still be read", async () => {
      const page = await open();
      await named(page, "Pause").click();
      await named(page, "Resume").waitFor();
      expect(lamp.simulation.pacer.paused).toBe(true);
      const before = lamp.simulation.clock.now();
      await named(page, "Step").click();
      await lamp.until(() => lamp.simulation.clock.now() > before, "a step");
      await named(page, "Resume").click();
      await named(page, "Pause").waitFor();
      await page.getByLabel("Speed").selectOption("0.5×");
      await lamp.until(() => lamp.simulation.pacer.speed === 0.5, "half speed");
      lamp.simulation.pacer.speed = 1;
    });

    test("all of it by keyboard: switch, hold, cut the Wi-Fi", async () => {
      const page = await open();
      const reach = async (name: RegExp): Promise<void> => {
        for (let press = 0; press < 80; press++) {
          await page.keyboard.press("Tab");
          const focus = (await inPage(page, "focus")) as { name: string; outline: string };
          if (!name.test(focus.name)) continue;
          expect(focus.outline).toBe("solid");
          return;
        }
        throw new Error(`Tab does not reach ${name}`);
      };
      await reach(/^BOOT button/);
      await page.keyboard.down("Space");
      await lamp.until(() => pinOf("D0") === 0, "the pin is low");
      await page.keyboard.up("Space");
      await lamp.until(() => pinOf("D0") === 1, "the pin is high");
      await reach(/^On$/);
      await page.keyboard.press("Enter");
      await lamp.until(async () => (await glow(page)) === 100, "the glow");
      await reach(/PUBACK|PUBLISH/);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      expect(await page.locator(".packet[open] dt").count()).toBeGreaterThan(0);
      await reach(/^Cut the Wi-Fi$/);
      await page.keyboard.press("Space");
      await lamp.until(shows(page, "No Wi-Fi"), "no Wi-Fi");
    });

    test("everything has a name, and what changes is told", async () => {
      const page = await open();
      expect(await inPage(page, "nameless")).toEqual([]);
      const ids = (await inPage(page, "ids")) as string[];
      expect(new Set(ids).size).toBe(ids.length);
      await lamp.publish("", "on");
      await lamp.until(
        async () =>
          (await page.getByRole("status").first().textContent())?.startsWith("Lamp on, 100 %") === true,
        "what a screen reader says",
      );
      expect(await page.locator("h1").count()).toBe(1);
      expect(await page.locator("html").getAttribute("lang")).toBe("en");
    });

    test.each(["light", "dark"] as const)(
      "in %s, every text has the contrast of WCAG AA",
      async (colorScheme) => {
        const page = await open({ ...DESKTOP, colorScheme });
        expect(await inPage(page, "poorContrasts")).toEqual([]);
      },
    );

    test("a tab that was hidden catches up when it is shown again", async () => {
      const page = await open();
      await inPage(page, "hide", true);
      for (const payload of ["on", "off", "on"]) await lamp.publish("", payload);
      await lamp.simulation.advance(60_000);
      expect(await glow(page)).toBe(0);
      await inPage(page, "hide", false);
      await lamp.until(async () => (await glow(page)) === 100, "the glow");
      const states = page.locator(".packet.from-board", { hasText: `${topic}/state` });
      await lamp.until(async () => (await states.count()) >= 3, "the states told meanwhile");
    });

    test("two tabs show the same lamp, and one sees what the other does", async () => {
      const [one, other] = await Promise.all([open(), open(PHONE)]);
      await named(one, "On").click();
      await lamp.until(async () => (await glow(one)) === 100 && (await glow(other)) === 100, "both glow");
      await toggle(other, "Half-open").click();
      await lamp.until(
        async () => (await toggle(one, "Half-open").getAttribute("aria-checked")) === "true",
        "the switch in the other tab",
      );
    });

    test("when the server goes away the page says so, and it comes back by itself", async () => {
      const page = await open();
      const { port } = lamp.server;
      await lamp.server.close();
      await page.getByText("The simulation does not answer any more.").waitFor();
      lamp.server = await LampPage.serve(lamp.simulation, port);
      expect(lamp.server.port).toBe(port);
      await page.getByText("The simulation does not answer any more.").waitFor({ state: "detached" });
      await named(page, "On").click();
      await lamp.until(async () => (await glow(page)) === 100, "the glow");
    });

    test("what cannot be done is said in a sentence", async () => {
      const page = await open();
      await toggle(page, "Broker stopped").click();
      await lamp.until(() => !lamp.broker.running, "the broker stops");
      await named(page, "On").click();
      await page
        .getByRole("alert")
        .getByText("nothing can be published while the broker is stopped")
        .waitFor();
      await toggle(page, "Broker stopped").click();
      await lamp.until(() => lamp.broker.running, "the broker is back");
      await lamp.until(shows(page, "Broker connected"), "the lamp is back");
    });
  },
);
