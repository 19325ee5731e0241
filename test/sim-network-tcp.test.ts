/** The impaired network over TCP: the same conditions, on the board's clock. */
import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { createBoard, createConditions, impair, Pacer, TcpNetwork, VirtualClock } from "../sim/index.ts";
import { seededRandom } from "../sim/random.ts";
import { until } from "./fixtures/heard.ts";
import { program } from "./fixtures/impaired-board.ts";

test("latency, chunks, half-open and a cut over TCP, a hundred times as fast", async () => {
  const sockets: Socket[] = [];
  let received = "";
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (bytes) => {
      received += bytes;
      socket.write("pong");
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const clock = new VirtualClock();
  const conditions = createConditions({ latencyMs: 2000, chunkBytes: 3 });
  const tcp = new TcpNetwork(clock);
  const board = createBoard({
    profile: { name: "linux", wifi: false },
    bundle: program,
    clock,
    network: impair(tcp, clock, seededRandom(1), conditions),
  });
  const pacer = new Pacer(clock);
  pacer.speed = 100;
  const log = (): string[] => String(board.evaluate("log.join()")).split(",");
  const timeOf = (what: string): number =>
    Number.parseInt(log().find((line) => line.endsWith(what)) ?? "NaN", 10);
  board.boot();
  board.evaluate(`join(${port})`);
  pacer.start();
  await until(() => log().includes(`${timeOf("open")} open`), "open", log);
  expect(timeOf("open")).toBeGreaterThanOrEqual(4000);
  const asked = clock.now();
  board.evaluate('c.write("ping")');
  await until(() => board.evaluate("all") === "pong", "the answer", log);
  expect(received).toBe("ping");
  expect(timeOf("data 3")).toBeGreaterThanOrEqual(asked + 4000);
  conditions.halfOpen = true;
  sockets[0]?.write("late");
  const silentFrom = clock.now();
  await until(() => clock.now() > silentFrom + 10_000, "10 s of silence", log);
  expect(board.evaluate("all")).toBe("pong");
  conditions.halfOpen = false;
  await until(() => board.evaluate("all") === "ponglate", "what was late", log);
  conditions.cut("reset");
  await until(() => board.sockets === 0, "the cut", log);
  pacer.stop();
  tcp.close();
  server.close();
});
