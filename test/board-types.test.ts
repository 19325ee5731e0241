/** The types of each board's pins: a pin that the board does not have, or that cannot do it, fails the build. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pinDeclarations } from "../tools/build/pin-declarations.ts";
import { typecheck } from "../tools/build/typecheck.ts";
import { loadProfile, profileNames } from "../tools/config/profile.ts";

const root = process.cwd();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-pins-"));
  const project = {
    extends: join(root, "firmware/tsconfig.json"),
    // The editor shows the pins of this board; the build is asked for others below.
    files: [join(root, "board-profiles/types/esp32-devkitc.d.ts")],
    include: [join(root, "firmware/board.d.ts"), "*.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What `wick build --entry program.ts --board BOARD` says of a program's types, without the path. */
async function said(board: string, program: string): Promise<string[]> {
  const entry = join(folder, "program.ts");
  writeFileSync(entry, `${program}\nexport {};\n`);
  const text = await typecheck(entry, loadProfile(board));
  return text === "" ? [] : text.split("\n").map((line) => line.replace(/^.*program\.ts:/, "program.ts:"));
}

describe("a program with a pin", () => {
  test("that the board has, and that can do it, is right", async () => {
    const program = `
      digitalWrite(D2, 1);
      analogWrite(D4, 0.5, { freq: 1000 });
      analogWrite(D25, 0.5, { freq: 1000 }); // by its converter
      digitalWrite(D33, 1);`;
    expect(await said("esp32-devkitc", program)).toEqual([]);
  });

  test("that the board does not have, or that cannot do it, is named with its place and the pins that can", async () => {
    const program = [
      "digitalWrite(D99, 1);",
      "digitalWrite(D34, 1);",
      "digitalWrite(D6, 1);",
      'const level: number = "on";',
      "print(level);",
    ];
    expect(await said("esp32-devkitc", program.join("\n"))).toEqual([
      expect.stringMatching(
        /^program\.ts:1:14: esp32-devkitc has no pin D99 \(did you mean "D9"\?\); it has: D0, D1, .*D39 \(TS\d+\)$/,
      ),
      expect.stringMatching(
        /^program\.ts:2:14: D34 of esp32-devkitc cannot be an output \(Input only, without pull-up or pull-down\); these can: D0, D2, .* \(TS\d+\)$/,
      ),
      expect.stringMatching(
        /^program\.ts:3:14: D6 of esp32-devkitc is not for programs: Wired to the flash chip of the module \(TS\d+\)$/,
      ),
      "program.ts:4:7: Type 'string' is not assignable to type 'number'. (TS2322)",
      expect.stringMatching(/^program\.ts:5:7: .*'string'/),
    ]);
  });

  test("of another board is named too, though the editor knows it", async () => {
    expect(
      await said("wemos-d1-mini", "digitalWrite(D33, 1);\ndigitalWrite(B2, 1);\ndigitalWrite(D2, 1);"),
    ).toEqual([
      expect.stringMatching(/^program\.ts:1:14: wemos-d1-mini has no pin D33.*; it has: D0, .*A0 \(TS\d+\)$/),
      expect.stringMatching(/^program\.ts:2:14: wemos-d1-mini has no pin B2/),
    ]);
  });

  test("without PWM cannot be dimmed", async () => {
    expect(await said("espruino-wifi", "digitalWrite(B2, 1);\nanalogWrite(B2, 0.5, { freq: 100 });")).toEqual(
      [
        expect.stringMatching(
          /^program\.ts:2:13: B2 of espruino-wifi cannot be dimmed .*these can: A0, A1, /,
        ),
      ],
    );
  });

  test("that drives a relay cannot be dimmed either", async () => {
    expect(await said("sonoff-basic", "analogWrite(D12, 0.5, { freq: 100 });")).toEqual([
      expect.stringMatching(/D12 of sonoff-basic cannot be dimmed \(The relay; a relay is no dimmer/),
    ]);
  });
});

describe("a program is checked strictly, with the board's API and pins, whatever lies around it", () => {
  const wrong = [
    'const level: number = "a";',
    "digitalWrite(D99, level);",
    "const half = (value) => value / 2;",
    "print(MQTT_HOST.nowhere);",
    "export {};",
  ].join("\n");
  const complaints = [
    /program\.ts:1:7: Type 'string' is not assignable to type 'number'\. \(TS2322\)$/,
    /program\.ts:2:14: esp32-devkitc has no pin D99/,
    /program\.ts:3:15: Parameter 'value' implicitly has an 'any' type\. \(TS7006\)$/,
    /program\.ts:4:17: Property 'nowhere' does not exist/,
  ];

  const surroundings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "no tsconfig.json": {},
    "one that is not strict": {
      "tsconfig.json":
        '{ "compilerOptions": { "strict": false, "noImplicitAny": false, "noEmitOnError": false } }',
    },
    "one that leaves it out": { "tsconfig.json": '{ "files": ["other.ts"] }', "other.ts": "export {};" },
    "one with nothing in it": { "tsconfig.json": '{ "files": [], "references": [] }' },
    "one that cannot be read": {
      "tsconfig.json": '{ "extends": "./nowhere.json", "files": ["program.ts"] }',
    },
    "one that is no JSON": { "tsconfig.json": '{ "compilerOptions' },
    "one for browsers": {
      "tsconfig.json":
        '{ "compilerOptions": { "lib": ["es2022", "dom"], "module": "commonjs", "skipLibCheck": true } }',
    },
    "a package.json of its own": { "package.json": '{ "name": "mine", "type": "commonjs" }' },
  };

  test.each(Object.entries(surroundings))("%s", async (_, files) => {
    const place = mkdtempSync(join(tmpdir(), "wick-elsewhere-"));
    try {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
      writeFileSync(join(place, "program.ts"), wrong);
      expect((await typecheck(join(place, "program.ts"))).split("\n")).toEqual(
        complaints.map((complaint) => expect.stringMatching(complaint)),
      );
      writeFileSync(
        join(place, "program.ts"),
        "digitalWrite(D2, 1);\nprint(MQTT_HOST);\nlet name = 1;\nprint(`${name}`);",
      );
      expect(await typecheck(join(place, "program.ts"))).toBe("");
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  test("by the package's name too, where Wick is a dependency", async () => {
    const place = mkdtempSync(join(tmpdir(), "wick-dependent-"));
    try {
      mkdirSync(join(place, "node_modules"));
      symlinkSync(root, join(place, "node_modules/wick"));
      const program = (topic: string) =>
        `import { subscribe, createClient } from "wick/firmware/mqtt/client.ts";\nconst client = createClient((open) => require("net").connect({ host: MQTT_HOST, port: MQTT_PORT }, open), "");\nsubscribe(client, ${topic}, 1, (topic) => print(topic));\n`;
      writeFileSync(join(place, "program.ts"), program("5"));
      expect(await typecheck(join(place, "program.ts"))).toMatch(
        /program\.ts:3:19: Argument of type 'number'/,
      );
      writeFileSync(join(place, "program.ts"), program('"a"'));
      expect(await typecheck(join(place, "program.ts"))).toBe("");
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  test("declarations of a project, and its names for modules, are there as well", async () => {
    const own = mkdtempSync(join(folder, "own-"));
    const options = { paths: { "home/*": ["./house/*"] } };
    writeFileSync(join(own, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
    writeFileSync(join(own, "extra.d.ts"), "declare function relay(level: number): void;\n");
    mkdirSync(join(own, "house"));
    writeFileSync(join(own, "house/hall.ts"), "export const hall = 5;\n");
    const program = 'import { hall } from "home/hall.ts";\ndeclare const D34: number;\nrelay(hall + D34);\n';
    writeFileSync(join(own, "program.ts"), program);
    expect(await typecheck(join(own, "program.ts"))).toBe("");
  });
});

test("the firmware is right for the pins of a board other than the editor's", async () => {
  expect(await typecheck(undefined, loadProfile("nodemcu"))).toBe("");
});

test("the declarations of every board are right", async () => {
  // Each in a namespace of its own, as they share names.
  const spaces = profileNames().map((name, index) => {
    const pins = pinDeclarations(loadProfile(name)).replaceAll("declare const", "const");
    return `declare namespace Board${index} {\n${pins}}`;
  });
  expect(await said("linux", spaces.join("\n"))).toEqual([]);
});

test.each(profileNames())("the declarations of %s are those that npm run schema makes", (name) => {
  const path = new URL(`../board-profiles/types/${name}.d.ts`, import.meta.url);
  expect(readFileSync(path, "utf8")).toBe(pinDeclarations(loadProfile(name)));
});
