// A Bluetooth peripheral that Chromium itself emulates (DevTools protocol, BluetoothEmulation), bridged to the console of a simulated board: the page
// talks to the browser's own Web Bluetooth, chooser included. Only notifications, which the protocol lacks, are put in by a script.
import { fileURLToPath } from "node:url";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { Inlet } from "../../sim/console/inlet.ts";
import type { Simulation } from "../../sim/simulation.ts";
import { browserPath, noBrowser } from "./browser.ts";

const script = fileURLToPath(new URL("../fixtures/notifications.js", import.meta.url));
const ADDRESS = "09:09:09:09:09:09";
const SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e";
const TO_BOARD = "6e400002-b5a3-f393-e0a9-e50e24dcca9e";
const FROM_BOARD = "6e400003-b5a3-f393-e0a9-e50e24dcca9e";
/** Client characteristic configuration: without it nobody can subscribe. */
const CONFIGURATION = "00002902-0000-1000-8000-00805f9b34fb";

/** A browser with Web Bluetooth, which Chromium on Linux hides behind a flag. */
export function openBluetoothBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error(noBrowser);
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  const bluetooth = ["--enable-features=WebBluetooth", "--enable-blink-features=WebBluetooth"];
  return chromium.launch({ executablePath: browserPath, args: [...flags, ...bluetooth] });
}

export class DevToolsPeripheral {
  private readonly devtools: CDPSession;
  private readonly page: Page;
  private readonly simulation: Simulation;
  private readonly inlet: Inlet;
  private readonly counted = { writes: 0, bytesToBoard: 0, bytesToPage: 0, failed: [] as string[] };
  private isDiscovered = false;
  private unsaid = "";
  private isSaying = false;

  private constructor(devtools: CDPSession, page: Page, simulation: Simulation) {
    this.devtools = devtools;
    this.page = page;
    this.simulation = simulation;
    this.inlet = new Inlet(simulation.board.consolePort, simulation.clock);
    const detach = simulation.clock.attachOutside();
    const stop = simulation.board.consolePort.onOutput((bytes) => void this.say(bytes));
    page.on("close", () => {
      stop();
      detach();
    });
  }

  /** Undefined where this Chromium cannot. Must come before the page is opened; the chooser is answered with this peripheral. */
  static async emulate(page: Page, simulation: Simulation): Promise<DevToolsPeripheral | undefined> {
    const browser = page.context().browser();
    const devtools = await browser?.newBrowserCDPSession();
    if (!devtools) return undefined;
    try {
      await devtools.send("BluetoothEmulation.enable", { state: "powered-on", leSupported: true });
    } catch {
      return undefined;
    }
    await devtools.send("BluetoothEmulation.simulatePreconnectedPeripheral", {
      address: ADDRESS,
      name: "Lamp",
      manufacturerData: [],
      knownServiceUuids: [SERVICE],
    });
    const peripheral = new DevToolsPeripheral(devtools, page, simulation);
    await peripheral.listen();
    await page.addInitScript({ path: script });
    return peripheral;
  }

  /** What has passed, for who wonders why nothing more does. */
  get tally(): string {
    return JSON.stringify({ ...this.counted, waiting: this.unsaid.length + this.inlet.backlog });
  }

  /** Out of range. */
  async drop(): Promise<void> {
    await this.devtools.send("BluetoothEmulation.simulateGATTDisconnection", { address: ADDRESS });
  }

  private async listen(): Promise<void> {
    const { devtools } = this;
    const prompts = await this.page.context().newCDPSession(this.page);
    const answered = new Set<string>();
    prompts.on("DeviceAccess.deviceRequestPrompted", ({ id, devices }) => {
      const [device] = devices;
      if (!device || answered.has(id)) return;
      answered.add(id);
      void prompts.send("DeviceAccess.selectPrompt", { id, deviceId: device.id });
    });
    await prompts.send("DeviceAccess.enable");
    devtools.on("BluetoothEmulation.gattOperationReceived", ({ type }) => {
      this.gatt(type).catch(() => undefined);
    });
    devtools.on("BluetoothEmulation.characteristicOperationReceived", ({ characteristicId, type, data }) => {
      if (type === "write" && data !== undefined) this.take(Buffer.from(data, "base64").toString("latin1"));
      devtools
        .send("BluetoothEmulation.simulateCharacteristicOperationResponse", {
          characteristicId,
          type,
          code: 0,
        })
        // The page is closed, or the link was lost meanwhile.
        .catch((error: Error) => this.counted.failed.push(error.message));
    });
  }

  private async gatt(type: "connection" | "discovery"): Promise<void> {
    const { devtools } = this;
    // With the link Chromium forgets what there was.
    if (type === "connection") this.isDiscovered = false;
    if (type === "discovery" && !this.isDiscovered) {
      this.isDiscovered = true;
      const { serviceId } = await devtools.send("BluetoothEmulation.addService", {
        address: ADDRESS,
        serviceUuid: SERVICE,
      });
      const add = (characteristicUuid: string, properties: { write?: boolean; notify?: boolean }) =>
        devtools.send("BluetoothEmulation.addCharacteristic", { serviceId, characteristicUuid, properties });
      await add(TO_BOARD, { write: true });
      const { characteristicId } = await add(FROM_BOARD, { notify: true });
      await devtools.send("BluetoothEmulation.addDescriptor", {
        characteristicId,
        descriptorUuid: CONFIGURATION,
      });
    }
    await devtools.send("BluetoothEmulation.simulateGATTOperationResponse", {
      address: ADDRESS,
      type,
      code: 0,
    });
  }

  private take(bytes: string): void {
    this.counted.writes++;
    this.counted.bytesToBoard += bytes.length;
    this.simulation.clock.fromOutside(() => this.inlet.write(bytes));
  }

  /** What came while the page took in what was before goes together. */
  private async say(bytes: string): Promise<void> {
    this.unsaid += bytes;
    if (this.isSaying) return;
    this.isSaying = true;
    while (this.unsaid !== "") {
      const said = this.unsaid;
      this.unsaid = "";
      // The page may be gone by then.
      await this.page
        .evaluate(`notify(${JSON.stringify(said)})`)
        .catch((error: Error) => this.counted.failed.push(error.message));
      this.counted.bytesToPage += said.length;
    }
    this.isSaying = false;
  }
}
