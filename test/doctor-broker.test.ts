/** `wick doctor` at brokers of every kind: what it finds, and the mend it names. */
import { readdirSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import {
  answering,
  diagnose,
  freePort,
  limiting,
  only,
  openBroker,
  serve,
} from "./fixtures/doctor-broker.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
async function using<T extends { close(): Promise<void> }>(one: Promise<T>): Promise<T> {
  open.push(await one);
  return one;
}

/** Silence that is over soon. */
const impatient = { patience: 0.1 };

describe("a broker that lets the lamp do everything", () => {
  test("every check of the broker is ok, and nothing of ours stays there", async () => {
    const broker = await using(openBroker());
    const kept: string[] = [];
    broker.aedes.on("publish", (packet) => {
      if (packet.retain && packet.payload.length > 0) kept.push(packet.topic);
      if (packet.retain && packet.payload.length === 0) kept.splice(kept.indexOf(packet.topic), 1);
    });
    const diagnosis = await diagnose({ port: broker.port });
    for (const check of ["broker name", "broker port", "login", "subscriptions", "publishing", "retained"])
      expect(only(diagnosis, check), check).toMatchObject({ status: "ok" });
    expect(kept.filter((topic) => !topic.startsWith("$SYS"))).toEqual([]);
  });

  test("no message of ours is on a topic that switches the lamp or tells of it", async () => {
    const broker = await using(openBroker());
    const topics = new Set<string>();
    broker.aedes.on("publish", (packet, client) => {
      if (client) topics.add(packet.topic);
    });
    await diagnose({ port: broker.port });
    expect([...topics].every((topic) => topic.startsWith("home/office/lamp/doctor/"))).toBe(true);
    expect(topics.size).toBeGreaterThan(1);
  });
});

describe("no broker there", () => {
  test("refused: start it, or put the port right", async () => {
    const finding = only(await diagnose({ about: ["broker port"], port: await freePort() }), "broker port");
    expect(finding).toMatchObject({
      status: "failure",
      message: expect.stringContaining("nobody listens on 127.0.0.1:"),
    });
    expect(finding.mend).toMatch(/start the broker there, or put the port right: --set mqtt\.port=/);
  });

  test("refused on this computer's own address: Mosquitto listens on 127.0.0.1 only unless it is told", async () => {
    const diagnosis = await diagnose({
      about: ["broker port"],
      port: await freePort(),
      surroundings: { ownAddresses: () => ["127.0.0.1"] },
    });
    expect(only(diagnosis, "broker port").mend).toMatch(/"listener \d+"/);
  });

  test("what needs the broker is skipped, and says because of what", async () => {
    const diagnosis = await diagnose({ port: await freePort() });
    for (const check of ["login", "limits", "subscriptions", "publishing", "retained", "lamp", "client id"])
      expect(only(diagnosis, check).status, check).toBe("skipped");
    expect(only(diagnosis, "login").message).toBe('not looked at, because of "broker port"');
    expect(only(diagnosis, "retained").message).toBe('not looked at, because of "publishing"');
  });
});

describe("something else listens", () => {
  test("a port that takes the connection and says nothing", async () => {
    const silent = await using(serve(() => undefined));
    const finding = only(
      await diagnose({ about: ["login"], port: silent.port, surroundings: impatient }),
      "login",
    );
    expect(finding.message).toMatch(/never answers to CONNECT$/);
    expect(finding.mend).toMatch(/put the port right/);
  });

  test("a web server is named by what it says", async () => {
    const web = await using(answering("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const finding = only(await diagnose({ about: ["login"], port: web.port }), "login");
    expect(finding.message).toMatch(/is no MQTT broker; it says "HTTP\/1.1 400 Bad Request"$/);
    expect(finding.mend).toMatch(/WebSocket/);
  });

  test("what it says cannot play with the terminal, nor give the password away", async () => {
    const echo = await using(
      serve((socket) =>
        socket.once("data", (data) => socket.end(`\u001b[2Jhello ${data.toString("latin1")}`)),
      ),
    );
    const diagnosis = await diagnose({
      port: echo.port,
      set: ["mqtt.username=u", "mqtt.password=topf-secret"],
    });
    const text = JSON.stringify(diagnosis);
    expect(text).toContain("is no MQTT broker");
    expect(text).not.toContain("topf-secret");
    expect(text).not.toMatch(/\\u001b/);
  });

  test("a port with TLS", async () => {
    // An alert record, as a TLS server answers to CONNECT.
    const tls = await using(answering(Buffer.from([0x15, 3, 1, 0, 2, 2, 70])));
    const finding = only(await diagnose({ about: ["login"], port: tls.port }), "login");
    expect(finding.message).toMatch(/answers to MQTT with TLS$/);
    expect(finding.mend).toMatch(/^--set mqtt\.tls=true/);
  });

  test("a port that ends the connection without a word", async () => {
    const rude = await using(serve((socket) => socket.once("data", () => socket.end())));
    const finding = only(await diagnose({ about: ["login"], port: rude.port }), "login");
    expect(finding.message).toMatch(/ends it without a word$/);
    expect(finding.mend).toMatch(/TLS/);
  });
});

describe("the broker says no", () => {
  test.each([
    [1, /does not speak MQTT 3\.1\.1 \(CONNACK 1/, /let the broker take MQTT 3\.1\.1/],
    [2, /does not take this client identifier \(CONNACK 2/, /--set mqtt\.clientId=/],
    [3, /cannot serve now \(CONNACK 3/, /see the broker's log/],
    [
      4,
      /does not let in without a user name \(CONNACK 4, bad user name or password\)/,
      /--set mqtt\.username=NAME/,
    ],
    [5, /does not let in without a user name \(CONNACK 5, not authorized\)/, /flash\.config\.local\.json/],
    [9, /refuses the connection \(CONNACK 9\)/, /see the broker's log/],
  ])("CONNACK %i", async (code, message, mend) => {
    const broker = await using(answering(Buffer.from([0x20, 2, 0, code])));
    const finding = only(await diagnose({ about: ["login"], port: broker.port }), "login");
    expect(finding.status).toBe("failure");
    expect(finding.message).toMatch(message);
    expect(finding.mend).toMatch(mend);
  });

  test("a wrong password, which is not repeated", async () => {
    const broker = await using(
      openBroker({ user: { name: "lamp", password: "right-word" }, refusalCode: 5 }),
    );
    const diagnosis = await diagnose({
      about: ["login"],
      port: broker.port,
      set: ["mqtt.username=lamp", "mqtt.password=wrong-word"],
    });
    expect(only(diagnosis, "login").message).toMatch(/does not let in as "lamp" \(CONNACK 5/);
    expect(only(diagnosis, "login").mend).toMatch(/put mqtt\.username and mqtt\.password right/);
    expect(JSON.stringify(diagnosis)).not.toContain("wrong-word");
  });

  test("the right one", async () => {
    const broker = await using(openBroker({ user: { name: "lamp", password: "right-word" } }));
    const diagnosis = await diagnose({
      about: ["login"],
      port: broker.port,
      set: ["mqtt.username=lamp", "mqtt.password=right-word"],
    });
    expect(only(diagnosis, "login").message).toMatch(/lets the lamp in as "lamp"$/);
    expect(JSON.stringify(diagnosis)).not.toContain("right-word");
  });
});

describe("permissions on topics", () => {
  const asLamp = ["mqtt.username=lamp", "mqtt.password=right-word"];
  const user = { name: "lamp", password: "right-word" };

  test("each filter that is refused is named, with the line for the acl_file", async () => {
    const broker = await using(openBroker({ user, refuseFilters: (filter) => filter.endsWith("/set") }));
    const finding = only(
      await diagnose({ about: ["subscriptions"], port: broker.port, set: asLamp }),
      "subscriptions",
    );
    expect(finding.message).toBe(
      'the broker refuses "lamp" to listen to home/office/lamp/set, home/office/lamp/brightness/set (SUBACK 0x80)',
    );
    expect(finding.mend).toMatch(/under "user lamp": topic readwrite home\/office\/lamp\/#$/);
  });

  test("what an ACL drops without a word is noticed because it does not come back", async () => {
    const broker = await using(openBroker({ dropTopics: (topic) => topic.startsWith("home/") }));
    const diagnosis = await diagnose({
      about: ["publishing", "subscriptions"],
      port: broker.port,
      surroundings: impatient,
    });
    expect(only(diagnosis, "subscriptions").status).toBe("ok");
    const finding = only(diagnosis, "publishing");
    expect(finding.status).toBe("failure");
    expect(finding.message).toMatch(
      /^the broker drops without a word what a client without a name publishes to home\/office\/lamp\/doctor\//,
    );
    expect(finding.mend).toMatch(/topic readwrite home\/office\/lamp\/#$/);
  });

  test("a lamp that gets through on its own topics makes that a warning", async () => {
    const broker = await using(openBroker({ dropTopics: (topic) => topic.includes("/doctor/") }));
    await retain(broker, "home/office/lamp/status", "online");
    const finding = only(
      await diagnose({ about: ["publishing"], port: broker.port, surroundings: impatient }),
      "publishing",
    );
    expect(finding).toMatchObject({
      status: "warning",
      message: expect.stringContaining("single topics only"),
    });
  });

  test("a broker that ends the connection at a message", async () => {
    const broker = await using(openBroker({ endAtTopics: (topic) => topic.startsWith("home/") }));
    const finding = only(
      await diagnose({ about: ["publishing"], port: broker.port, surroundings: impatient }),
      "publishing",
    );
    expect(finding.message).toMatch(/ends the connection, or says nothing, when/);
    expect(finding.mend).toMatch(/topic readwrite/);
  });

  test("a broker that does not keep retained messages", async () => {
    const broker = await using(openBroker({ forgetRetained: true }));
    const finding = only(
      await diagnose({ about: ["retained"], port: broker.port, surroundings: impatient }),
      "retained",
    );
    expect(finding.message).toMatch(/does not keep retained messages/);
    expect(finding.mend).toMatch(/retain_available true/);
  });
});

describe("limits that MQTT 5 tells", () => {
  test.each([
    [
      { maximumPacketSize: 200 },
      "failure",
      /packets of at most 200 bytes, and the lamp may send 512/,
      /--set mqtt\.txBuffer=200$/,
    ],
    [
      { maximumQoS: 0 },
      "failure",
      /QoS 0 at most, and the lamp uses 1/,
      /^--set mqtt\.qos=0 --set mqtt\.stateQos=0$/,
    ],
    [{ retainAvailable: false }, "failure", /keeps no retained messages/, /retain_available/],
    [
      { serverKeepAlive: 10 },
      "warning",
      /every 10 s, and mqtt\.keepAlive is 30 s/,
      /^--set mqtt\.keepAlive=10$/,
    ],
  ])("%j", async (properties, status, message, mend) => {
    const broker = await using(limiting(properties));
    const finding = only(
      await diagnose({ about: ["limits"], port: broker.port, surroundings: impatient }),
      "limits",
    );
    expect(finding.status).toBe(status);
    expect(finding.message).toMatch(message);
    expect(finding.mend).toMatch(mend);
  });

  test("a broker without MQTT 5 has none to tell", async () => {
    const old = await using(
      serve((socket) =>
        socket.on("data", (data) => {
          // The protocol level is the tenth byte of a short CONNECT.
          if (data[0] === 0x10) socket.write(Buffer.from([0x20, 2, 0, data[8] === 5 ? 1 : 0]));
        }),
      ),
    );
    expect(
      only(await diagnose({ about: ["limits"], port: old.port, surroundings: impatient }), "limits").message,
    ).toMatch(/speaks no MQTT 5/);
  });
});

async function retain(
  broker: Awaited<ReturnType<typeof openBroker>>,
  topic: string,
  payload: string,
): Promise<void> {
  await new Promise<void>((resolve) => {
    broker.aedes.publish({ cmd: "publish", topic, payload, qos: 0, retain: true, dup: false }, () =>
      resolve(),
    );
  });
}

test("each check has a file of its own", async () => {
  const { checks } = await import("../tools/doctor/checks.ts");
  const files = readdirSync(new URL("../tools/doctor/checks/", import.meta.url));
  expect(files).toHaveLength(checks.length);
});
