// The desk's own way to a lamp's broker: what the config has is shown there, and no broker can keep the desk waiting for ever.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TlsOptions } from "node:tls";
import { Aedes } from "aedes";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { loadConfig } from "../tools/config/load.ts";
import { openUpdateLink, type UpdateLink } from "../tools/flash/over-the-air-link.ts";
import {
  authority,
  brokerCertificate,
  brokerKey,
  lampCertificate,
  lampKey,
} from "./fixtures/doctor-certificates.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-link-"));
  for (const [name, text] of Object.entries({ authority, lampCertificate, lampKey }))
    writeFileSync(join(folder, `${name}.pem`), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listening(server: Server, end: () => Promise<void> = async () => {}): Promise<number> {
  const sockets = new Set<Socket>();
  const note = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  };
  server
    .on("connection", note)
    .on("secureConnection", note)
    .on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await end();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}

async function tlsBroker(options: TlsOptions): Promise<number> {
  const aedes = await Aedes.createBroker();
  const server = createServer({ cert: brokerCertificate, key: brokerKey, ...options }, (socket) => {
    aedes.handle(socket);
  });
  return listening(server, () => new Promise<void>((resolve) => aedes.close(() => resolve())));
}

/** `set` as on the command line. */
async function link(port: number, set: string[] = [], answerMs?: number): Promise<UpdateLink> {
  const config = loadConfig({
    file: null,
    board: "linux",
    set: ["mqtt.host=127.0.0.1", `mqtt.port=${port}`, ...set],
  });
  const opened = await openUpdateLink(config, ["a/status"], answerMs);
  closing.unshift(() => opened.close());
  return opened;
}

test("a broker that wants a certificate sees the lamp's, and without one the desk is told that there is no connection", async () => {
  const port = await tlsBroker({ requestCert: true, rejectUnauthorized: true, ca: authority });
  await expect(link(port, ["mqtt.tls=true"])).rejects.toThrow(/^cannot reach the lamp's broker mqtts:/);
  const own = ["cert=lampCertificate", "key=lampKey"].map((one) => {
    const [part = "", file = ""] = one.split("=");
    return `mqtt.tls.${part}=${join(folder, `${file}.pem`)}`;
  });
  const heard: string[] = [];
  const opened = await link(port, own);
  opened.onMessage((topic, payload) => heard.push(`${topic} ${Buffer.from(payload)}`));
  const arrived = new Promise<void>((resolve) => opened.onMessage(() => resolve()));
  opened.publish("a/status", Buffer.from("online"));
  await arrived;
  expect(heard).toEqual(["a/status online"]);
});

test("a broker that never answers a subscription: the desk does not wait for ever", async () => {
  // CONNACK, and nothing more (MQTT 3.1.1 section 3.2).
  const silent = createTcpServer((socket) =>
    socket.once("data", () => socket.write("\x20\x02\0\0", "latin1")),
  );
  await expect(link(await listening(silent), [], 50)).rejects.toThrow(
    "does not let this computer subscribe to a/status",
  );
});

test("a link that is closed while it comes back leaves no connection behind", async () => {
  const waiting: Socket[] = [];
  let arrived: () => void = () => undefined;
  const second = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let connections = 0;
  // The first connection is granted all it asks for, and lost; the second waits for its CONNACK (MQTT 3.1.1 sections 3.2 and 3.9).
  const server = createTcpServer((socket) => {
    connections++;
    socket.once("data", () => {
      if (connections > 1) {
        waiting.push(socket);
        return arrived();
      }
      socket.write("\x20\x02\0\0", "latin1");
      socket.once("data", (subscribe: Buffer) => {
        socket.write(Buffer.from([0x90, 3, subscribe[2] ?? 0, subscribe[3] ?? 0, 1]));
        setImmediate(() => socket.destroy());
      });
    });
  });
  const opened = await link(await listening(server));
  await second;
  const [socket] = waiting;
  await opened.close();
  const gone = new Promise<string>((resolve) => socket?.once("close", () => resolve("closed")));
  socket?.write("\x20\x02\0\0", "latin1");
  // What comes after a CONNACK that is welcome.
  const subscribed = new Promise<string>((resolve) =>
    socket?.on("data", (data) => resolve(`it says ${data.toString("hex")}`)),
  );
  expect(await Promise.race([gone, subscribed])).toBe("closed");
});
