// The serial ports there are, by name, from a sysfs as Linux has it.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { fromSysfs, listPorts, portText } from "../tools/ports/list.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A sysfs with a terminal of that name; `usb`: files of its USB device. */
function sysfs(terminals: Record<string, Record<string, string> | undefined>): string {
  const sys = mkdtempSync(join(tmpdir(), "wick-sysfs-"));
  folders.push(sys);
  for (const [name, usb] of Object.entries(terminals)) {
    const device = join(sys, "devices/pci0/usb1", `1-${name}`, "1-1:1.0", name);
    mkdirSync(device, { recursive: true });
    for (const [file, text] of Object.entries(usb ?? {}))
      writeFileSync(join(sys, "devices/pci0/usb1", `1-${name}`, file), `${text}\n`);
    mkdirSync(join(sys, "class/tty", name), { recursive: true });
    symlinkSync(device, join(sys, "class/tty", name, "device"));
  }
  return sys;
}

test("boards are told by their USB bridge", async () => {
  const sys = sysfs({
    ttyUSB0: { idVendor: "10c4", idProduct: "EA60", serial: "0001", product: "CP2102 USB to UART Bridge" },
    ttyUSB1: { idVendor: "1a86", idProduct: "7523" },
    ttyACM0: { idVendor: "303a", idProduct: "1001", product: "USB JTAG/serial debug unit" },
    ttyACM1: { idVendor: "1a86", idProduct: "55d4" },
    ttyUSB2: { idVendor: "0403", idProduct: "6001" },
  });
  const ports = (await fromSysfs(sys)).toSorted((one, other) => one.path.localeCompare(other.path));
  expect(ports.map(portText)).toEqual([
    "/dev/ttyACM0: Espressif USB-JTAG (ESP32-C3 or ESP32-S3 by its own USB)",
    "/dev/ttyACM1: CH9102",
    "/dev/ttyUSB0: CP210x (ESP32-DevKitC, NodeMCU and others)",
    "/dev/ttyUSB1: CH340 (Wemos D1 mini, NodeMCU and others)",
    "/dev/ttyUSB2: FT232R",
  ]);
  expect(ports[2]).toMatchObject({ vendorId: "10c4", productId: "ea60", serialNumber: "0001" });
});

test("one that is not known is shown in its maker's words, or by its path", async () => {
  const sys = sysfs({
    ttyACM0: { idVendor: "1234", idProduct: "5678", product: "Coffee machine" },
    ttyAMA0: undefined,
  });
  const ports = (await fromSysfs(sys)).toSorted((one, other) => one.path.localeCompare(other.path));
  expect(ports.map(portText)).toEqual(["/dev/ttyACM0: Coffee machine", "/dev/ttyAMA0"]);
});

test("what could have no board is left out", async () => {
  expect(
    await fromSysfs(sysfs({ tty0: undefined, ttyS0: undefined, console: undefined, ttyprintk: undefined })),
  ).toEqual([]);
});

test("without a sysfs there are none", async () => {
  expect(await fromSysfs(join(tmpdir(), "wick-no-such-folder"))).toEqual([]);
});

test("this computer's can be asked for", async () => {
  for (const port of await listPorts()) expect(port.path).toMatch(/^\/dev\/|^COM\d+$/);
});
