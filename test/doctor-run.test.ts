/** How `wick doctor` runs its checks: deadlines, faults, Ctrl-C, all at the same time; and where the secrets lie. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Check, failure } from "../tools/doctor/check.ts";
import { examine } from "../tools/doctor/doctor.ts";
import { findingLine } from "../tools/doctor/report.ts";
import { type Diagnosis, diagnose, only, quietSurroundings } from "./fixtures/doctor-broker.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("secrets", () => {
  const write = (file: string, content: object, mode = 0o600) => {
    writeFileSync(join(folder, file), JSON.stringify(content));
    chmodSync(join(folder, file), mode);
  };
  const judged = async () =>
    (await diagnose({ file: "flash.config.json", folder, about: ["secrets"] })).secrets ?? [];
  const shared = { board: "linux", mqtt: { host: "b", username: "u" } };

  test("in the file that is shared", async () => {
    write("flash.config.json", { ...shared, mqtt: { ...shared.mqtt, password: "hidden-word" } });
    const [finding] = await judged();
    expect(finding).toMatchObject({
      status: "warning",
      message: "flash.config.json holds mqtt.password, and that file is shared",
    });
    expect(finding?.mend).toMatch(/^move it to flash\.config\.local\.json/);
  });

  test("in a file that others can read", async () => {
    write("flash.config.json", shared);
    write("flash.config.local.json", { mqtt: { password: "hidden-word" } }, 0o644);
    expect(await judged()).toEqual([
      {
        status: "warning",
        message: "flash.config.local.json can be read by others on this computer",
        mend: "chmod 600 flash.config.local.json",
      },
    ]);
  });

  test("that git does not ignore, and that git has", async () => {
    execFileSync("git", ["init", "-q", folder]);
    write("flash.config.json", shared);
    write("flash.config.local.json", { mqtt: { password: "hidden-word" } });
    expect(await judged()).toMatchObject([{ mend: "add a line to .gitignore: flash.config.local.json" }]);
    execFileSync("git", ["-C", folder, "add", "flash.config.local.json"]);
    expect(await judged()).toMatchObject([
      { mend: expect.stringMatching(/^git rm --cached flash\.config\.local\.json/) },
    ]);
  });

  test("out of reach", async () => {
    execFileSync("git", ["init", "-q", folder]);
    writeFileSync(join(folder, ".gitignore"), "*.local.json\n");
    write("flash.config.json", shared);
    write("flash.config.local.json", { mqtt: { password: "hidden-word" } });
    expect(await judged()).toEqual([{ status: "ok", message: "flash.config.local.json is yours alone" }]);
  });
});

describe("running checks", () => {
  const run = (checks: Check[], signal?: AbortSignal) => {
    const found: Diagnosis = {};
    return examine({
      load: {},
      checks,
      surroundings: quietSurroundings(),
      onResult: ({ check, findings }) => {
        found[check] = [...findings];
      },
      ...(signal ? { signal } : {}),
    }).then((count) => ({ found, count }));
  };
  const forEver = (name: string, aborted: () => void): Check => ({
    name,
    needs: [],
    deadlineMs: 30,
    run: (_chart, signal) =>
      new Promise(() => {
        signal.addEventListener("abort", aborted);
      }),
  });

  test("one that never ends is given up, told to stop, and said", async () => {
    let stopped = false;
    const { found, count } = await run([
      forEver("slow", () => {
        stopped = true;
      }),
    ]);
    expect(only(found, "slow").message).toBe("not done in time: it had 0 s");
    expect(stopped).toBe(true);
    expect(count.failure).toBe(1);
  });

  test("one that breaks is a failure of its own, and the others go on", async () => {
    const { found } = await run([
      {
        name: "broken",
        needs: [],
        deadlineMs: 1000,
        run() {
          throw new Error("oops");
        },
      },
      { name: "whole", needs: [], deadlineMs: 1000, run: () => ({ status: "ok", message: "fine" }) },
    ]);
    expect(only(found, "broken").message).toBe("the check itself broke: oops");
    expect(only(found, "whole").status).toBe("ok");
  });

  test("Ctrl-C ends them", async () => {
    const stop = new AbortController();
    const running = run([{ ...forEver("slow", () => undefined), deadlineMs: 60_000 }], stop.signal);
    stop.abort();
    expect(only((await running).found, "slow")).toEqual({ status: "skipped", message: "stopped" });
  });

  test("those that do not wait for each other run at the same time", async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { count } = await run([
      {
        name: "waits",
        needs: [],
        deadlineMs: 5000,
        run: () => gate.then(() => ({ status: "ok", message: "" })),
      },
      {
        name: "opens",
        needs: [],
        deadlineMs: 5000,
        run: () => {
          open();
          return { status: "ok", message: "" };
        },
      },
    ]);
    expect(count.ok).toBe(2);
  });
});

test("on a terminal a long finding is broken at blanks, and its mend begins below; elsewhere it is one line", () => {
  const finding = failure(
    "nobody listens on 192.168.1.5:1883 (connection refused)",
    "start the broker there",
  );
  expect(findingLine("broker port", finding, { columns: 60 }).split("\n")).toEqual([
    "FAILURE  broker port    nobody listens on 192.168.1.5:1883",
    "                        (connection refused)",
    "                        -> start the broker there",
  ]);
  expect(findingLine("broker port", finding)).not.toContain("\n");
  expect(findingLine("broker port", finding, { columns: 110 })).not.toContain("\n");
});
