/** What the checks take from this computer: names, addresses, packages, ports and the time. Tests put others in their places. */
import { lookup, Resolver } from "node:dns/promises";
import { statSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { createRequire } from "node:module";
import { networkInterfaces } from "node:os";
import { identify } from "../console/identify.ts";
import { listPorts, type PortLister } from "../ports/list.ts";
import { projectRoot } from "../version.ts";

export interface Surroundings {
  /** IPv4 addresses of a name, by whatever this computer asks: files, mDNS, name server. @throws Error with `code` */
  lookup(host: string): Promise<readonly string[]>;
  /** IPv4 addresses of a name, by the name server alone, which is all a board asks. @throws Error with `code` */
  askNameServer(host: string): Promise<readonly string[]>;
  /** IPv4 addresses of this computer that others in its networks can reach. */
  ownAddresses(): readonly string[];
  /** Whether a package can be loaded. */
  hasPackage(name: string): boolean;
  /** Serial ports that could have a board. */
  readonly listPorts: PortLister;
  /** Whether this user may read and write a device. */
  mayOpen(path: string): Promise<boolean>;
  /** Asks whoever is on an open port. */
  readonly identify: typeof identify;
  /** Such as "20.19.0". */
  readonly nodeVersion: string;
  /** ms since 1970. */
  now(): number;
  /** When this copy of Wick was written at the latest, ms since 1970. */
  writtenAt(): number;
  /** All deadlines are multiplied by this: 1. */
  readonly patience: number;
}

const require = createRequire(import.meta.url);

export const thisComputer: Surroundings = {
  async lookup(host) {
    const found = await lookup(host, { all: true, family: 4 });
    return found.map(({ address }) => address);
  },
  async askNameServer(host) {
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    return resolver.resolve4(host);
  },
  ownAddresses,
  hasPackage(name) {
    try {
      require.resolve(name);
      return true;
    } catch {
      return false;
    }
  },
  listPorts,
  mayOpen: (path) =>
    access(path, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    ),
  identify,
  nodeVersion: process.versions.node,
  now: () => Date.now(),
  writtenAt: () => statSync(`${projectRoot}package.json`).mtimeMs,
  patience: 1,
};

/** Those of cables and Wi-Fi before those of containers and virtual machines, which no board can reach. */
export function ownAddresses(): readonly string[] {
  const found = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(
        ({ family, internal, address }) => family === "IPv4" && !internal && !address.startsWith("169.254."),
      )
      .map(({ address }) => ({
        address,
        isVirtual: /^(docker|br-|veth|virbr|vmnet|vboxnet|tun|tap|utun|wg)/.test(name),
      })),
  );
  return found.sort((a, b) => Number(a.isVirtual) - Number(b.isVirtual)).map(({ address }) => address);
}
