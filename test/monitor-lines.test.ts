// What a monitor makes of the bytes of a console: lines, errors with their places, restarts; and what it never shows.
import { describe, expect, test } from "vitest";
import { ErrorReader, shortened } from "../tools/monitor/board-errors.ts";
import { type BoardLine, LineReader, LONGEST_LINE } from "../tools/monitor/board-lines.ts";
import { RestartWatcher } from "../tools/monitor/restarts.ts";
import { hidden } from "../tools/monitor/secrets.ts";
import { translateErrors } from "../tools/monitor/source-places.ts";
import { lineFor, seconds } from "../tools/monitor/words.ts";
import { sourceMapOf } from "./sim-source-map.ts";

function linesOf(text: string, secrets: string[] = [], cut = 1): string[] {
  const lines: BoardLine[] = [];
  const reader = new LineReader((line) => lines.push(line), hidden(secrets));
  for (let at = 0; at < text.length; at += cut) reader.push(text.slice(at, at + cut));
  reader.end();
  return lines.map((line) => line.text);
}

describe("lines", () => {
  test("end with a line break of either kind, wherever they were cut", () => {
    for (const cut of [1, 2, 3, 100])
      expect(linesOf("one\r\ntwo\n\r\r\nfour", [], cut)).toEqual(["one", "two", "", "four"]);
  });

  test("the prompt that the interpreter erases before it prints is not part of one", () => {
    expect(linesOf(">\r\x1b[Jtick\r\n>")).toEqual(["tick", ">"]);
  });

  test("what would be written over a line stays a line of its own", () => {
    expect(linesOf("10 %\r20 %\r\n")).toEqual(["10 %", "20 %"]);
  });

  test("show text in UTF-8 as it is, and bytes that are none by their numbers", () => {
    expect(linesOf("K\xc3\xbcche\n")).toEqual(["Küche"]);
    expect(linesOf("\xff\x00\xfe\x1c!\n")).toEqual(["\\xff\\xfe\\x1c!"]);
  });

  test("without colours and cursor movements of a program", () => {
    expect(linesOf("\x1b[31mred\x1b[0m \x1b[2Kthere\n")).toEqual(["red there"]);
  });

  test("that are very long come in pieces, and nothing is lost", () => {
    const text = Array.from({ length: 30_000 }, (_, index) => String.fromCharCode(97 + (index % 26))).join(
      "",
    );
    const pieces = linesOf(`${text}\nend\n`, [], 1000);
    expect(pieces.at(-1)).toBe("end");
    expect(pieces.slice(0, -1).join("")).toBe(text);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBe(LONGEST_LINE);
  });

  test("an escape sequence that never ends does not swallow the console", () => {
    expect(linesOf(`\x1b[${"1;".repeat(1000)}\nhere again\n`).at(-1)).toBe("here again");
  });
});

describe("secrets", () => {
  const secrets = ["hunter2-hunter2", 'quo"te', "Käse"];

  test("are hidden in text, in program text and in JSON, however they are cut", () => {
    const said = 'Wi-Fi hunter2-hunter2, {"p":"quo\\"te"}, K\xc3\xa4se!\n';
    for (const cut of [1, 3, 100]) {
      const [line] = linesOf(said, secrets, cut);
      expect(line).toBe('Wi-Fi ***************, {"p":"*******"}, *****!');
    }
  });

  test("are hidden where a long line is cut through them", () => {
    for (let before = LONGEST_LINE - 20; before < LONGEST_LINE + 5; before++) {
      const pieces = linesOf(`${"x".repeat(before)}hunter2-hunter2 after\n`, secrets);
      expect(pieces.join("")).toBe(`${"x".repeat(before)}*************** after`);
    }
  });

  test("are hidden in the cut line of source of an error, whichever end of them it shows", () => {
    const source = 'connect("home",{password:"hunter2-hunter2"},function(){a.b.c})';
    for (let from = 20; from < 45; from++) {
      for (const shown of [`...${source.slice(from)}`, `${source.slice(0, from)}...`]) {
        const [line = ""] = linesOf(`${shown}\n`, ["hunter2-hunter2"]);
        expect(line).toHaveLength(shown.length);
        expect(line).not.toMatch(/h?unter|nter2|hunt/);
      }
    }
  });

  test("half said, are not shown before they are known to be none", () => {
    const lines: string[] = [];
    const reader = new LineReader(({ text }) => lines.push(text), hidden(secrets));
    reader.push("key: hunter2-");
    reader.tellHalf();
    reader.push("hunter2\nfor: hunter2-");
    reader.tellHalf();
    reader.push("nobody\n");
    expect(lines).toEqual(["key: ", "***************", "for: ", "hunter2-nobody"]);
  });
});

describe("errors", () => {
  const kinds = (text: string): string[] => {
    const reader = new ErrorReader();
    return text.split("\n").map((line) => {
      const { kind, place } = reader.read(line);
      return place ? `${kind} ${place.file}:${place.line}:${place.column}` : kind;
    });
  };

  test("with places, as 2v29 tells them", () => {
    expect(
      kinds(
        "Uncaught Error: no\n    at foo (lamp.a:1:25)\na.x\n ^\n    at lamp.b:2:79\nfoo(null)\n        ^\n    at eval (:1:2)\ny.r()\n ^\n    at function () {q()} (.bootcde:1:9)\nq()\n^\ntick",
      ),
    ).toEqual([
      "error",
      "trace lamp.a:1:25",
      "trace",
      "trace",
      "trace lamp.b:2:79",
      "trace",
      "trace",
      "trace undefined:1:2",
      "trace",
      "trace",
      "trace .bootcde:1:9",
      "trace",
      "trace",
      "text",
    ]);
  });

  test("with places, as earlier versions told them", () => {
    expect(
      kinds(
        "Uncaught Error: no\n at line 1 col 25 in .bootcde\na.x\n ^\nin function \"foo\" called from line 1 col 51 in .bootcde\nfoo()\n    ^\nin function called from line 2 col 3\nERROR: Got EOF expected '}' at line 1 col 16",
      ),
    ).toEqual([
      "error",
      "trace .bootcde:1:25",
      "trace",
      "trace",
      "trace .bootcde:1:51",
      "trace",
      "trace",
      "trace undefined:2:3",
      "error undefined:1:16",
    ]);
  });

  test("what a lamp prints is not taken for one", () => {
    expect(kinds("look at lamp.a:1:5\nat noon\n^\n 12:30:45")).toEqual(["text", "text", "text", "text"]);
  });

  test("a long line of source is cut to what stands around its mark, which still points at the same character", () => {
    const source = `${"a".repeat(200)}!${"b".repeat(200)}`;
    const cut = shortened(source, `${" ".repeat(200)}^`);
    expect(cut.source.length).toBeLessThan(70);
    expect(cut.source[cut.mark.indexOf("^")]).toBe("!");
    expect(shortened("a.b", " ^")).toEqual({ source: "a.b", mark: " ^" });
    const atEnd = shortened(source, `${" ".repeat(400)}^`);
    expect(atEnd.source.slice(0, atEnd.mark.indexOf("^") + 1).endsWith("bbb")).toBe(true);
  });

  test("a page translates a console's text as it flows", async () => {
    const map = sourceMapOf("firmware/lamp/lamp.ts", [
      { line: 1, column: 0, originalLine: 3, originalColumn: 0 },
      { line: 1, column: 20, originalLine: 7, originalColumn: 4 },
    ]);
    const stream = translateErrors(map);
    const writer = stream.writable.getWriter();
    const pieces = [
      "tick\r\nUncaught Error: no\r\n    at fo",
      "o (lamp.a:1:25)\r\na.x\r\n",
      "    at m.js:1:25",
    ];
    const written = (async () => {
      for (const piece of pieces) await writer.write(piece);
      await writer.close();
    })();
    let text = "";
    for await (const piece of stream.readable) text += piece;
    await written;
    expect(text).toBe(
      "tick\r\nUncaught Error: no\r\n    at foo (firmware/lamp/lamp.ts:7:5, lamp.a:1:25)\r\na.x\r\n    at m.js:1:25",
    );
  });
});

describe("restarts", () => {
  const restarts = (...lines: string[]): string[] => {
    const watcher = new RestartWatcher();
    return lines.flatMap((line) => {
      const { restart, why } = watcher.read(line);
      return restart ? [`restart: ${restart.why}`] : why === undefined ? [] : [`why: ${why}`];
    });
  };
  const banner = " 2v29.277 (c) 2026 G.Williams";

  test("of an ESP32: the chip's first words count, the interpreter's banner that follows is the same start", () => {
    expect(
      restarts(
        "ets Jun  8 2016 00:22:57",
        "",
        "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
        "entry 0x400806b4",
        banner,
      ),
    ).toEqual(["restart: undefined", "why: power on"]);
  });

  test("of later chips, with what the reset was", () => {
    const rom = "ESP-ROM:esp32c3-api1-20210207";
    expect(
      restarts(
        rom,
        "rst:0xf (BROWNOUT_RST),boot:0xc (SPI_FAST_FLASH_BOOT)",
        banner,
        rom,
        "rst:0x7 (TG0WDT_SYS_RST),boot:0xc (SPI_FAST_FLASH_BOOT)",
        banner,
      ),
    ).toEqual([
      "restart: undefined",
      "why: brown-out: the supply was too weak",
      "restart: undefined",
      "why: watchdog",
    ]);
  });

  test("after a crash, with the crash", () => {
    expect(
      restarts(
        "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.",
        "Rebooting...",
        "ets Jul 29 2019 12:21:46",
        "rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
      ),
    ).toEqual(["restart: undefined", "why: crash of the interpreter: LoadProhibited"]);
  });

  test("of an ESP8266", () => {
    expect(restarts(" ets Jan  8 2013,rst cause:4, boot mode:(3,6)")).toEqual(["restart: watchdog"]);
  });

  test("of a board of which only the interpreter is heard: each banner is one", () => {
    expect(restarts(banner, "tick", banner)).toEqual(["restart: undefined", "restart: undefined"]);
  });
});

describe("words", () => {
  const entry = { kind: "text", time: Date.UTC(2026, 0, 1), sinceStartMs: 12_345.6, text: "tick" } as const;
  const plain = { timestamps: true, colours: false, short: false };

  test("each line begins with the time of day, and with the time since the board's start where that was seen", () => {
    expect(lineFor(entry, plain)).toMatch(/^\d\d:\d\d:00\.000 \+12\.346 tick$/);
    expect(lineFor({ ...entry, sinceStartMs: undefined }, plain)).toMatch(/^\d\d:\d\d:00\.000 tick$/);
    expect(lineFor(entry, { ...plain, timestamps: false })).toBe("tick");
    expect([seconds(undefined), seconds(5)]).toEqual(["         -", "    +0.005"]);
  });

  test("colours only where there are some, and the place in TypeScript stands out", () => {
    const place = { file: "firmware/main.ts", line: 3, column: 4 };
    const trace = {
      ...entry,
      kind: "trace",
      text: "    at f (firmware/main.ts:3:4, lamp.a:1:5)",
      place,
    } as const;
    expect(lineFor(trace, { ...plain, timestamps: false })).toBe(trace.text);
    expect(lineFor(trace, { timestamps: false, colours: true, short: true })).toContain(
      "\x1b[1;36mfirmware/main.ts:3:4\x1b[0m",
    );
    expect(lineFor({ ...entry, kind: "restart" }, { ...plain, timestamps: false })).toBe("--- tick");
  });
});
