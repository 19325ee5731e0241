// How long after a pin of the simulated board has changed one sees it on the page, in a real browser.
import { noBrowser, openBrowser, openTab } from "../test/drivers/browser.ts";
import { LampPage } from "../test/fixtures/lamp-page.ts";
import { median } from "./machine.ts";
import type { Row, Section } from "./report.ts";

const CHANGES = 100;
const ASKED_MS = 100;
/** Between two changes: no whole number of frames, so that they fall on any moment of a frame. */
const PAUSE_MS = 87;

/**
 * Runs in the page: notes the wall-clock time at which the frame after the one that drew a change begins, when it is on the screen. Chromium's
 * `Date.now` and Node's read the same clock.
 */
const WATCH = `{
  window.seen = [];
  const lamp = document.querySelector("[data-lamp]");
  new MutationObserver(() => {
    requestAnimationFrame(() => window.seen.push(Date.now()));
  }).observe(lamp, { attributes: true, attributeFilter: ["data-lamp"] });
}`;

const whenSeen = (count: number) => `new Promise((resolve) => {
  const look = () => (window.seen.length < ${count} ? requestAnimationFrame(look) : resolve());
  look();
})`;

/** Runs in the page: from a click on Toggle to the frame after the lamp has changed, all on the browser's own clock. */
const ROUND_TRIP = `new Promise((resolve) => {
  const lamp = document.querySelector("[data-lamp]");
  const clicked = performance.now();
  const observer = new MutationObserver(() => {
    observer.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - clicked));
  });
  observer.observe(lamp, { attributes: true, attributeFilter: ["data-lamp"] });
  document.querySelector("[data-command=toggle]").click();
})`;

/** @throws Error where there is no browser. */
export async function measurePage(): Promise<Section> {
  if (noBrowser !== undefined) throw new Error(noBrowser);
  const browser = await openBrowser();
  const lamp = await LampPage.open();
  const stop = new AbortController();
  try {
    const { page } = await openTab(browser, lamp.server.url);
    const running = lamp.simulation.runInRealTime(undefined, stop.signal);
    const changed: number[] = [];
    lamp.simulation.onEvent((event) => {
      if (event.type === "pin" && event.pin === "D2") changed.push(Date.now());
    });
    await page.evaluate(WATCH);
    for (let change = 0; change < CHANGES; change++) {
      await lamp.broker.publish(lamp.simulation.lamp?.topic ?? "", change % 2 === 0 ? "on" : "off", {
        qos: 1,
      });
      await page.evaluate(whenSeen(change + 1));
      await page.waitForTimeout(PAUSE_MS);
    }
    const seen = (await page.evaluate("seen")) as number[];
    const after = seen.map((shown, index) => shown - (changed[index] ?? Number.NaN));
    const roundTrips: number[] = [];
    for (let trip = 0; trip < CHANGES; trip++) {
      roundTrips.push((await page.evaluate(ROUND_TRIP)) as number);
      await page.waitForTimeout(PAUSE_MS);
    }
    stop.abort();
    await running;
    return {
      title: `The page: ${CHANGES} changes of the lamp's pin, board in real time, ${browser.browserType().name()} ${browser.version()}, one tab of 1280 by 900`,
      rows: [
        ...rows("from the change on the board to the frame that shows it", after, ASKED_MS),
        ...rows("from a click on Toggle, over broker and board, to that frame", roundTrips),
      ],
    };
  } finally {
    stop.abort();
    await browser.close();
    await lamp.close();
  }
}

function rows(what: string, times: readonly number[], askedMs?: number): Row[] {
  const worst = Math.max(...times);
  return [
    { what: `${what}, median`, measured: `${Math.round(median(times))} ms` },
    {
      what: `${what}, worst`,
      measured: `${Math.round(worst)} ms`,
      ...(askedMs === undefined ? {} : { asked: `< ${askedMs} ms`, met: worst < askedMs }),
    },
  ];
}
