// Sessions of the lamp: what brokers and networks do to it, well and badly.
import type { Settings } from "../../tools/config/load.ts";
import { acknowledgement, packet, packetType, publishPacket } from "../broker/scripted-broker.ts";
import { insteadOfConnack, whileOnline } from "../vectors/malformed.ts";
import { program } from "../vectors/online-lamp.ts";
import { type Choice, choices } from "./choice.ts";
import { commandText } from "./json-texts.ts";
import type { Action, Session } from "./session.ts";

/** The bundles, by the kind of session that plays them. */
const bundles: Readonly<Record<string, Settings>> = {
  "lamp-qos1": {},
  "lamp-qos2": { "mqtt.qos": 2 },
  "lamp-qos0": { "mqtt.qos": 0, "mqtt.cleanSession": true },
  "lamp-pwm": { "lamp.pwm": true },
  "lamp-groups": { "lamp.groups": ["all/lamps", "floor/+/lamps", "home/#"], "lamp.retained": "obey" },
};

export const lampKinds: readonly string[] = Object.keys(bundles);

const base = "home/office/lamp";
const topics = [base, base, base, `${base}/set`, `${base}/set`, `${base}/get`, `${base}/status`];
const moreTopics = [
  `${base}/brightness/set`,
  `${base}/state`,
  "home/office",
  "all/lamps",
  "floor/2/lamps",
  "home/hall/lamp",
  "home/hall/lamp/state",
  "home/hall/lamp/json",
  "home/hall/lamp/brightness/set",
  "home/hall\nlamp",
  "toString",
  "x",
];
const words = [
  "on",
  "off",
  "on",
  "off",
  "toggle",
  "ON",
  " Off ",
  "1",
  "0",
  "true",
  "FALSE",
  "",
  "dim",
  "on\n",
  "\xff\x00",
  "2",
];
/** A session of this kind, made of its seed. */
export function lampSession(kind: string, seed: number, name: string): Session {
  const settings = bundles[kind];
  if (!settings) throw new Error(`${kind}: no such lamp; there are ${lampKinds.join(", ")}`);
  const choice = choices(seed);
  const actions: Action[] = choice.chance(0.85) ? [{ do: "pause", ms: 2000 }] : beforeOnline(choice);
  const count = choice.int(6, 14);
  while (actions.length < count) actions.push(...happening(choice));
  return {
    name,
    seed,
    kind,
    broker: true,
    time: { kind: "stepped" },
    program: async () => (await program(settings)).bundle,
    actions,
  };
}

/** A connection that does not come about as usual. */
function beforeOnline(choice: Choice): Action[] {
  const wait = (): Action => ({ do: "pause", ms: 1000 * choice.int(1, 4) });
  const how = choice.int(0, 3);
  if (how === 0)
    return [{ do: "refuse", on: true }, wait(), wait(), { do: "refuse", on: false }, wait(), wait()];
  if (how === 1)
    return [
      { do: "connack", flags: choice.int(0, 2), code: choice.int(0, 6) },
      wait(),
      wait(),
      { do: "connack", flags: choice.int(0, 1), code: 0 },
      wait(),
      wait(),
    ];
  if (how === 2)
    return [
      { do: "mute", types: [choice.one([1, 8])] },
      wait(),
      { do: "pause", ms: 12000 },
      { do: "mute", types: [] },
      wait(),
      wait(),
    ];
  return [
    { do: "mute", types: [1] },
    { do: "pause", ms: 1000 },
    send(choice.one(["\x20\x02\x01\x00", "\x20\x02\x00\x05", "\x30\x02\x00\x00", choice.bytes(5)])),
    { do: "mute", types: [] },
    wait(),
    wait(),
  ];
}

function happening(choice: Choice): Action[] {
  const kind = choice.int(0, 19);
  if (kind < 6) return [send(choice.list(choice.int(1, 4), () => message(choice)).join(""))];
  if (kind < 10) return cut(choice, choice.list(choice.int(1, 4), () => anyPacket(choice)).join(""));
  if (kind < 12) return [send(choice.list(choice.int(1, 5), () => anyPacket(choice)).join(""))];
  if (kind === 12) return cut(choice, oversize(choice) + message(choice));
  if (kind === 13) return [send(broken(choice)), { do: "pause", ms: 3000 }];
  if (kind === 14)
    return [{ do: choice.one(["end", "reset"]) }, { do: "pause", ms: 1000 * choice.int(1, 4) }];
  if (kind === 15)
    return [
      { do: "end" },
      { do: "refuse", on: true },
      { do: "pause", ms: 3000 },
      { do: "refuse", on: false },
      { do: "pause", ms: 6000 },
    ];
  if (kind === 16) return [{ do: "mute", types: choice.one([[3], [6], [13], [3, 6], [8], []]) }];
  if (kind === 17) return [{ do: "pause", ms: 1000 * choice.one([1, 2, 5, 21, 23, 24, 40]) }];
  if (kind === 18)
    return [{ do: "connack", flags: choice.int(0, 1), code: 0 }, { do: "end" }, { do: "pause", ms: 5000 }];
  return [{ do: "pause", ms: 1000 * choice.int(1, 3) }, send(message(choice))];
}

const send = (bytes: string): Action => ({ do: "send", bytes });

/** The same bytes in two or three pieces. */
function cut(choice: Choice, bytes: string): Action[] {
  const places = choice
    .list(choice.int(1, 2), () => choice.int(0, bytes.length))
    .sort((one, other) => one - other);
  const ends = [...places, bytes.length];
  return ends
    .map((end, index) => send(bytes.slice(index ? places[index - 1] : 0, end)))
    .filter((one) => one.do !== "send" || one.bytes !== "");
}

function message(choice: Choice): string {
  const topic = choice.chance(0.8) ? choice.one(topics) : choice.one(moreTopics);
  const payload = topic.endsWith("brightness/set")
    ? choice.one(["0", "128", "255", "256", "-1", "127.5", " 12.0 ", "1e2", "0x10", "05", "abc", "", "{}"])
    : topic.endsWith("/set")
      ? commandText(choice)
      : topic.endsWith("/status")
        ? choice.one(["offline", "online"])
        : choice.chance(0.15)
          ? commandText(choice)
          : choice.one(words);
  return publish(choice, topic, payload);
}

function publish(choice: Choice, topic: string, payload: string): string {
  const options = {
    qos: choice.int(0, 2),
    retain: choice.chance(0.1),
    dup: choice.chance(0.1),
    packetId: choice.chance(0.9) ? choice.int(1, 12) : choice.int(1, 65535),
  };
  return publishPacket(topic, Buffer.from(payload, "latin1"), options).toString("latin1");
}

function anyPacket(choice: Choice): string {
  if (choice.chance(0.7)) return message(choice);
  const id = choice.int(1, 12);
  const type = choice.one([packetType.puback, packetType.pubrec, packetType.pubrel, packetType.pubcomp]);
  if (choice.chance(0.7)) return acknowledgement(type, id).toString("latin1");
  return choice.one([
    "\xd0\x00",
    packet(0x90, Buffer.from([0, id, choice.one([0, 1, 2, 128])])).toString("latin1"),
    `\xb0\x02\x00${String.fromCharCode(id)}`,
  ]);
}

/** Larger than the receive buffer (512 bytes), or nearly. */
function oversize(choice: Choice): string {
  const topic = choice.chance(0.7) ? base : "some/other/topic";
  return publish(choice, topic, "x".repeat(choice.int(450, 1700)));
}

/** What no broker sends: known vectors, noise, or a message with a changed byte. */
function broken(choice: Choice): string {
  const how = choice.int(0, 2);
  if (how === 0)
    return Buffer.from(
      choice.one([...whileOnline, ...insteadOfConnack]).hex.replace(/ /g, ""),
      "hex",
    ).toString("latin1");
  if (how === 1) return choice.bytes(choice.int(1, 30));
  const good = message(choice);
  const at = choice.int(0, Math.min(good.length - 1, 24));
  return good.slice(0, at) + choice.bytes(1) + good.slice(at + 1);
}
