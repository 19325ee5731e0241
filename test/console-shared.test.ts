// Two programs on one console, as TCP lets it: whoever is disturbed says so instead of guessing, and stops before the two of them spoil what is on the board.
import { describe, expect, test } from "vitest";
import { BoardConsole } from "../tools/console/board-console.ts";
import { ConsoleError } from "../tools/console/errors.ts";
import { identify } from "../tools/console/identify.ts";
import { Others } from "../tools/console/others.ts";
import { installBundle } from "../tools/flash/install.ts";
import { InstallError } from "../tools/flash/install-error.ts";
import { type FlashBoard, flashBoard, lampNamed, lampsStarted } from "./fixtures/flash-board.ts";
import { inBoardTime, type SimulatedPortOptions, simulatedPort } from "./fixtures/simulated-port.ts";

const shared =
  "another program uses the console on simulated at the same time (the board answers what was not asked here): close it (wick monitor, wick flash, a page in a browser), then repeat the command";

/** A board with a lamp of an older kind on it, switched on. */
function boardWithLamp(): FlashBoard {
  const bench = flashBoard({ files: { ".bootcde": lampNamed("old", 900) } });
  bench.board.boot();
  return bench;
}

/** One of the programs on its console: each sees all that the board says. */
function program(
  bench: FlashBoard,
  { packets, ...cable }: SimulatedPortOptions & { packets?: boolean } = {},
) {
  const { clock } = bench;
  const port = simulatedPort(bench, cable);
  const console = new BoardConsole(port, { clock, ...(packets === undefined ? {} : { packets }) });
  return { port, console };
}

function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => `no error, but ${JSON.stringify(value)}`,
    (error: unknown) => error,
  );
}

const bundle = Buffer.from(lampNamed("new", 3000), "latin1");

/** What starts at the board's next start. */
function startsNext(bench: FlashBoard): string[] {
  bench.board.powerOff();
  const before = lampsStarted(bench).length;
  bench.board.boot();
  return lampsStarted(bench).slice(before);
}

/** What the board answers to a question in a packet; no asker of ours begins with 0. */
function answer(mark: string): string {
  return `\x06\x10\x01\x20"<${mark}<1>${mark}>2212294583;"`;
}

describe("two that install on one board at the same time", () => {
  // Their bytes get into the way of each other, never twice in the same manner: no line can be promised, a lamp can.
  test.each([40, 300, 700, 1500, 2500])(
    "the second begins %i ms after the first: whatever becomes of the two, the board starts a whole lamp",
    async (ms) => {
      const bench = boardWithLamp();
      const { clock } = bench;
      const install = async (after: number): Promise<void> => {
        const { console } = program(bench);
        await new Promise<void>((resolve) => clock.schedule(clock.now() + after, () => resolve()));
        await installBundle(console, bundle, { clock });
      };
      const both = Promise.allSettled([install(0), install(ms)]);
      const outcomes = await inBoardTime(clock, both, 300_000);
      const errors = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      for (const error of errors) expect(error).toBeInstanceOf(InstallError);
      const started = startsNext(bench);
      expect(["old", "new"]).toContain(started.join());
      if (errors.length < 2) expect(started).toEqual(["new"]);
    },
  );
});

describe("another program that works on the board", () => {
  test("stops an upload, which leaves the lamp that is there", async () => {
    const bench = boardWithLamp();
    const { clock } = bench;
    let others = "";
    const { console } = program(bench, {
      toDesk: (bytes) => {
        const all = bytes + others;
        others = "";
        return all;
      },
    });
    let isFirst = true;
    const onProgress = (sent: number): void => {
      if (sent === 0 || !isFirst) return;
      isFirst = false;
      others = answer("00z.5") + answer("00z.6");
    };
    const error = await inBoardTime(clock, errorOf(installBundle(console, bundle, { clock, onProgress })));
    expect(error).toMatchObject({ code: "console", lamp: "unchanged", message: shared });
    expect(startsNext(bench)).toEqual(["old"]);
  });

  test("stops a trial: the new lamp is not kept", async () => {
    const bench = boardWithLamp();
    const { clock } = bench;
    const { console } = program(bench);
    let found: Promise<unknown> | undefined;
    const error = await inBoardTime(
      clock,
      errorOf(
        installBundle(console, bundle, {
          clock,
          onStep({ step }) {
            if (step !== "trial") return;
            // While the new lamp is watched nobody asks.
            clock.schedule(clock.now() + 800, () => {
              found = identify(simulatedPort(bench), { clock });
            });
          },
        }),
      ),
    );
    expect(error).toMatchObject({ code: "console", lamp: "on-trial", message: shared });
    expect(await found).toMatchObject({ kind: "espruino" });
    expect(startsNext(bench)).toEqual(["old"]);
  });

  test("may be over: half a minute later there is nothing in the way", async () => {
    const bench = boardWithLamp();
    const { clock } = bench;
    const { console } = program(bench);
    const run = <T>(work: Promise<T>): Promise<T> => inBoardTime(clock, work);
    expect(await run(console.evaluate("1"))).toBe(1);
    await run(identify(simulatedPort(bench), { clock }));
    await run(program(bench).console.evaluate("2"));
    const error = await run(errorOf(console.evaluate("3")));
    expect(error).toBeInstanceOf(ConsoleError);
    expect(error).toMatchObject({ code: "shared", message: shared });
    await clock.advance(31_000);
    expect(await run(console.evaluate("4"))).toBe(4);
  });
});

describe("a monitor beside it", () => {
  const monitored = async () => {
    const bench = boardWithLamp();
    const { clock } = bench;
    const { console } = program(bench);
    expect(await inBoardTime(clock, console.evaluate("1"))).toBe(1);
    const monitor = program(bench, { packets: false });
    expect(await inBoardTime(clock, monitor.console.evaluate("'what runs'"))).toBe("what runs");
    return { bench, clock, console };
  };

  test("does no harm: the lamp is installed", async () => {
    const { bench, clock, console } = await monitored();
    await inBoardTime(clock, installBundle(console, bundle, { clock }));
    expect(startsNext(bench)).toEqual(["new"]);
  });

  test("is not blamed for a lamp that throws", async () => {
    const { bench, clock, console } = await monitored();
    const broken = Buffer.from("throw new Error('crash');");
    const error = await inBoardTime(clock, errorOf(installBundle(console, broken, { clock })));
    expect(error).toMatchObject({ code: "threw", message: expect.stringContaining("crash") });
    expect(startsNext(bench)).toEqual(["old"]);
  });
});

describe("who else is there", () => {
  const heard = (...texts: string[]): Others => {
    const others = new Others("0me");
    // Byte by byte, as a cable may have it.
    for (const text of texts) for (const byte of text) others.add(byte, 0);
    return others;
  };

  test("nobody, where a late answer to an earlier run comes before the first to us", () => {
    const others = heard(answer("abc.5"), answer("0me.0"), "lamp is on\r\n", answer("0me.1"));
    expect([others.areThere, others.areWorking, others.areInTheWay(0)]).toEqual([false, false, false]);
  });

  test("nobody, where the board prints what looks like it", () => {
    const others = heard(answer("0me.0"), `<a.b<1>a.b>x;"`, "<p>v1.2</p>;\r\n", 'a>b.c;"', "1>2.5>3\r\n");
    expect(others.areThere).toBe(false);
  });

  test("nobody, where a mark of ours lost a character on the way, as a digit that turns into XOFF", () => {
    const others = heard(answer("0me.0"), answer("me.1"), answer("0m.2"), answer("e.3"), answer("0me4"));
    expect(others.areThere).toBe(false);
  });

  test("somebody who watches: a line, after an answer to us", () => {
    const others = heard(answer("0me.0"), "<abc.5<1>abc.5>2212294583;\r\n!abc.5!\r\n");
    expect([others.areThere, others.areWorking, others.areInTheWay(0)]).toEqual([true, false, false]);
  });

  test("somebody who works: a packet, after an answer to us; in the way once there are two", () => {
    const others = heard(answer("0me.0"), answer("abc.5"));
    expect([others.areThere, others.areWorking, others.areInTheWay(0)]).toEqual([true, true, false]);
    for (const byte of answer("abc.6")) others.add(byte, 0);
    expect([others.areInTheWay(0), others.areInTheWay(30_000)]).toEqual([true, false]);
  });

  test("somebody, where nothing answers us, but two questions of others came to the board", () => {
    const garbled = (mark: string): string => `Uncaught SyntaxError\r\nfree+">${mark}"+">;")\r\n`;
    expect(heard(garbled("abc.5")).areThere).toBe(false);
    expect(heard(garbled("abc.5"), garbled("abc.6")).areThere).toBe(true);
  });
});

test("a console on TCP that another program has taken away: what to do", async () => {
  const bench = boardWithLamp();
  const { port, console } = program(bench, { name: "tcp://127.0.0.1:2323" });
  const waiting = errorOf(console.evaluate("1"));
  port.pull("the other side closed the connection");
  expect(await inBoardTime(bench.clock, waiting)).toMatchObject({
    code: "gone",
    message:
      "tcp://127.0.0.1:2323 is gone (the other side closed the connection): close what else may use this console (wick monitor), see that the board has power, then repeat the command",
  });
});
