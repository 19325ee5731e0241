/** Records a real lamp: a TCP proxy between it and its broker that takes down what passes, in the format of `--record`. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Traffic } from "../world/traffic.ts";
import { trafficMask } from "./recorder.ts";
import { asJsonLine, RECORDING_VERSION } from "./recording.ts";
import { fileSink, type Sink } from "./sink.ts";

export interface TcpRecordingOptions {
  /** Where the lamp connects to; 0 takes a free port. */
  listenPort: number;
  /** Default 127.0.0.1, which only this computer reaches: a lamp on the network needs the address of this computer there. */
  listenHost?: string | undefined;
  broker: { host: string; port: number };
  /** A file's name, or a function that takes its pieces. */
  file: string | Sink;
  /** Told of connections that came, ended, or found no broker. */
  onNews?: ((text: string) => void) | undefined;
}

export interface TcpRecording {
  readonly port: number;
  /** Ends all connections and the file. */
  close(): Promise<void>;
}

type TrafficBody = Traffic extends infer Each
  ? Each extends Traffic
    ? Omit<Each, "t" | "connection">
    : never
  : never;

/**
 * Listens until `close`. User names and passwords pass on to the broker, but do not get into the recording.
 * @throws Error when the port is taken (the promise is rejected), TraceFileError when the file cannot be written.
 */
export async function recordTcp(options: TcpRecordingOptions): Promise<TcpRecording> {
  const { listenPort, listenHost = "127.0.0.1", broker, file, onNews = () => {} } = options;
  const opened = typeof file === "string" ? fileSink(file) : undefined;
  const sink = opened?.write ?? (file as Sink);
  const mask = trafficMask();
  const begin = performance.now();
  const now = (): number => Math.round((performance.now() - begin) * 1000) / 1000;
  let connections = 0;
  const sockets = new Set<Socket>();
  sink(asJsonLine({ type: "recording", version: RECORDING_VERSION, clock: "order", observed: ["traffic"] }));

  const server = createServer({ allowHalfOpen: true }, (lamp) => {
    const connection = ++connections;
    const tell = (what: TrafficBody): void =>
      sink(asJsonLine(mask({ t: now(), connection, ...what } as Traffic)));
    onNews(`connection ${connection} from ${lamp.remoteAddress}`);
    tell({ type: "connect", host: broker.host, port: broker.port });
    tell({ type: "open" });
    join(lamp, connect({ ...broker, allowHalfOpen: true }), tell, (text) =>
      onNews(`connection ${connection}: ${text}`),
    );
  });

  /** Both ways; the end of one side ends the other. */
  const join = (
    lamp: Socket,
    other: Socket,
    tell: (what: TrafficBody) => void,
    news: (text: string) => void,
  ): void => {
    let over = false;
    const closed = (by: "board" | "other" | "reset"): void => {
      if (over) return;
      over = true;
      tell({ type: "closed", by });
      news(`closed by ${by === "board" ? "the lamp" : "the broker"}`);
    };
    for (const [from, to, type, by] of [
      [lamp, other, "from-board", "board"],
      [other, lamp, "to-board", "other"],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (bytes) => {
        if (!over) tell({ type, bytes: bytes.toString("latin1") });
        if (!to.write(bytes)) from.pause();
      });
      to.on("drain", () => from.resume());
      from.on("end", () => {
        closed(by);
        to.end();
      });
      from.on("error", (error: NodeJS.ErrnoException) => {
        if (from === other && error.syscall === "connect")
          news(`no broker at ${broker.host}:${broker.port} (${error.code})`);
        closed(from === lamp ? "board" : "reset");
        to.resetAndDestroy();
      });
      from.on("close", () => sockets.delete(from));
    }
  };

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(listenPort, listenHost, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closing = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closing;
      sink(asJsonLine({ t: now(), type: "end" }));
      opened?.close();
    },
  };
}
