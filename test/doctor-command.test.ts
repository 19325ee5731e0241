/** The command `wick doctor`: its lines, --json, --quiet and exit codes, and Mosquitto with a password and an ACL as people have them. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort, openBroker, serve } from "./fixtures/doctor-broker.ts";
import { mosquitto, startMosquitto } from "./fixtures/mosquitto.ts";
import { type Ended, startWick } from "./fixtures/wick-process.ts";

let folder: string;
const closing: (() => Promise<void> | void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-doctor-"));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true });
});

const run = (commandLine: readonly string[]): Promise<Ended> =>
  startWick(["doctor", ...commandLine], { folder }).ended;

const at = (port: number, ...more: string[]) => [
  "--board",
  "linux",
  ...["mqtt.host=127.0.0.1", `mqtt.port=${port}`, ...more].flatMap((one) => ["--set", one]),
];

describe("what it says, and how it ends", () => {
  test("a line for each check and a sum; exit code 0 when none fails", async () => {
    const broker = await openBroker();
    closing.push(() => broker.close());
    const { code, out, error } = await run(at(broker.port));
    expect([code, error]).toEqual([0, ""]);
    const lines = out.trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(/^\d+ checks ok, 1 warning, \d+ skipped$/);
    expect(lines.slice(0, -1).every((line) => /^(ok|warning|skipped) +[a-z]/.test(line))).toBe(true);
    expect(out).toMatch(/^warning {2}lamp {11}no lamp has ever said .* -> npx wick flash$/m);
  });

  test("exit code 1 when one fails; --quiet says only that", async () => {
    const port = await freePort();
    const { code, out, error } = await run([...at(port), "--quiet"]);
    expect([code, out]).toEqual([1, ""]);
    expect(error).toMatch(
      /^FAILURE {2}broker port {4}nobody listens on 127\.0\.0\.1:\d+ \(connection refused\) -> start the broker[^\n]*\n$/,
    );
  });

  test("--json is one object a check, and a sum", async () => {
    const port = await freePort();
    const { code, out } = await run([...at(port, "mqtt.username=u", "mqtt.password=hidden-word"), "--json"]);
    expect(code).toBe(1);
    const objects = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(objects.at(-1)).toMatchObject({ type: "doctor", failure: 1 });
    expect(objects.find(({ check }) => check === "broker port")).toEqual({
      type: "check",
      check: "broker port",
      status: "failure",
      message: expect.stringContaining("connection refused"),
      mend: expect.stringContaining("--set mqtt.port"),
    });
    expect(new Set(objects.slice(0, -1).map(({ check }) => check)).size).toBe(objects.length - 1);
    expect(out).not.toContain("hidden-word");
  });

  test("a wrong configuration is a failure of its own, not the end of the command", async () => {
    writeFileSync(join(folder, "flash.config.json"), '{ "bord": "linux" }');
    const { code, out } = await run([]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^FAILURE {2}config +flash\.config\.json:1:3: unknown key bord \(did you mean "board"\?\)/m,
    );
    expect(out).toMatch(/^ok +node/m);
  });

  test("Ctrl-C ends it, exit code 1", async () => {
    const mute = await serve(() => undefined);
    closing.push(() => mute.close());
    const doctor = startWick(["doctor", ...at(mute.port)], { folder });
    closing.push(() => doctor.kill());
    await doctor.line(/broker port/);
    doctor.child.kill("SIGINT");
    const { code, out, error } = await doctor.ended;
    expect(code).toBe(1);
    expect(error).toBe("");
    expect(out).toMatch(/^skipped +login +stopped$/m);
  });
});

/** Mosquitto with a user "lamp", a password and an ACL. */
async function openMosquitto(acl: string): Promise<number> {
  const passwords = join(folder, "passwords");
  execFileSync("mosquitto_passwd", ["-b", "-c", passwords, "lamp", "right-word"], { stdio: "pipe" });
  const rights = join(folder, "acl");
  writeFileSync(rights, acl);
  for (const file of [passwords, rights]) chmodSync(file, 0o600);
  const user = process.getuid?.() === 0 ? "user root\n" : "";
  const broker = await startMosquitto(
    folder,
    `${user}allow_anonymous false\npassword_file ${passwords}\nacl_file ${rights}\npersistence false\nmax_packet_size 400\n`,
  );
  closing.push(() => broker.close());
  return broker.port;
}

describe.skipIf(!mosquitto)(`at Mosquitto${mosquitto ? "" : " (it is not installed)"}`, () => {
  const asLamp = (password: string) => ["mqtt.username=lamp", `mqtt.password=${password}`];

  test("an account that may do everything; its limit on packets is told", async () => {
    const port = await openMosquitto("user lamp\ntopic readwrite home/office/lamp/#\n");
    const { code, out } = await run(at(port, ...asLamp("right-word")));
    expect(out).toMatch(/^ok +login +127\.0\.0\.1:\d+ lets the lamp in as "lamp"$/m);
    for (const check of ["subscriptions", "publishing", "retained"])
      expect(out).toMatch(new RegExp(`^ok +${check} `, "m"));
    expect(out).toMatch(
      /^FAILURE {2}limits +the broker takes packets of at most 400 bytes, .*mqtt\.txBuffer=400$/m,
    );
    expect(code).toBe(1);
    expect(out).not.toContain("right-word");
  });

  test("an account that may only listen: what it publishes is dropped, and that is found", async () => {
    const port = await openMosquitto("user lamp\ntopic read home/office/lamp/#\n");
    const { code, out } = await run(at(port, ...asLamp("right-word")));
    expect(code).toBe(1);
    expect(out).toMatch(
      /^FAILURE {2}publishing +the broker drops without a word what "lamp" publishes to home\/office\/lamp\/doctor\/\S+ -> .*topic readwrite home\/office\/lamp\/#$/m,
    );
  });

  test("a wrong password", async () => {
    const port = await openMosquitto("user lamp\ntopic readwrite #\n");
    const { code, out } = await run(at(port, ...asLamp("wrong-word")));
    expect(code).toBe(1);
    expect(out).toMatch(
      /^FAILURE {2}login +127\.0\.0\.1:\d+ does not let in as "lamp" \(CONNACK 5, not authorized\) -> put mqtt\.username and mqtt\.password right/m,
    );
    expect(out).not.toContain("wrong-word");
  });
});

test("docs/doctor.md has a section for every check", async () => {
  const { checks } = await import("../tools/doctor/checks.ts");
  const page = readFileSync(new URL("../docs/doctor.md", import.meta.url), "utf8");
  for (const { name } of checks) expect(page).toContain(`| \`${name}\` |`);
});
