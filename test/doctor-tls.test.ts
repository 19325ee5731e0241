/** `wick doctor` and TLS: the handshake as the board makes it, the certificate as a careful client judges it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext, createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { Aedes } from "aedes";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { boardServerName } from "../tools/doctor/broker/place.ts";
import type { Finding } from "../tools/doctor/check.ts";
import { diagnose, only, openBroker } from "./fixtures/doctor-broker.ts";
import {
  authority,
  brokerCertificate,
  brokerKey,
  lampCertificate,
  lampKey,
  otherAuthority,
} from "./fixtures/doctor-certificates.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-doctor-"));
  for (const [name, text] of Object.entries({ authority, otherAuthority, lampCertificate, lampKey }))
    writeFileSync(join(folder, `${name}.pem`), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openTlsBroker(options: TlsOptions = {}): Promise<number> {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<TLSSocket>();
  const server = createServer({ cert: brokerCertificate, key: brokerKey, ...options }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    aedes.handle(socket);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}

const BEFORE_ITS_END = Date.parse("2100-01-01");

function judged(
  port: number,
  more: { set?: string[]; host?: string; now?: number } = {},
): Promise<Record<string, Finding[]>> {
  const { set = [], host = "broker.test", now = BEFORE_ITS_END } = more;
  const ca = set.some((one) => one.startsWith("mqtt.tls"))
    ? []
    : [`mqtt.tls.ca=${join(folder, "authority.pem")}`];
  return diagnose({
    set: [`mqtt.host=${host}`, `mqtt.port=${port}`, "mqtt.tls=true", ...ca, ...set],
    surroundings: { now: () => now, patience: 0.5 },
    about: ["certificate", "login"],
  });
}

describe("the certificate", () => {
  test("of the right authority, for this name, and valid for long", async () => {
    const diagnosis = await judged(await openTlsBroker());
    expect(only(diagnosis, "certificate").message).toMatch(
      /^for broker\.test, until 2126-\d\d-\d\d, signed by mqtt\.tls\.ca; Espruino 2v29 itself encrypts and checks none of it$/,
    );
    expect(only(diagnosis, "login").status).toBe("ok");
  });

  test("for another name", async () => {
    const finding = only(await judged(await openTlsBroker(), { host: "127.0.0.1" }), "certificate");
    expect(finding.message).toBe("the broker's certificate is not for 127.0.0.1, but for DNS:broker.test");
    expect(finding.mend).toMatch(/^give the name that is in the certificate: --set mqtt\.host=NAME/);
  });

  test("by another authority", async () => {
    const set = [`mqtt.tls.ca=${join(folder, "otherAuthority.pem")}`];
    const finding = only(await judged(await openTlsBroker(), { set }), "certificate");
    expect(finding).toMatchObject({
      status: "failure",
      message: expect.stringContaining("mqtt.tls.ca did not sign"),
    });
    expect(finding.mend).toMatch(/--set mqtt\.tls\.ca=FILE$/);
  });

  test("whose authority nobody named", async () => {
    const finding = only(await judged(await openTlsBroker(), { set: ["mqtt.tls=true"] }), "certificate");
    expect(finding).toMatchObject({ status: "warning", mend: expect.stringContaining("mqtt.tls.ca=FILE") });
  });

  test.each([
    ["2126-10-20", "warning", /ends in \d+ days, on 2126-/],
    ["2127-01-01", "failure", /ended on 2126-/],
    ["2020-01-01", "failure", /begins on 20/],
  ])("seen on %s", async (day, status, message) => {
    const findings = (await judged(await openTlsBroker(), { now: Date.parse(day) })).certificate ?? [];
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(findings[0]?.mend).toMatch(/renew it|set the clock/);
  });
});

describe("the handshake", () => {
  test("a broker that insists on its name in it, which the board does not send", async () => {
    const port = await openTlsBroker({
      SNICallback: (name, done) =>
        name === "broker.test"
          ? done(null, createSecureContext({ cert: brokerCertificate, key: brokerKey }))
          : done(new Error("unknown")),
    });
    const finding = only(await judged(port), "certificate");
    expect(finding.message).toMatch(/\(SNI\), and Espruino 2v29 sends another name$/);
    expect(finding.mend).toMatch(/needs no server name/);
  });

  test("goes with the name that Espruino sends", async () => {
    let asked: string | undefined;
    const port = await openTlsBroker({
      SNICallback(name, done) {
        asked = name;
        done(null, createSecureContext({ cert: brokerCertificate, key: brokerKey }));
      },
    });
    await judged(port);
    expect(asked).toBe(boardServerName);
  });

  test("TLS 1.3 alone is more than the board speaks", async () => {
    const finding = only(await judged(await openTlsBroker({ minVersion: "TLSv1.3" })), "certificate");
    expect(finding.message).toMatch(/^the TLS handshake with broker\.test:\d+ fails/);
    expect(finding.mend).toMatch(/TLS 1\.2/);
  });

  test("a broker that wants a certificate of the lamp's, without and with one", async () => {
    const port = await openTlsBroker({ requestCert: true, rejectUnauthorized: true, ca: authority });
    const without = await judged(port);
    expect(
      [...(without.certificate ?? []), ...(without.login ?? [])].some(({ status }) => status === "failure"),
    ).toBe(true);
    const own = ["ca=authority", "cert=lampCertificate", "key=lampKey"].map((one) => {
      const [part = "", file = ""] = one.split("=");
      return `mqtt.tls.${part}=${join(folder, `${file}.pem`)}`;
    });
    const withOne = await judged(port, { set: own });
    expect(only(withOne, "login").status).toBe("ok");
    expect(JSON.stringify(withOne)).not.toContain(lampKey.split("\n")[1]);
  });

  test("a port without TLS", async () => {
    const plain = await openBroker();
    closing.push(() => plain.close());
    const finding = only(await judged(plain.port), "certificate");
    expect(finding.message).toMatch(/^the TLS handshake with/);
    expect(finding.mend).toMatch(/--set mqtt\.tls=false/);
  });
});

test("port 8883 without TLS is worth a word", async () => {
  const { checks } = await import("../tools/doctor/checks.ts");
  const check = checks.find(({ name }) => name === "certificate");
  const place = { host: "b", address: "127.0.0.1", port: 8883 };
  const finding = await check?.run({ place } as never, new AbortController().signal);
  expect(finding).toMatchObject({ status: "warning", mend: "--set mqtt.tls=true" });
});
