/** The serial ports there are, by name: from sysfs on Linux, elsewhere by the package serialport. */
import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type UsbName, usbName } from "./usb-names.ts";

/** A serial port that could have a board. */
export interface ListedPort {
  /** What to give as `--port`. */
  readonly path: string;
  /** Four hexadecimal digits each, lower case; undefined when it is not on USB. */
  readonly vendorId: string | undefined;
  readonly productId: string | undefined;
  /** Of the USB device, where it has one. */
  readonly serialNumber: string | undefined;
  /** The manufacturer's own words. */
  readonly product: string | undefined;
  readonly usb: UsbName | undefined;
}

export type PortLister = () => Promise<ListedPort[]>;

/** Sorted by path. Empty when there are none, or when they cannot be listed here. */
export const listPorts: PortLister = async () => {
  const ports = process.platform === "linux" ? await fromSysfs("/sys") : await fromPackage();
  return ports.sort((one, other) => one.path.localeCompare(other.path, "en", { numeric: true }));
};

/** `/dev/ttyUSB0: CP210x (ESP32-DevKitC, NodeMCU and others)`. */
export function portText({ path, usb, product }: ListedPort): string {
  if (usb) return `${path}: ${usb.name}${usb.boards === undefined ? "" : ` (${usb.boards})`}`;
  return product === undefined ? path : `${path}: ${product}`;
}

/** Terminals that are USB devices, or the UART of a small computer's header. `sys`: where sysfs is. */
export async function fromSysfs(sys: string): Promise<ListedPort[]> {
  const names = await readdir(join(sys, "class/tty")).catch(() => []);
  const ports = [];
  for (const name of names) {
    if (!/^tty(?:USB|ACM|CH343USB|WCHUSB|AMA|O|XRUSB|THS)\d+$/.test(name)) continue;
    const device = await realpath(join(sys, "class/tty", name, "device")).catch(() => undefined);
    const usb = device === undefined ? undefined : await usbDevice(device, sys);
    const text = (file: string) =>
      usb === undefined ? Promise.resolve(undefined) : content(join(usb, file));
    ports.push(
      listed(`/dev/${name}`, {
        vendorId: await text("idVendor"),
        productId: await text("idProduct"),
        serialNumber: await text("serial"),
        product: await text("product"),
      }),
    );
  }
  return ports;
}

/** The folder of the USB device that a terminal belongs to: the first above it that has an identity. */
async function usbDevice(device: string, sys: string): Promise<string | undefined> {
  const top = await realpath(sys);
  for (let folder = device; folder.length > top.length; folder = dirname(folder))
    if ((await content(join(folder, "idVendor"))) !== undefined) return folder;
  return undefined;
}

async function content(file: string): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim() === "" ? undefined : text.trim();
}

async function fromPackage(): Promise<ListedPort[]> {
  try {
    const { SerialPort } = await import("serialport");
    const ports = await SerialPort.list();
    return ports
      .filter((port) => port.vendorId !== undefined || /usb|wch|slab/i.test(port.path))
      .map((port) =>
        listed(port.path.replace(/^\/dev\/tty\./, "/dev/cu."), {
          vendorId: port.vendorId,
          productId: port.productId,
          serialNumber: port.serialNumber,
          product: port.manufacturer,
        }),
      );
  } catch {
    return [];
  }
}

function listed(path: string, facts: Omit<ListedPort, "path" | "usb">): ListedPort {
  const vendorId = facts.vendorId?.toLowerCase();
  const productId = facts.productId?.toLowerCase();
  return { path, ...facts, vendorId, productId, usb: usbName(vendorId, productId) };
}
