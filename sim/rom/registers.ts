/** The registers that flashing tools read and write through the loader: what tells the chip, and the SPI controller, by which they ask the flash what it is. */
import type { ChipFacts } from "./chips.ts";
import type { FlashChip } from "./flash-chip.ts";

/** Of SPI_CMD: runs the command in SPI_USR2. */
const RUN = 1 << 18;
/** Of SPI_USR: something is read from the flash. */
const READS = 1 << 28;
const READ_ID = 0x9f;

export class Registers {
  private readonly values: Map<number, number>;
  private readonly chip: ChipFacts;
  private readonly flash: FlashChip;

  constructor(chip: ChipFacts, mac: readonly number[], flash: FlashChip) {
    this.chip = chip;
    this.flash = flash;
    this.values = new Map(chip.registers(mac));
  }

  /** A register that nobody has written and that tells nothing reads 0. */
  read(address: number): number {
    return this.values.get(address) ?? 0;
  }

  write(address: number, value: number, mask: number): void {
    const { base } = this.chip.spi;
    this.values.set(address, ((this.read(address) & ~mask) | (value & mask)) >>> 0);
    if (address === base && (value & RUN) !== 0) this.runSpiCommand();
  }

  private runSpiCommand(): void {
    const { base, usr, usr2, w0 } = this.chip.spi;
    this.values.set(base, 0);
    if ((this.read(base + usr) & READS) === 0) return;
    const command = this.read(base + usr2) & 0xff;
    const answer = command === READ_ID ? this.flash.id : 0;
    this.values.set(base + w0, (answer & (2 ** this.bitsRead - 1)) >>> 0);
  }

  private get bitsRead(): number {
    const { base, usr1, misoLength } = this.chip.spi;
    const less =
      misoLength === undefined ? (this.read(base + usr1) >>> 8) & 0x1ff : this.read(base + misoLength);
    return Math.min(31, less + 1);
  }
}
