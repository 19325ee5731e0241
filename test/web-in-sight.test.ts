// The page in a real browser: that one sees what there is to press, and is told what came of it where one looks.
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { DESKTOP, inPage } from "./drivers/browser.ts";
import { type LampPage, topic } from "./fixtures/lamp-page.ts";
import { type LampTabs, named, toggle, WINDOWS, withLampTabs } from "./fixtures/lamp-tabs.ts";

/** Of windows in px: phones, tablets, laptops, screens. */
const WIDTHS = [360, 390, 768, 1100, 1280, 1440, 1920];

let tabs: LampTabs;
let lamp: LampPage;

const open = (options = DESKTOP): Promise<Page> => tabs.page(options);

withLampTabs(
  "what the page shows and says",
  (opened) => {
    tabs = opened;
    lamp = opened.lamp;
  },
  () => {
    for (const [size, options] of WINDOWS) {
      describe(`in the window of ${size}`, () => {
        test("what cannot be done is said in sight of where it was pressed", async () => {
          const page = await open(options);
          await toggle(page, "Broker stopped").click();
          await lamp.until(() => !lamp.broker.running, "the broker stops");
          await page.getByText("Publish a message").click();
          await named(page, "Publish").click();
          const reason =
            "nothing can be published while the broker is stopped; start it first: broker: start";
          await page.getByRole("alert").getByText(reason).waitFor();
          await page.getByText(`Not published: ${reason}`).waitFor();
          expect(await inPage(page, "inSight", "[role=alert] .notice")).toBe(true);
          expect(await inPage(page, "inSight", ".publish .said")).toBe(true);
          // Far down the page as well.
          await named(page, "Reboot").scrollIntoViewIfNeeded();
          await named(page, "Cut the power for 2\u00a0s").scrollIntoViewIfNeeded();
          expect(await inPage(page, "inSight", "[role=alert] .notice")).toBe(true);
        });

        test("a command that the lamp cannot hear is said beside its button", async () => {
          const page = await open(options);
          const note = page.locator("[data-unheard]");
          const says = (text: string) => lamp.until(async () => (await note.textContent()) === text, text);
          await says("");
          await toggle(page, "Cut the Wi-Fi").click();
          await says("The lamp is offline: no command is heard now.");
          await named(page, "On").click();
          await says("On was published, but the lamp is offline.");
          expect(await inPage(page, "inSight", "[data-unheard]")).toBe(true);
          const [said, button] = await Promise.all([note.boundingBox(), named(page, "On").boundingBox()]);
          expect((said?.y ?? 0) - (button?.y ?? 0)).toBeLessThan(100);
          await toggle(page, "Cut the Wi-Fi").click();
          await says("");
          await toggle(page, "Plug pulled").click();
          await says("The board has no power: no command is heard now.");
          await toggle(page, "Plug pulled").click();
          await says("");
          await toggle(page, "Half-open").click();
          await says("Nothing gets through to the lamp: no command is heard now.");
          await toggle(page, "Half-open").click();
          await lamp.until(() => lamp.isOnline, "the lamp is online");
          await says("");
        });

        test("On and Off show which of them the lamp is, whoever switched it", async () => {
          const page = await open(options);
          const pressed = async () =>
            Promise.all(
              ["On", "Off", "Toggle"].map((name) => named(page, name).getAttribute("aria-pressed")),
            );
          const says = (...wanted: (string | null)[]) =>
            lamp.until(async () => `${await pressed()}` === `${wanted}`, `pressed: ${wanted}`);
          await says("false", "true", null);
          await lamp.publish("/brightness/set", "10");
          await says("true", "false", null);
          await named(page, "Off").click();
          await says("false", "true", null);
          await toggle(page, "Plug pulled").click();
          await says("false", "false", null);
          await toggle(page, "Plug pulled").click();
          await says("false", "true", null);
          const colours = await Promise.all(["On", "Off"].map((name) => inPage(page, "colourOf", name)));
          expect(colours[0]).not.toBe(colours[1]);
        });
      });
    }

    test.each(WIDTHS)("in a window of %i px all that can be pressed is there whole", async (width) => {
      const page = await open();
      await page.setViewportSize({ width, height: 844 });
      await page.getByText("Publish a message").click();
      expect(await inPage(page, "cutOff")).toEqual([]);
      const [document, window] = (await inPage(page, "widths")) as number[];
      expect(document).toBe(window);
      const link = await page.getByRole("link", { name: "Flash it in the browser" }).boundingBox();
      expect(link?.x).toBeGreaterThan(0);
      expect((link?.x ?? 0) + (link?.width ?? width)).toBeLessThan(width);
    });

    test("the signs in the list of packets are explained above it", async () => {
      const page = await open();
      const legend = page.locator(".legend");
      const signs = `→ to the board ← from the board ~ stands for ${topic}`;
      await lamp.until(async () => (await legend.innerText()).replace(/\s+/g, " ").trim() === signs, signs);
      for (const [direction, sign] of [
        ["to-board", "→"],
        ["from-board", "←"],
      ] as const)
        expect(await page.locator(`.packet.${direction} .arrow`).first().textContent()).toBe(sign);
      const [said, list] = await Promise.all([legend.boundingBox(), page.locator(".packets").boundingBox()]);
      expect((said?.y ?? 0) + (said?.height ?? 0)).toBeLessThanOrEqual(list?.y ?? 0);
    });
  },
);
