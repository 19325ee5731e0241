// A real browser for the tests of the page: Chromium where the machine has one, without its own traffic and without a window.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { PATIENCE_MS } from "../fixtures/heard.ts";

/** The browsers that will do, as they are called on the command line. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Path of a browser; undefined where there is none. */
export const browserPath: string | undefined = NAMES.map(which).find((path) => path !== undefined);

/** Why no browser test can run; undefined when they can. */
export const noBrowser = browserPath === undefined ? `no ${NAMES.join(", ")} on this machine` : undefined;

function which(name: string): string | undefined {
  try {
    return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

export function openBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error(noBrowser);
  return chromium.launch({
    executablePath: browserPath,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

/** A desktop and a phone. */
export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
export const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

/** A tab, and everything that the page complained of or asked for elsewhere. */
export interface Tab {
  readonly page: Page;
  readonly complaints: string[];
  /** URLs of all requests. */
  readonly requests: string[];
  close(): Promise<void>;
}

export async function openTab(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = DESKTOP,
  /** Is there once the page is drawn. */
  drawn = "[data-lamp]",
): Promise<Tab> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // That a server which was stopped cannot be reached is no fault of the page.
    if (message.type() === "error" && !message.text().includes("ERR_CONNECTION_REFUSED"))
      complaints.push(message.text());
  });
  page.on("request", (request) => requests.push(request.url()));
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  await page.waitForSelector(drawn);
  return { page, complaints, requests, close: () => context.close() };
}

const functions = readFileSync(new URL("../fixtures/in-page.js", import.meta.url), "utf8")
  .trim()
  .replace(/;$/, "");

/** Calls a function of test/fixtures/in-page.js in the page. */
export function inPage(page: Page, name: string, argument?: unknown): Promise<unknown> {
  return page.evaluate(`${functions}.${name}(${JSON.stringify(argument) ?? ""})`);
}
