// The server of the page for a board, and `wick web`: who gets the bundle with its passwords, and what the command says.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { LoopbackServer } from "../sim/web/loopback-server.ts";
import { loadConfig } from "../tools/config/load.ts";
import { bundleHash } from "../tools/console/bundle-hash.ts";
import { pageFiles } from "../tools/web/assets.ts";
import type { Offer } from "../tools/web/offer.ts";
import { offeredBundle } from "../tools/web/offered-bundle.ts";
import { serveBoardPage } from "../tools/web/server.ts";
import { PATIENCE_MS } from "./fixtures/heard.ts";

const wick = fileURLToPath(new URL("../bin/wick.js", import.meta.url));
const PATH = "/nobody-guesses/";
const bundle = Buffer.from('print("the password is hunter22")');

interface Reply {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

function ask(server: LoopbackServer, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port: server.port, path, headers, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("latin1").on("data", (text: string) => {
          body += text;
        });
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

describe("the server of the page for a board", () => {
  let server: LoopbackServer;
  beforeAll(async () => {
    const config = loadConfig({
      file: null,
      board: "esp32-devkitc",
      defaults: {
        "wifi.ssid": "simulated",
        "wifi.password": "hunter22",
        "mqtt.host": "127.0.0.1",
        "mqtt.username": "lamp",
        "mqtt.password": "hunter22",
      },
    });
    server = await serveBoardPage({
      port: 0,
      bundle: () => offeredBundle(config, bundle, "of this test"),
      path: PATH,
    });
  });
  afterAll(() => server.close());

  test("hands out page, bundle and what is said of it, below a path that nobody guesses", async () => {
    expect((await ask(server, PATH)).body).toContain("<title>Wick");
    expect((await ask(server, `${PATH}lamp.js`)).body).toBe(String(bundle));
    const offer = JSON.parse((await ask(server, `${PATH}offer.json`)).body) as Offer;
    expect(offer.bundle).toMatchObject({ bytes: bundle.length, hash: await bundleHash(bundle) });
    expect(offer.lamp).toEqual({ topic: "home/office/lamp", pin: "D2", activeLow: false, pwm: true });
    for (const path of ["/", "/lamp.js", "/offer.json", "/nobody-guesse/lamp.js"]) {
      const { status, body } = await ask(server, path);
      expect([status, body]).toEqual([
        404,
        `There is no ${path}; the page is at the address that was printed.\n`,
      ]);
    }
  });

  test("says nothing secret but in the bundle, which no page can run or read from elsewhere", async () => {
    for (const name of ["", "offer.json", "board.js", "style.css"])
      expect((await ask(server, `${PATH}${name}`)).body).not.toContain("hunter22");
    const { headers } = await ask(server, `${PATH}lamp.js`);
    expect(headers["content-type"]).toBe("application/octet-stream");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
    expect(headers["cache-control"]).toBe("no-store");
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("answers to no name but its own (DNS rebinding), and has no web socket", async () => {
    expect((await ask(server, `${PATH}lamp.js`, { Host: `evil.example:${server.port}` })).status).toBe(403);
    const origin = `http://127.0.0.1:${server.port}`;
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${PATH}cable`, { origin });
    const error = await new Promise<Error>((resolve) => socket.on("error", resolve));
    expect(error.message).toContain("403");
  });

  test("has a page that is all its own: nothing from elsewhere, and a script below 100 KB", async () => {
    const files = await pageFiles();
    const script = String(files.get("board.js")?.body);
    expect(script.length).toBeGreaterThan(30_000);
    expect(script.length).toBeLessThan(100_000);
    const links = [...String(files.get("")?.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, link]) => link ?? "",
    );
    expect(links.length).toBe(3);
    expect(links.filter((link) => !files.has(link))).toEqual([]);
    // Sentences of @espruino-tools/core that nobody gets to see, and the namespace of SVG.
    const known = [
      "http://www.w3.org/",
      "https://itunes.apple.com/us/app/webble/",
      "https://www.espruino.com/Puck.js+Quick+Start",
    ];
    const elsewhere = [...script.matchAll(/\bhttps?:\/\/[a-z][^"'`\s)\\]+/g)].map(([link]) => link);
    expect(
      elsewhere.filter(
        (link) =>
          !known.some((start) => link.startsWith(start)) &&
          !/^https?:\/\/(127\.0\.0\.1|localhost)/.test(link),
      ),
    ).toEqual([]);
    // Of core's parts only what is used: neither its compiler nor its styles.
    expect(script).not.toContain("escodegen");
    expect(script).not.toContain("jss-preset");
  });
});

describe("wick web", () => {
  let folder: string;
  const children: ReturnType<typeof spawn>[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wick-web-"));
    writeFileSync(join(folder, "lamp.js"), bundle);
    writeFileSync(join(folder, "empty.js"), "");
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const settings = ["wifi.ssid=home", "wifi.password=hunter22", "mqtt.host=broker"].flatMap((one) => [
    "--set",
    one,
  ]);

  /** `sees` is called with all that was written so far, each time there is more. */
  function run(options: readonly string[], sees: (out: string, stop: () => void) => void = () => undefined) {
    return new Promise<{ code: number | null; out: string; error: string }>((resolve, reject) => {
      const child = spawn(process.execPath, [wick, "web", ...options], { cwd: folder });
      children.push(child);
      let out = "";
      let error = "";
      child.stdout.on("data", (text) => {
        out += text;
        sees(out, () => child.kill("SIGINT"));
      });
      child.stderr.on("data", (text) => {
        error += text;
      });
      const late = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`wick web does not end; it said ${JSON.stringify([out, error])}`));
      }, PATIENCE_MS);
      child.on("close", (code) => {
        clearTimeout(late);
        resolve({ code, out, error });
      });
    });
  }

  test("builds the lamp, prints the address, and ends with Ctrl-C; no secret is printed", async () => {
    let page: Promise<Response> | undefined;
    const { code, out, error } = await run(["--port", "0", ...settings], (said, stop) => {
      const [url] = /http:\/\/127\.0\.0\.1:\d+\/[\w-]{16}\//.exec(said) ?? [];
      if (url && !page) page = fetch(`${url}lamp.js`).finally(stop);
    });
    expect([code, error]).toEqual([0, ""]);
    expect(out).toMatch(
      /^The lamp for esp32-devkitc has [\d,]+ of 8,000 bytes\nOpen http[^\n]* Ctrl-C ends it\.\n$/,
    );
    expect(readdirSync(join(folder, "dist/builds"))).toHaveLength(1);
    expect(out).not.toContain("hunter22");
    expect((await page)?.status).toBe(200);
  });

  test("with --file it offers that file as it is; with --json the address is an event", async () => {
    let got: Promise<string> | undefined;
    const { code, out } = await run(
      ["--json", "--port", "0", "--file", "lamp.js", ...settings],
      (said, stop) => {
        if (got || !said.includes("\n")) return;
        const { url } = JSON.parse(said.split("\n")[0] ?? "") as { url: string };
        got = fetch(`${url}lamp.js`)
          .then((response) => response.text())
          .finally(stop);
      },
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      type: "web",
      board: "esp32-devkitc",
      bundleBytes: bundle.length,
    });
    expect(await got).toBe(String(bundle));
  });

  test.each([
    [
      "a file that is not there",
      ["--file", "lamb.js", ...settings],
      /^--file lamb\.js: there is no such file; npx wick build writes dist\/lamp\.js\n$/,
    ],
    [
      "an empty file",
      ["--file", "empty.js", ...settings],
      /^--file empty\.js: it is empty; npx wick build writes dist\/lamp\.js\n$/,
    ],
    [
      "a port that is none",
      ["--port", "many", ...settings],
      /A port is a number from 0 to 65535; see: npx wick web --help\n$/,
    ],
  ])("%s is a mistake of one line, exit code 2", async (_, options, line) => {
    const { code, out, error } = await run(options);
    expect([code, out]).toEqual([2, ""]);
    expect(error).toMatch(line);
    expect(error.split("\n").length).toBe(2);
  });
});
