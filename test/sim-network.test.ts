/** The impaired network: each condition on its own, to the byte and the millisecond. */
import { describe, expect, test } from "vitest";
import { createConditions, impair, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { seededRandom } from "../sim/random.ts";
import { bench } from "./fixtures/impaired-board.ts";

describe("without faults", () => {
  test("nothing is added: events, times and alarms are those of the network below", async () => {
    const { board, clock, join, log, peer, heard } = bench();
    join();
    await clock.advance(1);
    expect(log()).toEqual(["0 open", "0 drain"]);
    board.evaluate('c.write("hello")');
    peer().send("x".repeat(1300));
    await clock.advance(1);
    peer().end();
    await clock.advance(1);
    expect(log().slice(2)).toEqual(["1 drain", "1 data 536", "1 data 536", "1 data 228", "2 close"]);
    expect(heard).toEqual(["0 accepted", "1 hello", "2 ended"]);
    expect(clock.next()).toBeUndefined();
  });
});

describe("latency", () => {
  test("is one way: an attempt takes two of it, a byte one, an end one", async () => {
    const { board, clock, join, log, peer, heard } = bench({ latencyMs: 100 });
    join();
    await clock.advance(1000);
    expect(log()).toEqual(["200 open", "200 drain"]);
    board.evaluate('c.write("hello")');
    peer().send("hi");
    await clock.advance(1000);
    peer().end();
    await clock.advance(1000);
    expect(heard).toEqual(["0 accepted", "1100 hello", "2000 ended"]);
    expect(log().slice(2)).toEqual(["1000 drain", "1100 data 2", "2100 close"]);
  });

  test("jitter varies it by the seed and keeps the order of bytes", async () => {
    const run = async (seed: number): Promise<string[]> => {
      const { clock, join, log, peer, received } = bench({ latencyMs: 50, jitterMs: 200 }, seed);
      join();
      await clock.advance(1000);
      for (let turn = 0; turn < 20; turn++) {
        peer().send(String.fromCharCode(97 + turn));
        await clock.advance(10);
      }
      await clock.advance(1000);
      expect(received()).toBe("abcdefghijklmnopqrst");
      return log();
    };
    const once = await run(1);
    expect(await run(1)).toEqual(once);
    expect(await run(2)).not.toEqual(once);
    const times = once.slice(2).map((line) => Number.parseInt(line, 10));
    // The last was sent at 1190 ms.
    expect(times.at(-1)).toBeGreaterThanOrEqual(1240);
    expect(times.at(-1)).toBeLessThanOrEqual(1440);
  });

  test("may change at any time; what is under way keeps its place", async () => {
    const { clock, conditions, join, peer, log, received } = bench({ latencyMs: 500 });
    join();
    await clock.advance(2000);
    peer().send("slow");
    await clock.advance(100);
    conditions.latencyMs = 0;
    peer().send("fast");
    await clock.advance(1000);
    expect(received()).toBe("slowfast");
    expect(log().slice(2)).toEqual(["2500 data 8"]);
  });
});

test("bandwidth: bytes trickle in pieces, each way on its own", async () => {
  const { board, clock, join, log, peer, heard } = bench({ bandwidthBytesPerSecond: 536 });
  join();
  await clock.advance(10);
  peer().send("x".repeat(1072));
  board.evaluate('c.write("y".repeat(1072))');
  await clock.advance(5000);
  expect(log().filter((line) => line.includes("data"))).toEqual(["1010 data 536", "2010 data 536"]);
  expect(heard.slice(1)).toEqual(["1010 536", "2010 536"]);
});

test("chunks: the board gets pieces of exactly so many bytes", async () => {
  const { clock, join, log, peer, received } = bench({ chunkBytes: 7 });
  join();
  await clock.advance(10);
  peer().send("abcdefghijklmnop");
  await clock.advance(10);
  expect(log().slice(2)).toEqual(["10 data 7", "10 data 7", "10 data 2"]);
  expect(received()).toBe("abcdefghijklmnop");
});

describe("slow drain", () => {
  test("no more than so many bytes are under way; the rest waits on the board", async () => {
    const { board, clock, join, log, heard } = bench({ drainBytes: 100, latencyMs: 50 });
    join();
    await clock.advance(1000);
    board.evaluate('c.write("x".repeat(250))');
    await clock.advance(1000);
    expect(heard.slice(1)).toEqual(["1050 100", "1150 100", "1250 50"]);
    expect(log().slice(2)).toEqual(["1200 drain"]);
  });

  test("0 stops it altogether, until it is taken back", async () => {
    const { board, clock, conditions, join, log, heard } = bench();
    join();
    await clock.advance(1000);
    conditions.drainBytes = 0;
    board.evaluate('c.write("stuck")');
    await clock.advance(60_000);
    expect(log().slice(2)).toEqual([]);
    conditions.drainBytes = Number.POSITIVE_INFINITY;
    await clock.advance(10);
    expect(heard.slice(1)).toEqual(["61000 stuck"]);
    expect(log().slice(2)).toEqual(["61000 drain"]);
  });
});

test("refused and unknown hosts: connect throws, as on the board", () => {
  const { conditions, join } = bench({ refuse: true });
  expect(join).toThrow("Unable to create socket");
  conditions.refuse = false;
  conditions.unknownHost = true;
  expect(join).toThrow("Unable to locate host");
  conditions.reset();
  expect(join).not.toThrow();
});

describe("half-open", () => {
  test("switched on in the middle: silence both ways; off again: what was sent meanwhile arrives", async () => {
    const { board, clock, conditions, join, log, peer, heard, received } = bench({ latencyMs: 10 });
    join();
    await clock.advance(1000);
    peer().send("before");
    board.evaluate('c.write("BEFORE")');
    await clock.advance(5);
    conditions.halfOpen = true;
    board.evaluate('c.write("DURING")');
    peer().send("during");
    await clock.advance(600_000);
    expect(log().slice(2)).toEqual(["1000 drain", "1005 drain"]);
    expect(heard).toEqual(["0 accepted"]);
    expect(board.sockets).toBe(1);
    conditions.halfOpen = false;
    await clock.advance(100);
    expect(received()).toBe("beforeduring");
    expect(heard.slice(1)).toEqual(["601015 BEFORE", "601015 DURING"]);
  });

  test("the board's TCP buffer fills up, and then nothing drains any more", async () => {
    const { board, clock, conditions, join, log } = bench();
    join();
    await clock.advance(1000);
    conditions.halfOpen = true;
    board.evaluate('c.write("x".repeat(5744))');
    await clock.advance(1000);
    board.evaluate('c.write("x")');
    await clock.advance(60_000);
    expect(log().slice(2)).toEqual(["1000 drain"]);
  });

  test("an end of the far side is not told before it is lifted", async () => {
    const { clock, conditions, join, log, peer } = bench();
    join();
    await clock.advance(1000);
    conditions.halfOpen = true;
    peer().end();
    await clock.advance(60_000);
    expect(log().slice(2)).toEqual([]);
    conditions.halfOpen = false;
    await clock.advance(10);
    expect(log().slice(2)).toEqual(["61000 close"]);
  });

  test("an attempt stays an attempt, and gets through or is refused once it is lifted", async () => {
    const { board, clock, conditions, join, log, heard } = bench({ halfOpen: true });
    join();
    await clock.advance(60_000);
    expect(log()).toEqual([]);
    expect(heard).toEqual([]);
    conditions.halfOpen = false;
    await clock.advance(10);
    expect(log()).toEqual(["60000 open", "60000 drain"]);
    board.evaluate("c.end(); log = []");
    conditions.halfOpen = true;
    board.evaluate("join(2)");
    await clock.advance(1000);
    conditions.halfOpen = false;
    await clock.advance(10);
    expect(log()).toEqual(["60010 close", "61010 error connection reset", "61010 close"]);
  });

  test("a board that gave up says its goodbye late; one that lost power says nothing more", async () => {
    const { board, clock, conditions, join, heard } = bench();
    join();
    join();
    await clock.advance(1000);
    conditions.halfOpen = true;
    board.evaluate('c.write("bye"); c.end()');
    await clock.advance(1000);
    board.powerOff();
    await clock.advance(1000);
    expect(heard).toEqual(["0 accepted", "0 accepted"]);
    conditions.halfOpen = false;
    await clock.advance(1000);
    expect(heard.slice(2).sort()).toEqual(["3000 broken", "3000 bye", "3000 ended"]);
  });
});

describe("cut", () => {
  test("by an end: what is under way arrives first, both ways", async () => {
    const { board, clock, conditions, join, log, peer, heard } = bench({ latencyMs: 100 });
    join();
    await clock.advance(1000);
    board.evaluate('c.write("out")');
    peer().send("in");
    await clock.advance(1);
    conditions.cut("end");
    await clock.advance(1000);
    expect(log().slice(2)).toEqual(["1000 drain", "1100 data 2", "1101 close"]);
    expect(heard.slice(1)).toEqual(["1100 out", "1101 ended"]);
    expect(board.sockets).toBe(0);
  });

  test("by a reset: what is under way is lost", async () => {
    const { board, clock, conditions, join, log, peer, heard } = bench({ latencyMs: 100 });
    join();
    await clock.advance(1000);
    board.evaluate('c.write("out")');
    peer().send("in");
    await clock.advance(1);
    conditions.cut("reset");
    await clock.advance(1000);
    expect(log().slice(2)).toEqual(["1000 drain", "1101 close"]);
    expect(heard.slice(1)).toEqual(["1101 broken"]);
  });

  test("cuts every connection there is, and none that comes later", async () => {
    const { board, clock, conditions, join, heard } = bench();
    join();
    join();
    await clock.advance(10);
    conditions.cut("reset");
    await clock.advance(10);
    expect(heard).toEqual(["0 accepted", "0 accepted", "10 broken", "10 broken"]);
    expect(board.sockets).toBe(0);
    join();
    await clock.advance(10);
    expect(board.sockets).toBe(1);
  });
});

test("conditions of each connection by where it leads", async () => {
  const clock = new VirtualClock();
  const loopback = new LoopbackNetwork(clock, { latencyMs: 0 });
  const slow = createConditions({ latencyMs: 300 });
  const fine = createConditions();
  const network = impair(loopback, clock, seededRandom(1), (_host, port) => (port === 1 ? slow : fine));
  const opened: number[] = [];
  for (const port of [1, 2]) {
    loopback.listen(port, () => {});
    const link = network.connect("x", port, () => {
      if (link.state === "open") opened.push(port * 1000 + clock.now());
    });
  }
  await clock.advance(1000);
  expect(opened).toEqual([2000, 1600]);
});

test("a value out of range is told of in one line, and nothing changes", () => {
  const conditions = createConditions();
  expect(() => {
    conditions.latencyMs = -1;
  }).toThrow("latencyMs is -1: it must be a number, 0 or more");
  expect(() => {
    conditions.chunkBytes = 1.5;
  }).toThrow("chunkBytes is 1.5: it must be a whole number of bytes");
  expect(() => Object.assign(conditions, { halfOpen: 1 })).toThrow("halfOpen is 1: it must be true or false");
  expect(conditions.latencyMs).toBe(0);
});
