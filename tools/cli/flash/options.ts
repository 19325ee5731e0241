/** The flags of `wick flash`: what they may be, and which of them go together. */
import type { PortAddress } from "../../ports/address.ts";
import { UsageError } from "../errors.ts";
import type { CommonOptions } from "../options.ts";

export interface FlashOptions extends CommonOptions {
  /** As written: a serial path, `tcp://host:port`, `ble:NAME`, `mqtt:TOPIC`. */
  readonly port?: string;
  readonly baud?: number;
  /** A bundle that is built already. */
  readonly file?: string;
  /** TypeScript of a program other than the lamp. */
  readonly entry?: string;
  /** Folder or archive with Espruino's images. */
  readonly espruino?: string;
  readonly erase: boolean;
  readonly yes: boolean;
  readonly compact: boolean;
  /** Milliseconds that the lamp may take to be online, or that another program is watched; false: nobody waits. */
  readonly wait?: number | false;
  /** Undefined: only where somebody watches. */
  readonly monitor?: boolean;
}

/** Sentences about flags that ask for what is so anyway. */
export function saidInVain({ monitor, json, quiet }: FlashOptions, address: PortAddress): string[] {
  const without = address.kind === "mqtt" ? "--port mqtt:" : json ? "--json" : quiet ? "--quiet" : undefined;
  return monitor === false && without !== undefined
    ? [`--no-monitor changes nothing beside ${without}, after which no console is shown`]
    : [];
}

/** @throws UsageError for flags that contradict each other. */
export function checkTogether(options: FlashOptions): void {
  if (options.entry !== undefined && options.file !== undefined)
    throw new UsageError(
      "--entry is built and --file is built already, so they do not go together; leave one of them out",
    );
  if (options.erase && options.espruino === undefined)
    throw new UsageError(
      "--erase erases the interpreter too, so it goes with --espruino DIR, which puts it back; to make room in Storage: --compact",
    );
  if (options.yes && !options.erase)
    throw new UsageError(
      "--yes answers the question that --erase asks, so it has no effect alone; leave it out",
    );
  if (options.compact && options.erase)
    throw new UsageError(
      "--erase leaves nothing to make room in, so --compact has no effect; leave one of them out",
    );
  if (options.monitor && (options.json || options.quiet))
    throw new UsageError(
      `--monitor shows the console to people, and ${options.json ? "--json" : "--quiet"} is for programs; use npx wick monitor --json afterwards`,
    );
}
