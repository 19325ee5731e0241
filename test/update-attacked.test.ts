// Updates over the air between an attacker at the broker and bad luck: no answer is taken for another, and nothing half written is ever tried.
import { beforeAll, describe, expect, test } from "vitest";
import { headerName } from "../sim/flash/header.ts";
import type { UpdateLink } from "../tools/flash/over-the-air-link.ts";
import { parseAnswer } from "../tools/flash/over-the-air-messages.ts";
import { signature } from "../tools/flash/update-key.ts";
import {
  type BuiltLamp,
  base,
  claiming,
  lampOfVersion,
  UpdateWorld,
  updatableLamp,
} from "./fixtures/update-world.ts";

const nonsense = Buffer.alloc(60, 7);

let next: BuiltLamp;
beforeAll(async () => {
  next = await lampOfVersion(2000);
});

/** The desk's way to the lamp, on which answers that `lost` names do not arrive. */
function lossy(lamp: UpdateWorld, lost: (answer: string) => boolean): UpdateLink {
  return {
    publish: (topic, payload) => lamp.publish(topic, payload),
    onMessage: (listener) =>
      lamp.onMessage((topic, payload) => {
        if (topic !== `${base}/update/state` || !lost(Buffer.from(payload).toString("latin1")))
          listener(topic, payload);
      }),
    close: async () => {},
  };
}

/** Sends nonsense every `seconds` while the lamp is on trial. */
function nagOnTrial(lamp: UpdateWorld, seconds: number): void {
  const nag = (): void => {
    if (lamp.running === "b") lamp.deliver(nonsense);
    lamp.clock.schedule(lamp.clock.now() + seconds * 1000, nag);
  };
  nag();
}

describe("the desk calls a version kept when the lamp has said so, not before", () => {
  test("however often the lamp on trial has to refuse something else", async () => {
    const lamp = await updatableLamp();
    nagOnTrial(lamp, 1);
    expect((await lamp.update(next)).outcome).toBe("kept");
    expect(lamp.file("lamp.now")).toBe("b");
  });

  test("and not when the trial then fails", async () => {
    const lamp = await updatableLamp();
    nagOnTrial(lamp, 1);
    const cut = (): void => {
      if (lamp.running === "b") for (const peer of lamp.network.peers) peer.fail();
      lamp.clock.schedule(lamp.clock.now() + 40_000, cut);
    };
    cut();
    expect((await lamp.update(next)).outcome).toBe("rolled back");
  });

  test.each([
    ["kept", undefined],
    ["rolled back", "0;"],
  ])("also when what it said before the restart was lost: %s", async (outcome, code) => {
    const lamp = await updatableLamp();
    const link = lossy(lamp, (answer) => answer.includes(" restarting "));
    const bundle = code === undefined ? next.bundle : claiming(next, code);
    expect((await lamp.update({ ...next, bundle }, { link })).outcome).toBe(outcome);
  });
});

describe("what is in the flash reads otherwise than it was signed", () => {
  /** Clears a byte of the bundle while it comes in. */
  async function damaged(): Promise<UpdateWorld> {
    const lamp = await updatableLamp();
    const { flash, files } = lamp.storage;
    let count = 0;
    lamp.onTheWay = (message) => {
      if (++count === 6) flash.program(files.find(headerName("lamp.b"))?.dataAddress ?? 0, Buffer.from([0]));
      return [message];
    };
    return lamp;
  }

  test.each([
    ["said", () => false],
    ["said, but the answer was lost", (answer: string) => answer.includes(" damaged ")],
  ])("%s: the desk ends within a minute, and a later version is taken", async (_, lost) => {
    const lamp = await damaged();
    const began = lamp.clock.now();
    const steps = new Set<string>();
    const onProgress = ({ step }: { step: string }): unknown => steps.add(step);
    await expect(lamp.update(next, { link: lossy(lamp, lost), onProgress })).rejects.toThrow(
      "reads otherwise",
    );
    // Nor does the desk say on the way that all of it reads right.
    expect([...steps]).toEqual(["looking", "sending"]);
    expect(lamp.clock.now() - began).toBeLessThan(60_000);
    expect(lamp.ask()).toMatchObject({ running: 1000, highest: 2000, note: "failed" });
    const image = Buffer.from(lamp.storage.flash.image());
    for (const message of lamp.sent.filter(({ length }) => length > 32)) lamp.say(message);
    expect(Buffer.compare(Buffer.from(lamp.storage.flash.image()), image)).toBe(0);
    await expect(lamp.update(next)).rejects.toThrow("has had version 2000");
    expect((await lamp.update(await lampOfVersion(2001))).outcome).toBe("kept");
  });
});

test("two desks: a later version that comes between the last piece and the restart does not touch what is to be tried", async () => {
  const lamp = await updatableLamp();
  const later = await lampOfVersion(3000);
  const [first, second] = [lamp.messages(next.bundle, 2000), lamp.messages(later.bundle, 3000)];
  for (const message of first) {
    lamp.deliver(message);
    lamp.milliseconds(20);
  }
  for (const message of second.slice(0, 4)) {
    lamp.deliver(message);
    lamp.milliseconds(20);
  }
  expect(lamp.running).toBe("a");
  lamp.seconds(5);
  expect(lamp.running).toBe("b");
  expect(lamp.file("lamp.b")).toBe(next.bundle);
  expect(lamp.ask()).toMatchObject({ running: 2000, note: "on trial" });
});

test("two desks with versions of their own: the earlier one gives way, the later one is kept", async () => {
  const lamp = await updatableLamp();
  const later = await lampOfVersion(3000);
  const [manifest] = lamp.messages(later.bundle, 3000) as [Buffer];
  let count = 0;
  lamp.onTheWay = (message) => (++count === 8 ? [manifest, message] : [message]);
  await expect(lamp.update(next)).rejects.toThrow("somebody else sends version 3000 to this lamp");
  expect((await lamp.update(later)).outcome).toBe("kept");
  expect(lamp.file("lamp.b")).toBe(later.bundle);
});

describe("what the lamp said in an earlier start", () => {
  /** A lamp that has been started anew, and its signed answer from before. */
  async function withOldAnswer(): Promise<{ lamp: UpdateWorld; old: Buffer; replay: () => void }> {
    const lamp = await updatableLamp();
    const answers: Uint8Array[] = [];
    const stop = lamp.onMessage((topic, payload) => {
      if (topic === `${base}/update/state`) answers.push(payload);
    });
    lamp.ask();
    stop();
    const old = Buffer.from(answers.at(-1) ?? []);
    lamp.board.powerOff();
    lamp.board.boot();
    lamp.seconds(4);
    expect(parseAnswer(old, lamp.key)).toMatchObject({ running: 1000, isSigned: true });
    const publish = { topic: `${base}/update/state`, payload: old, qos: 0, retain: false, dup: false };
    const replay = (): void =>
      lamp.broker.script.onPublish?.(lamp.broker.current, { ...publish, packetId: undefined });
    return { lamp, old, replay };
  }

  test("is no verdict on a trial, however often it is said again", async () => {
    const { lamp, replay } = await withOldAnswer();
    const onProgress = ({ step }: { step: string }): void => {
      if (step === "trial" || step === "restarting") lamp.clock.schedule(lamp.clock.now() + 50, replay);
    };
    expect((await lamp.update(next, { onProgress })).outcome).toBe("kept");
    expect(lamp.file("lamp.now")).toBe("b");
  });

  test("gets nothing signed: neither manifest nor piece for that start leaves the desk", async () => {
    const { lamp, old, replay } = await withOldAnswer();
    let count = 0;
    lamp.onTheWay = (message) => {
      replay();
      // Every fourth is lost, so that the desk has time to hear the other one.
      return ++count % 4 === 0 ? [] : [message];
    };
    const { challenge } = lamp.ask();
    expect(parseAnswer(old, lamp.key)?.challenge).not.toBe(challenge);
    expect((await lamp.update(next)).outcome).toBe("kept");
    const signed = lamp.sent.filter(({ length }) => length > 32);
    expect(signed.length).toBeGreaterThan(15);
    for (const message of signed)
      expect(message.subarray(0, 32)).toEqual(
        signature(lamp.key, Buffer.concat([Buffer.from(challenge), message.subarray(32)])),
      );
  });

  test("answers no question: each wait of the desk asks with another one, which stands in the answer once", async () => {
    const lamp = await updatableLamp();
    expect(lamp.say(Buffer.from("0123456789abcdef"))).toMatchObject({
      nonce: "0123456789abcdef",
      note: "ready",
    });
    expect(lamp.say(nonsense)).toMatchObject({ nonce: "", note: "bad signature" });
    // What somebody asks who wants to spoil the answers spoils his own.
    expect(lamp.say(Buffer.from("kept ?! kept"))).toBeUndefined();
    expect(lamp.say(nonsense)).toMatchObject({ nonce: "", note: "bad signature" });
    await lamp.update(next);
    const questions = lamp.sent.filter(({ length }) => length <= 32).map(String);
    expect(new Set(questions).size).toBeGreaterThanOrEqual(3);
    for (const question of questions) expect(question).toMatch(/^[0-9a-f]{16}$/);
  });
});

test("a flood of what is not signed fills neither the console nor the flash", async () => {
  const lamp = await updatableLamp();
  const { length } = lamp.board.console;
  const { writes } = lamp.storage.files;
  for (let count = 0; count < 1_000; count++) lamp.deliver(nonsense);
  lamp.seconds(5);
  expect(lamp.board.console.length - length).toBeLessThan(100);
  expect(lamp.storage.files.writes).toBe(writes);
});

test("a forged answer cannot write to the desk's terminal, nor a command for people to copy", async () => {
  for (const board of ["linux\x1b[2J", "linux;rm", "$(rm)", "l".repeat(100)]) {
    const lamp = await updatableLamp();
    lamp.onTheWay = () => {
      const payload = Buffer.from(`1000 ${board} 1000 0 5  ready ${"A".repeat(43)}=`);
      const publish = { topic: `${base}/update/state`, payload, qos: 0 as const, retain: false, dup: false };
      lamp.broker.script.onPublish?.(lamp.broker.current, { ...publish, packetId: undefined });
      return [];
    };
    const said = await lamp.update(next).catch((error: Error) => error.message);
    expect(said).toContain("is online but takes no updates");
  }
});

test("the challenge is not that of a start which went alike: it takes from when the broker was there", async () => {
  const challenges = new Set<string>();
  for (const milliseconds of [0, 1, 2, 3]) {
    const lamp = new UpdateWorld(await lampOfVersion(1000));
    lamp.installInSlots();
    lamp.board.boot();
    lamp.milliseconds(1_500 + milliseconds);
    challenges.add(lamp.ask().challenge);
  }
  expect(challenges.size).toBe(4);
});

test("the highest version there is: the desk names the way out, a flash by cable", async () => {
  const lamp = await updatableLamp(9_999_999_999);
  await expect(lamp.update(next)).rejects.toThrow(
    "there is none above it: flash it once by cable, which begins anew: npx wick flash",
  );
});

test("a lamp that cannot write which slot to start says so, tries again a minute later, and is kept", async () => {
  const lamp = await updatableLamp();
  await lamp.update(next, { wait: false });
  const { files } = lamp.storage;
  const write = files.write.bind(files);
  // As the interpreter does where a power cut has left the first bytes of a header: it says that all is well.
  let tried = 0;
  files.write = (name) => {
    if (name === "lamp.now") tried++;
    return true;
  };
  lamp.seconds(70);
  expect(lamp.board.console.at(-1)).toBe("update: damaged");
  expect(tried).toBe(1);
  expect(lamp.ask()).toMatchObject({ running: 2000, note: "on trial" });
  files.write = write;
  lamp.seconds(60);
  expect(lamp.board.console.at(-1)).toBe("update: kept");
  expect(lamp.file("lamp.now")).toBe("b");
});
