/** A program of one's own means on the board what it means in TypeScript, whatever the minifier makes of it. */
import { afterEach, describe, expect, test } from "vitest";
import { internalNames, internalNamesIn } from "../tools/build/internal-names.ts";
import { publishPacket, ScriptedBroker } from "./broker/scripted-broker.ts";
import { type BoardDriver, onEveryBoard } from "./drivers/index.ts";
import { buildOwn, oneClient } from "./fixtures/own-program.ts";

/** Name, program, and what it prints. */
const programs: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "keys of JSON",
    "print(JSON.stringify({ celsius: 21, nested: { percent: 40 } }));",
    ['{"celsius":21,"nested":{"percent":40}}'],
  ],
  [
    "members of what was JSON",
    `const read = JSON.parse('{"celsius":21,"nested":{"percent":40}}');
     print("" + read.celsius + " " + read.nested.percent);`,
    ["21 40"],
  ],
  [
    "keys made at run time",
    `const weather: any = { celsius: 21, humidity: 40 };
     const half = getTime() >= 0 ? "cel" : "";
     weather[half + "sius"]++;
     print(weather.celsius + " " + weather["humi" + "dity"]);`,
    ["22 40"],
  ],
  [
    "keys listed",
    `const weather: any = { celsius: 21, humidity: 40 };
     for (const key in weather) print(key);
     print(Object.keys(weather).join());`,
    ["celsius", "humidity", "celsius,humidity"],
  ],
  [
    "keys asked for, and deleted",
    `const weather: any = { celsius: 21 };
     const name = getTime() >= 0 ? "celsius" : "";
     print("" + (name in weather) + ("celsius" in weather) + weather.hasOwnProperty(name));
     delete weather.celsius;
     print("" + (name in weather));`,
    ["truetruetrue", "false"],
  ],
  [
    "members of classes",
    `class Thermometer {
       celsius = 21;
       static unit = "C";
       warmer() { this.celsius++; return this; }
       get kelvin() { return this.celsius + 273; }
     }
     const one: any = new Thermometer();
     const method = getTime() >= 0 ? "warmer" : "";
     one[method]();
     print(JSON.stringify(one) + one["kel" + "vin"] + (Thermometer as any)["un" + "it"]);`,
    ['{"celsius":22}295C'],
  ],
  [
    "names that the client has too",
    `const telegram: any = { data: 1, id: 2, wait: 3, known: 4, packet: 5, handler: 6, at: 7, failures: 8 };
     print(JSON.stringify(telegram) + Object.keys(telegram).length);
     print(telegram["fail" + "ures"]);`,
    ['{"data":1,"id":2,"wait":3,"known":4,"packet":5,"handler":6,"at":7,"failures":8}8', "8"],
  ],
  [
    "short names",
    `const point: any = { a: 1, b: 2, e: 3, i: 4, n: 5, o: 6, r: 7, s: 8, t: 9 };
     let sum = 0;
     for (const key in point) sum += point[key];
     print(sum + JSON.stringify(point));`,
    ['45{"a":1,"b":2,"e":3,"i":4,"n":5,"o":6,"r":7,"s":8,"t":9}'],
  ],
  [
    "a getter with an effect",
    `let reads = 0;
     const sensor = { get value() { reads++; return 5; } };
     const first = sensor.value;
     const second = sensor.value;
     print(reads + " " + (first + second));`,
    ["2 10"],
  ],
  [
    "the number of a function's parameters",
    `const handler = (topic: string, payload: string) => { print("never"); };
     const handlers = [handler, () => print("never")];
     print(handlers.map((one) => one.length).join());`,
    ["2,0"],
  ],
  [
    "a function that makes objects",
    `const Lamp: any = function (this: any, level: number) { this.level = level; };
     const kinds = { Bulb: function (this: any) { this.watts = 5; } } as any;
     const lamps = [new Lamp(3), new Lamp(4), new kinds.Bulb()];
     print(JSON.stringify(lamps));`,
    ['[{"level":3},{"level":4},{"watts":5}]'],
  ],
  [
    "the arguments of a function",
    `function sum() { let all = 0; for (let i = 0; i < arguments.length; i++) all += arguments[i]; return all; }
     print(sum.length + " " + (sum as any)(1, 2, 3) + " " + (sum as any)());`,
    ["0 6 0"],
  ],
  [
    "this of a method, and of an arrow in it",
    `const lamp = { level: 3, both() { return [1, 2].map((one) => one * this.level); }, plain: function (this: any) { return this.level; } };
     print(lamp.both().join() + lamp.plain());`,
    ["3,63"],
  ],
  [
    "arithmetic in its order",
    `const tenth = getTime() >= 0 ? 0.1 : 0;
     print("" + (tenth * 3 * 10 === 3) + (3 * (tenth * 10) === 3) + (1e308 * 10 * tenth));`,
    ["falsetrueInfinity"],
  ],
  [
    "conversions of odd values",
    `const odd: any[] = [null, undefined, true, "", "7", [1, 2]];
     print(odd.map((one) => String(one)).join("|"));
     print(new Array(3, 4).join() + Array(2).length);`,
    ["null|undefined|true||7|1,2", "3,42"],
  ],
  [
    "the fields of each object its own",
    `class Room { lamps: string[] = []; level = 0; lit = () => this.level > 0; static count = 0; constructor() { Room.count++; } }
     class Hall extends Room { size = Room.count * 10; }
     const hall: any = new Hall(); const attic: any = new Room();
     hall.lamps.push("a"); hall.level = 2;
     print(JSON.stringify([hall, attic]) + hall.lit() + attic.lit() + Room.count + Object.keys(attic).length);`,
    ['[{"lamps":["a"],"level":2,"size":10},{"lamps":[],"level":0}]truefalse23'],
  ],
  [
    "the arguments of a constructor that is inherited",
    `class Lamp { level: number; constructor(level: number, more: number) { this.level = level + more; } }
     class Bulb extends Lamp { watts = 5; sum() { return this.level + this.watts; } }
     print("" + new Bulb(3, 4).sum());`,
    ["12"],
  ],
  [
    "a class's name inside of it",
    `const Lamp = class Inner { static made = 0; constructor() { Inner.made++; } all() { return Inner.made; } };
     class Outer { static made = 3; all() { return Outer.made; } }
     new Lamp();
     print("" + new Lamp().all() + new Outer().all());`,
    ["23"],
  ],
  [
    "the variable of each turn of a loop",
    `const later: (() => any)[] = [];
     for (const pin of [7, 8]) later.push(() => pin);
     for (let i = 0; i < 3; i++) { if (i === 1) continue; later.push(() => i); }
     for (let i = 0, most = 2; i < most; i++) later.push(() => i + most);
     for (const key in { a: 1, b: 2 }) { const twice = key + key; later.push(() => twice + key); }
     print(later.map((one) => one()).join());`,
    ["7,8,0,2,2,3,aaa,bbb"],
  ],
  [
    "what is declared in a block inside of it",
    `function state(which: number) {
       const level = 1;
       function name() { return "outer"; }
       if (which) { function name() { return "inner"; } class Level { all = level; } print(name() + new Level().all); }
       for (const one of [1]) { class Level { all = one + 9; } print("" + new Level().all); }
       switch (which) { case 1: let other = 5; print("" + other); break; case 2: { let level = 7; print("" + level); } }
       return name() + level;
     }
     print(state(1)); print(state(2));`,
    ["inner1", "10", "5", "outer1", "inner1", "10", "7", "outer1"],
  ],
  [
    "a class that is made on a condition",
    `const make = (which: number): any => (which ? class { say() { return "one" + which; } } : class { say() { return "none"; } });
     let Kind: any;
     for (const which of [0, 1]) if (which) Kind = class { say() { return "kind"; } };
     switch (getTime() >= 0 ? 2 : 1) { case 1: class Never { say() { return "never"; } } print(new Never().say()); break; default: print("default"); }
     print([make(0), make(1), Kind].map((one) => new one().say()).join());`,
    ["default", "none,one1,kind"],
  ],
  [
    "a function that is declared below its use in another",
    `const early = () => later();
     function later() { return "later"; }
     print(early());`,
    ["later"],
  ],
  [
    "a method by the name of a built-in",
    `const box = { at(n: number) { return n; }, values() { return 1; }, log2: (n: number) => n };
     print(box.at(3) + box.values() + box.log2(4));`,
    ["8"],
  ],
];

onEveryBoard("a program of one's own keeps", (kind) => {
  let driver: BoardDriver;
  afterEach(() => driver.close());

  test.each(programs)("%s", async (_, text, expected) => {
    driver = kind.create();
    const { code, map } = await buildOwn(text);
    const board = await driver.start({ bundle: code, sourceMap: map });
    await board.until(() => board.console.length >= expected.length, 5_000, "it has printed");
    expect(board.console).toEqual(expected);
  });
});

describe("properties that the build renames in a program of one's own", () => {
  const withClient = `${oneClient}
    subscribe(client, "a", 1, (topic, payload) => { publish(client, "b", payload, 1, false); print(topic); });
    client.onConnect = () => print("online");
    setInterval(() => tick(client), 1000);`;

  test("are fields of the firmware alone, and shorter for it", async () => {
    const { code } = await buildOwn(withClient);
    for (const name of ["inboundIdle", "subscriptions", "inFlight"]) expect(code).not.toContain(name);
    for (const name of ["onConnect", "onPublish", "onFlush", "online", "dropped"])
      expect(code).toContain(name);
  });

  test("keep their names where the program names them, in whatever way", async () => {
    for (const mention of [
      "print(client.inboundIdle);",
      'print((client as any)["inboundIdle"]);',
      'const field = "inboundIdle"; print((client as any)[field]);',
      "const inboundIdle = getTime(); print(inboundIdle);",
      "print(`inboundIdle`);",
    ])
      expect((await buildOwn(withClient + mention)).code).toContain(".inboundIdle");
  });

  test("are never called what the program calls something", async () => {
    const letters = [..."abcdefghijklmnopqrstuvwxyz", ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    const { code } = await buildOwn(`${withClient}print(${JSON.stringify(letters.join(" "))});`);
    expect(code).not.toMatch(/\.[A-Za-z]\b/);
  });

  test("are by no means options, callbacks, and what docs/mqtt.md lets a program read", () => {
    const names = internalNames();
    expect(names).toEqual(
      expect.arrayContaining(["inboundIdle", "messages", "subscriptions", "wifi", "packet"]),
    );
    for (const open of [
      ..."clientId keepAlive cleanSession username password will topic payload qos retain".split(" "),
      ..."onConnect onDisconnect onSubscribe onPublish onKnown onFlush online dropped oversize".split(" "),
    ])
      expect(names).not.toContain(open);
  });

  test("are those of interfaces with the tag @internal, without what has the tag @public or stands in another interface too", () => {
    const text = `
      /** Not told. @internal */
      export interface Inner {
        /** Why. */
        hidden: { [key: string]: number };
        /** Told. @public */
        told: number;
        both: number;
        run(argument: number): void;
      }
      /** Told. */
      export interface Outer extends Inner { both: string; open?: number }`;
    expect(internalNamesIn([text])).toEqual(["hidden", "run"]);
  });

  test("of modules that firmware/board.d.ts does not describe are not renamed", async () => {
    const { code } = await buildOwn(`
      const bus: any = new (global as any).I2C();
      bus.setup({ scl: D5, sda: D4, bitrate: 400000 });
      setWatch((event: any) => print(event.lastTime), D0, { repeat: true, edge: "rising", debounce: 50 });
      require("Storage").open("log", "a").write("x");`);
    for (const name of ["scl:", "sda:", "bitrate:", "lastTime", "edge:", "debounce:", "repeat:"])
      expect(code).toContain(name);
  });
});

onEveryBoard("a client in a program of one's own", (kind) => {
  let driver: BoardDriver;
  afterEach(() => driver.close());

  test("works although the program gives it a field, and names many of its", async () => {
    driver = kind.create();
    const broker = new ScriptedBroker();
    const port = await driver.serve(broker);
    const text = `${oneClient}
      const noted: any = client;
      noted.a = noted.b = noted.e = noted.i = noted.n = noted.o = noted.r = noted.t = "noted";
      const telegram: any = { data: 1, id: 2, wait: 3, known: 4, packet: 5, handler: 6, at: 7, end: 8, out: 9 };
      subscribe(client, "ask", 1, (topic, payload) => {
        publish(client, "answer", payload + JSON.stringify(telegram) + noted.a + noted.t, 1, false);
      });
      setInterval(() => { tick(client); }, 1000);`;
    const { code, map } = await buildOwn(text, { "mqtt.port": port });
    const board = await driver.start({ bundle: code, sourceMap: map });
    await board.until(
      () => broker.connections.some((one) => one.subscriptions.length > 0),
      10_000,
      "subscribed",
    );
    broker.current.send(publishPacket("ask", "x", { qos: 1, packetId: 5 }));
    await board.until(() => broker.current.published.length > 0, 5_000, "answered");
    expect(broker.current.published[0]?.payload.toString()).toBe(
      'x{"data":1,"id":2,"wait":3,"known":4,"packet":5,"handler":6,"at":7,"end":8,"out":9}notednoted',
    );
    expect(board.console.filter((line) => /Uncaught|Error/.test(line))).toEqual([]);
  });
});
