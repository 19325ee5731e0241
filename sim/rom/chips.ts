/** What tells one ESP chip from another below the interpreter: registers, strapping, ROM loader and boot messages. */

export type ChipName = "ESP32" | "ESP32-S3" | "ESP32-C3" | "ESP8266";

/** Addresses of the SPI controller that the flash hangs on; offsets from `base`. */
export interface SpiRegisters {
  readonly base: number;
  readonly usr: number;
  readonly usr1: number;
  readonly usr2: number;
  /** Length of what is read, in bits less one; an ESP8266 has that in `usr1`. */
  readonly misoLength: number | undefined;
  readonly w0: number;
}

export interface ChipFacts {
  readonly name: ChipName;
  /** In the extended header of images made for it; an ESP8266 has no such header. */
  readonly imageChipId: number | undefined;
  /** What the register at 0x40001000 holds, by which older chips are told apart. */
  readonly magic: number;
  /** Whether its ROM answers GET_SECURITY_INFO, which carries the chip id. */
  readonly tellsSecurity: boolean;
  /** Bytes of status at the end of an answer of its ROM; the stub always sends 2. */
  readonly statusBytes: 2 | 4;
  /** Low at reset: it waits for a download. */
  readonly bootPin: string;
  /** Where its ROM looks for an image. */
  readonly bootAddress: number;
  readonly spi: SpiRegisters;
  /** Registers that tell revision, crystal and MAC address. */
  registers(mac: readonly number[]): ReadonlyMap<number, number>;
  /** Of the boot messages. Those of an ESP8266 with its usual crystal are not at the console's speed. */
  readonly messageBaud: number;
  /** What it prints when it starts; `watchdog`: after it found nothing to run. */
  greeting(why: "power" | "watchdog", how: "flash" | "download"): string;
  /** What it prints when there is no image, again and again. */
  noImage(firstWord: number): string;
}

const word = (bytes: readonly number[]): number =>
  bytes.reduce((sum, byte, at) => sum + byte * 256 ** (bytes.length - 1 - at), 0);
const hex = (value: number): string => `0x${value.toString(16)}`;
const invalidHeader = (firstWord: number): string =>
  `invalid header: 0x${firstWord.toString(16).padStart(8, "0")}\r\n`.repeat(8);

/** Of the ESP32-S3 and the ESP32-C3. */
const NEWER_SPI: SpiRegisters = {
  base: 0x60002000,
  usr: 0x18,
  usr1: 0x1c,
  usr2: 0x20,
  misoLength: 0x28,
  w0: 0x58,
};

/** EFUSE block 1 of the ESP32-S3 and the ESP32-C3: MAC address, then revision and kind of flash. */
function newerRegisters(efuse: number, magic: number, mac: readonly number[], minorRevision: number) {
  return new Map([
    [0x40001000, magic],
    [efuse + 0x44, word(mac.slice(2))],
    [efuse + 0x48, word(mac.slice(0, 2))],
    [efuse + 0x44 + 4 * 3, (minorRevision << 18) >>> 0],
  ]);
}

export const CHIPS: Readonly<Record<ChipName, ChipFacts>> = {
  ESP32: {
    name: "ESP32",
    imageChipId: 0,
    magic: 0x00f01d83,
    tellsSecurity: false,
    statusBytes: 4,
    bootPin: "D0",
    bootAddress: 0x1000,
    spi: { base: 0x3ff42000, usr: 0x1c, usr1: 0x20, usr2: 0x24, misoLength: 0x2c, w0: 0x80 },
    registers: (mac) =>
      new Map([
        [0x40001000, 0x00f01d83],
        [0x3ff5a004, word(mac.slice(2))],
        [0x3ff5a008, word(mac.slice(0, 2))],
        // An ESP32-D0WD of revision 3.
        [0x3ff5a00c, (1 << 15) | (1 << 9)],
        [0x3ff5a014, 1 << 20],
        [0x3ff6607c, 0x80000000],
        // 115,200 baud from a crystal of 40 MHz.
        [0x3ff40014, 347],
      ]),
    messageBaud: 115_200,
    greeting: (why, how) =>
      `ets Jul 29 2019 12:21:46\r\n\r\nrst:${why === "power" ? "0x1 (POWERON_RESET)" : "0x10 (RTCWDT_RTC_RESET)"},boot:` +
      (how === "flash"
        ? "0x13 (SPI_FAST_FLASH_BOOT)\r\n"
        : "0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n"),
    noImage: invalidHeader,
  },
  "ESP32-S3": {
    name: "ESP32-S3",
    imageChipId: 9,
    magic: 0x9,
    tellsSecurity: true,
    statusBytes: 4,
    bootPin: "D0",
    bootAddress: 0,
    spi: NEWER_SPI,
    registers: (mac) => newerRegisters(0x60007000, 0x9, mac, 2),
    messageBaud: 115_200,
    greeting: (why, how) =>
      `ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\nrst:${why === "power" ? "0x1 (POWERON)" : "0x7 (TG0WDT_SYS_RST)"},boot:` +
      (how === "flash"
        ? "0x8 (SPI_FAST_FLASH_BOOT)\r\n"
        : "0x0 (DOWNLOAD(USB/UART0))\r\nwaiting for download\r\n"),
    noImage: invalidHeader,
  },
  "ESP32-C3": {
    name: "ESP32-C3",
    imageChipId: 5,
    magic: 0x6921506f,
    tellsSecurity: true,
    statusBytes: 4,
    bootPin: "D9",
    bootAddress: 0,
    spi: NEWER_SPI,
    registers: (mac) => newerRegisters(0x60008800, 0x6921506f, mac, 4),
    messageBaud: 115_200,
    greeting: (why, how) =>
      `ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\nrst:${why === "power" ? "0x1 (POWERON)" : "0x7 (TG0WDT_SYS_RST)"},boot:` +
      (how === "flash"
        ? "0xc (SPI_FAST_FLASH_BOOT)\r\n"
        : "0x4 (DOWNLOAD(USB/UART0/1))\r\nwaiting for download\r\n"),
    noImage: invalidHeader,
  },
  ESP8266: {
    name: "ESP8266",
    imageChipId: undefined,
    magic: 0xfff0c101,
    tellsSecurity: false,
    statusBytes: 2,
    bootPin: "D0",
    bootAddress: 0,
    spi: { base: 0x60000200, usr: 0x1c, usr1: 0x20, usr2: 0x24, misoLength: undefined, w0: 0x40 },
    registers: (mac) =>
      new Map([
        [0x40001000, 0xfff0c101],
        [0x3ff00050, word([mac[5] ?? 0, 0, 0, 0])],
        [0x3ff00054, word([0, 0, mac[3] ?? 0, mac[4] ?? 0])],
        [0x3ff0005c, word([0, ...mac.slice(0, 3)])],
        // 115,200 baud from a crystal of 26 MHz, doubled.
        [0x60000014, 451],
      ]),
    // Its ROM counts on a crystal of 40 MHz; boards have one of 26 MHz.
    messageBaud: 74_880,
    greeting: (why, how) =>
      `\r\n ets Jan  8 2013,rst cause:${why === "power" ? 1 : 4}, boot mode:(${how === "flash" ? 3 : 1},6)\r\n\r\n`,
    noImage: () => "ets_main.c \r\n",
  },
};

/** What the ROM prints of an image that it starts. */
export function loadingMessages(
  chip: ChipFacts,
  segments: readonly { address: number; bytes: number }[],
  entry: number,
) {
  if (chip.name === "ESP8266")
    return segments.map(({ address, bytes }) => `load ${hex(address)}, len ${bytes}, room 16\r\n`).join("");
  const lines = segments.map(({ address, bytes }) => `load:${hex(address)},len:${bytes}\r\n`);
  return `mode:DIO, clock div:2\r\n${lines.join("")}entry ${hex(entry)}\r\n`;
}
