// One transcript with every packet a broker may send, cut at every byte: the client answers and delivers the same.
import { expect, test } from "vitest";
import { acknowledgement, packet, packetType, publishPacket } from "./broker/scripted-broker.ts";
import { type Desk, desksFor } from "./fixtures/client-desk.ts";

const { puback, pubrec, pubrel, pubcomp } = packetType;
const rxBuffer = 128;

/** Identifiers 1 and 2 are the SUBSCRIBEs, 3 to 5 the messages that the client sends when it is connected. */
const transcript = Buffer.concat([
  Buffer.from([0x20, 2, 0, 0]),
  packet(0x90, Buffer.from([0, 1, 2])),
  packet(0x90, Buffer.from([0, 2, 0x80])),
  publishPacket("a/1", "first"),
  acknowledgement(puback, 3),
  acknowledgement(pubrec, 4),
  acknowledgement(pubcomp, 4),
  publishPacket("a/2", "", { qos: 1, packetId: 0x1234 }),
  publishPacket("a/3", "x".repeat(110), { qos: 2, packetId: 77 }),
  Buffer.from([0xd0, 0]),
  publishPacket("a/4", "y".repeat(rxBuffer), { qos: 2, packetId: 78 }),
  publishPacket("a/3", "x".repeat(110), { qos: 2, packetId: 77, dup: true }),
  acknowledgement(pubrel, 77),
  publishPacket(`a/${"t".repeat(rxBuffer)}`, "", { qos: 1, packetId: 79 }),
  acknowledgement(pubrel, 78),
  publishPacket("a/5", "z".repeat(rxBuffer)),
  acknowledgement(pubrec, 5),
  publishPacket("unknown", "nobody", { qos: 1, packetId: 80 }),
  packet(0xb0, Buffer.from([0, 9])),
  publishPacket("a/6", "last", { retain: true }),
]);

interface Outcome {
  sent: string;
  heard: string[];
  told: unknown[];
  console: string[];
  errors: string[];
}

function outcome(desk: Desk, pieces: Iterable<Buffer>): Outcome {
  desk.broker.script.onPacket = () => "handled";
  const client = desk.client();
  const heard: string[] = [];
  const told: unknown[] = [];
  desk.api.subscribe(client, "a/#", 2, (...message) => heard.push(message.join(" ")));
  desk.api.subscribe(client, "secret", 1, () => {});
  client.onSubscribe = (...subscription) => told.push(subscription);
  client.onPublish = (id) => told.push(id);
  client.onDisconnect = (reason) => told.push(reason);
  client.onConnect = () => {
    for (const qos of [1, 2, 2] as const) desk.api.publish(client, "mine", "m", qos, false);
  };
  const connection = desk.online(client);
  for (const piece of pieces) {
    connection.send(piece);
    desk.settle();
  }
  const sent = Buffer.from(desk.socket.writes.join(""), "latin1").toString("hex");
  return { sent, heard, told, console: desk.console, errors: desk.errors };
}

test("in one piece it does what it says", async () => {
  const desk = (await desksFor({ "mqtt.rxBuffer": rxBuffer }))();
  const { sent, heard, told, errors } = outcome(desk, [transcript]);
  expect(heard.map((one) => one.split(" ")[0])).toEqual(["a/1", "a/2", "a/3", "a/6"]);
  expect(told).toEqual([["a/#", 2], ["secret", 0x80], 3, 4]);
  expect(errors).toEqual([]);
  for (const answer of ["40021234", "5002004d", "5002004e", "7002004d", "7002004e", "4002004f", "40020050"])
    expect(sent).toContain(answer);
  for (const answer of ["62020004", "62020005"]) expect(sent).toContain(answer);
});

test("cut in two at every byte, and byte by byte, it does exactly the same [tinyMQTT 30] [wolfMQTT 84]", async () => {
  const newDesk = await desksFor({ "mqtt.rxBuffer": rxBuffer });
  const whole = outcome(newDesk(), [transcript]);
  for (let cut = 1; cut < transcript.length; cut++) {
    const found = outcome(newDesk(), [transcript.subarray(0, cut), transcript.subarray(cut)]);
    expect({ cut, ...found }).toEqual({ cut, ...whole });
  }
  const single = Array.from(transcript, (byte) => Buffer.from([byte]));
  expect(outcome(newDesk(), single)).toEqual(whole);
});

test.each([2, 3, 7, 64, 535, 536])("in pieces of %i bytes it does exactly the same", async (size) => {
  const newDesk = await desksFor({ "mqtt.rxBuffer": rxBuffer });
  const pieces: Buffer[] = [];
  for (let at = 0; at < transcript.length; at += size) pieces.push(transcript.subarray(at, at + size));
  expect(outcome(newDesk(), pieces)).toEqual(outcome(newDesk(), [transcript]));
});
