/** Sees on a console that the board starts over, and why. Runs in browsers too. */

/** What the chip says the reason was, in plain words; matched against the name in `rst:0x1 (POWERON_RESET)`. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/POWERON/, "power on"],
  [/BROWN/, "brown-out: the supply was too weak"],
  [/DEEPSLEEP|_DSLEEP/, "woken from deep sleep"],
  [/EXT_CPU|EXT_RESET/, "reset from outside"],
  [/WDT|WD_|RTCWDT|TGWDT/, "watchdog"],
  [/USB_UART|USB_JTAG/, "reset over USB"],
  [/^RTC_SW|^SW_|SW_CPU|SW_RESET|^SW$/, "restarted by the program"],
  [/CHIP_POWER_ON|PWRON|EFUSE|SDIO|CLK_GLITCH|PWR_GLITCH|GLITCH/, "fault of the chip or its supply"],
];

/** The ESP8266 numbers them (SDK, `enum rst_reason`; the ROM prints `rst cause:2`). */
const ESP8266_CAUSES: Readonly<Record<string, string>> = {
  "1": "power on",
  "2": "reset from outside",
  "3": "restarted by the program",
  "4": "watchdog",
};

/** First lines of the ROM: ESP32 (`ets Jun  8 2016 00:22:57`), ESP8266 (` ets Jan  8 2013,rst cause:2, boot mode:(3,6)`), all later chips. */
const ROM = /(?:^|>) ?ets (?:Jun|Jul|Jan)\s+\d+ 20\d\d|^>?ESP-ROM:/;
const ROM_REASON = /rst:0x[0-9a-f]+ \(([A-Z0-9_]+)\)|rst cause: ?(\d)/;
/** The interpreter's banner begins with the top of a drawing (jsinteractive.c). */
const BANNER_TOP = /^ ____ {17}_ ?$/;
/** And ends with ` 2v29.277 (c) 2026 G.Williams`. */
const BANNER = /^ (\d+v\d+[.\w]*) \(c\) \d{4} G\.Williams$/;
/** The chip's own words for a crash, before it starts over (ESP-IDF panic handler). */
const PANIC =
  /^Guru Meditation Error: Core\s+\d+ panic'ed \(([^)]*)\)|^(Brownout detector) was triggered|^(abort\(\)) was called|(Task watchdog) got triggered/;

/** `why` is for people, undefined where nothing tells. */
export interface Restart {
  readonly why: string | undefined;
}

/** Lines between the ROM's first word, or the top of the banner, and the banner's end that belong to one restart. */
const ROM_LINES = 200;

export class RestartWatcher {
  private linesSinceRom = Number.POSITIVE_INFINITY;
  private panic: string | undefined;

  /**
   * Tells whether this line is the first of a new start; `isReady` with the last line of the interpreter's banner. Where the ROM gives its reason
   * in a later line than its name, that is told as `why`.
   */
  read(text: string): { restart?: Restart; why?: string; isReady?: boolean } {
    this.linesSinceRom++;
    const panic = PANIC.exec(text);
    if (panic) this.panic = panic.slice(1).find((name) => name !== undefined);
    const reason = ROM_REASON.exec(text);
    const why = reason ? plainly(reason[1], reason[2], this.panic) : undefined;
    if (ROM.test(text) || (reason && this.linesSinceRom > ROM_LINES)) {
      this.linesSinceRom = 0;
      if (why !== undefined) this.panic = undefined;
      return { restart: { why } };
    }
    if (why !== undefined && this.linesSinceRom <= ROM_LINES) {
      this.panic = undefined;
      return { why };
    }
    if (BANNER_TOP.test(text) && this.linesSinceRom > ROM_LINES) {
      this.linesSinceRom = 0;
      return { restart: { why: undefined } };
    }
    if (!BANNER.test(text)) return {};
    const isNew = this.linesSinceRom > ROM_LINES;
    this.linesSinceRom = Number.POSITIVE_INFINITY;
    return { isReady: true, ...(isNew && { restart: { why: undefined } }) };
  }
}

function plainly(name: string | undefined, cause: string | undefined, panic: string | undefined): string {
  if (panic !== undefined) return `crash of the interpreter: ${panic}`;
  if (cause !== undefined) return ESP8266_CAUSES[cause] ?? `cause ${cause}`;
  return REASONS.find(([pattern]) => pattern.test(name ?? ""))?.[1] ?? String(name);
}
