/** Why a serial port cannot be opened, as a sentence that says what to do. */
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { didYouMean } from "../../sim/nearest.ts";
import { Failure } from "../cli/errors.ts";
import { type ListedPort, listPorts, type PortLister, portText } from "./list.ts";

/** What the sentence needs to know of this computer. */
export interface Surroundings {
  readonly list: PortLister;
  /** Name of the group that a device belongs to. */
  groupOf(path: string): Promise<string | undefined>;
  /** Programs that have a device open, as `screen (4711)`. */
  holders(path: string): Promise<string[]>;
  readonly user: string;
  readonly platform: NodeJS.Platform;
}

export const thisComputer: Surroundings = {
  list: listPorts,
  groupOf: async (path) => {
    const { gid } = await stat(path);
    return groupName(await readFile("/etc/group", "utf8"), gid) ?? String(gid);
  },
  holders: (path) => holdersIn("/proc", path),
  user: userInfo().username,
  platform: process.platform,
};

const DRIVERS =
  "if the board is plugged in, the cable may be one that only charges, or the driver is missing (CP210x: silabs.com, CH340 and CH9102: wch-ic.com)";

/** `message`: of the package serialport, which gives the system's words. */
export async function serialFailure(
  path: string,
  message: string,
  computer = thisComputer,
): Promise<Failure> {
  if (/no such file|not found|cannot find/i.test(message)) return new Failure(await missing(path, computer));
  if (/lock|busy|in use/i.test(message) || (computer.platform === "win32" && /access denied/i.test(message)))
    return new Failure(await held(path, computer));
  if (/permission denied|access denied|EACCES/i.test(message))
    return new Failure(await forbidden(path, computer));
  if (/inappropriate ioctl|not a (?:tty|character)|is a directory|invalid argument/i.test(message))
    return new Failure(`${path} is no serial port; the ports there are: ${named(await computer.list())}`);
  if (/baud/i.test(message))
    return new Failure(`${path} cannot do that baud rate: set flash.baud to 115200 (${message})`);
  return new Failure(`cannot open ${path}: ${message}`);
}

async function missing(path: string, computer: Surroundings): Promise<string> {
  const ports = await computer.list();
  if (ports.length === 0)
    return `there is no ${path}, nor any other serial port: plug the board in; ${DRIVERS}`;
  const meant = didYouMean(
    path,
    ports.map((port) => port.path),
  );
  return `there is no ${path}${meant}; the ports there are: ${named(ports)}`;
}

async function held(path: string, computer: Surroundings): Promise<string> {
  const programs = await computer.holders(path).catch(() => []);
  const who =
    programs.length > 0 ? programs.join(", ") : "another program (a terminal, an IDE or its serial monitor)";
  return `${path} is held by ${who}: close it and try again`;
}

async function forbidden(path: string, computer: Surroundings): Promise<string> {
  const group = await computer.groupOf(path).catch(() => undefined);
  if (group === undefined || group === "root")
    return `${computer.user} may not open ${path}: ask whoever runs this computer for access to serial ports`;
  return `${computer.user} may not open ${path}, which is for the group ${group}: run \`sudo usermod -aG ${group} ${computer.user}\`, then log out and in again`;
}

function named(ports: readonly ListedPort[]): string {
  return ports.length === 0 ? "none" : ports.map(portText).join("; ");
}

/** `groups`: the text of /etc/group. */
export function groupName(groups: string, id: number): string | undefined {
  const line = groups.split("\n").find((one) => Number(one.split(":")[2]) === id && one.includes(":"));
  return line?.split(":")[0];
}

/** Other processes than this one, of those whose files may be looked at. `proc`: where procfs is. */
export async function holdersIn(proc: string, path: string): Promise<string[]> {
  const holders = [];
  for (const id of await readdir(proc).catch(() => [])) {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) continue;
    const files = await readdir(join(proc, id, "fd")).catch(() => []);
    const links = await Promise.all(
      files.map((file) => readlink(join(proc, id, "fd", file)).catch(() => "")),
    );
    if (!links.includes(path)) continue;
    const name = await readFile(join(proc, id, "comm"), "utf8").catch(() => "process");
    holders.push(`${name.trim()} (process ${id})`);
  }
  return holders;
}
