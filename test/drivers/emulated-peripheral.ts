// A board as a browser sees it, over Bluetooth or USB, bridged to the console of a simulated one. Chromium's own emulation of Bluetooth peripherals
// (DevTools protocol, BluetoothEmulation) answers reads and writes and cannot notify, and notifications are how a board talks: so it is emulated in the page.
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { Inlet } from "../../sim/console/inlet.ts";
import type { Simulation } from "../../sim/simulation.ts";

const script = fileURLToPath(new URL("../fixtures/emulated-cables.js", import.meta.url));

export interface PeripheralOptions {
  /** What the browser has. Default: both. */
  offers?: readonly ("bluetooth" | "serial")[];
}

export class EmulatedPeripheral {
  /** Bytes that the page has sent to the board. */
  sent = "";
  /** What becomes of bytes on their way to the page, one character a byte. */
  toPage: (bytes: string) => string = (bytes) => bytes;
  /** Called with each piece that arrives from the page, before the board gets it. */
  onSent: () => void = () => undefined;
  /** The cable is lost when so many more bytes have gone to the board. */
  dropAfter: number | undefined;
  private readonly page: Page;
  private readonly inlet: Inlet;
  private readonly simulation: Simulation;
  private isConnected = true;
  private unsaid = "";
  private saying: Promise<void> | undefined;

  private constructor(page: Page, simulation: Simulation) {
    this.page = page;
    this.simulation = simulation;
    this.inlet = new Inlet(simulation.board.consolePort, simulation.clock);
    const detach = simulation.clock.attachOutside();
    const stop = simulation.board.consolePort.onOutput((bytes) => this.say(this.toPage(bytes)));
    page.on("close", () => {
      stop();
      detach();
    });
  }

  /** Must come before the page is opened. */
  static async emulate(
    page: Page,
    simulation: Simulation,
    { offers = ["bluetooth", "serial"] }: PeripheralOptions = {},
  ): Promise<EmulatedPeripheral> {
    const peripheral = new EmulatedPeripheral(page, simulation);
    await page.exposeBinding("bytesToBoard", (_source, bytes: string) => peripheral.take(bytes));
    await page.addInitScript({ content: `globalThis.cablesOffered = ${JSON.stringify(offers)};` });
    await page.addInitScript({ path: script });
    return peripheral;
  }

  /** Sets one of what test/fixtures/emulated-cables.js lets a test set. */
  async set(name: "chooser" | "opening" | "writes" | "name", value: string): Promise<void> {
    await this.page.evaluate(`emulatedCables.${name} = ${JSON.stringify(value)}`);
  }

  get<Value>(name: "baudRate" | "asked"): Promise<Value> {
    return this.page.evaluate(`emulatedCables.${name}`);
  }

  /** Sends bytes to the page as the board would. */
  say(bytes: string): void {
    if (!this.isConnected || bytes === "") return;
    this.unsaid += bytes;
    this.saying ??= this.sayAll().finally(() => {
      this.saying = undefined;
    });
  }

  /** What came while the page took in what was before goes together. */
  private async sayAll(): Promise<void> {
    while (this.unsaid !== "") {
      const bytes = this.unsaid;
      this.unsaid = "";
      // The page may be gone by then.
      await this.page.evaluate(`emulatedCables.say(${JSON.stringify(bytes)})`).catch(() => undefined);
    }
  }

  /** The link is lost: out of range, unplugged. It can be opened again. */
  async drop(): Promise<void> {
    await this.page.evaluate("emulatedCables.drop()");
  }

  /** A wrong stop bit on the serial line. */
  async noise(): Promise<void> {
    await this.page.evaluate("emulatedCables.noise()");
  }

  /** Whether what is sent arrives; a board that is hung takes nothing and says nothing. */
  set connected(on: boolean) {
    this.isConnected = on;
  }

  private async take(bytes: string): Promise<void> {
    const kept = bytes.slice(0, this.dropAfter);
    if (this.dropAfter !== undefined) this.dropAfter -= kept.length;
    this.sent += kept;
    this.onSent();
    if (this.isConnected && kept !== "") await this.deliver(kept);
    if (this.dropAfter !== 0) return;
    this.dropAfter = undefined;
    await this.drop();
  }

  private deliver(bytes: string): Promise<void> {
    return new Promise((resolve) => {
      this.simulation.clock.fromOutside(() => {
        this.inlet.write(bytes);
        resolve();
      });
    });
  }
}
