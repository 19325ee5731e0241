/** Partition tables as ESP-IDF writes them: 32 bytes a partition, and an MD5 at the end. */
import { ImageFault } from "./chip-image.ts";
import { hex, md5 } from "./md5.ts";

export interface Partition {
  readonly name: string;
  readonly type: number;
  readonly subtype: number;
  readonly offset: number;
  readonly bytes: number;
}

const ENTRY_BYTES = 32;
const MOST_PARTITIONS = 95;
const APPLICATION = 0;

/**
 * The partitions of a whole table. Tables of old versions of ESP-IDF have no MD5.
 * @throws ImageFault
 */
export function readPartitionTable(bytes: Uint8Array): Partition[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const partitions: Partition[] = [];
  for (
    let at = 0;
    at + ENTRY_BYTES <= bytes.length && partitions.length < MOST_PARTITIONS;
    at += ENTRY_BYTES
  ) {
    const magic = view.getUint16(at, true);
    if (magic === 0xebeb) {
      const digest = hex(bytes.subarray(at + 16, at + 32));
      if (md5(bytes.subarray(0, at)) !== digest)
        throw new ImageFault("is damaged: its MD5 is not that of its content");
      break;
    }
    if (magic !== 0x50aa) break;
    const name = String.fromCharCode(...bytes.subarray(at + 12, at + 28)).replace(/\0.*$/s, "");
    const [type, subtype] = [view.getUint8(at + 2), view.getUint8(at + 3)];
    partitions.push({
      name,
      type,
      subtype,
      offset: view.getUint32(at + 4, true),
      bytes: view.getUint32(at + 8, true),
    });
  }
  if (partitions.length === 0) throw new ImageFault("is no partition table: it begins with no partition");
  return partitions;
}

/** The partition that a program at `offset` is in. */
export function applicationAt(partitions: readonly Partition[], offset: number): Partition | undefined {
  return partitions.find((partition) => partition.type === APPLICATION && partition.offset === offset);
}
