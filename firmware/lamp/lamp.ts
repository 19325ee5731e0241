/** The lamp: its state, the topics that change it and those that tell of it. */

import { publish, subscribe } from "../mqtt/client.ts";
import { type Client, KNOWN, UNSENT_LIMIT } from "../mqtt/connection.ts";
import { bytes, publishPacket, text } from "../mqtt/wire.ts";
import { lightCommand, OFF, ON, UNKNOWN } from "./command.ts";
import { drive, dutyCycle } from "./output.ts";

/** In a variable, as it stands in so many places. */
export const lampTopic = LAMP_TOPIC;

/** What the broker does not know yet. */
const STATE = 1;
const JSON_STATE = 2;
const ALL = 3;

/** Subscribes a lamp to its topics and lets it tell its state through the client. It is off. */
export function createLamp(client: Client): void {
  let on = 0;
  let stale = 0;
  let duty = 1;
  let brightness = 255;
  let jsons: string[] = [];
  /** Commands that were refused, or had a key that is not known. */
  let refused = 0;
  const words = ["off", "on"];
  // Off and on as they are told at QoS 0, made once.
  const states = MQTT_STATE_QOS
    ? []
    : words.map((state) => publishPacket(lampTopic + "/state", state, 0, true, 0));

  /** The state asked for. When the chunk is done the pin follows, and the newest state is told; at QoS 0 each is. */
  function apply(state: number): void {
    on = state;
    stale = ALL;
    if (!MQTT_STATE_QOS && client.unsent < UNSENT_LIMIT) {
      client.out += states[state];
      stale = JSON_STATE;
    }
  }

  function json(): string {
    return (
      '{"state":"' +
      (on ? "ON" : "OFF") +
      (LAMP_PWM ? '","brightness":' + brightness + ',"color_mode":"brightness"}' : '","color_mode":"onoff"}')
    );
  }

  function tell(topic: string, payload: string): void {
    publish(client, lampTopic + topic, payload, MQTT_STATE_QOS, true);
  }

  /** Every message but the two of every day. What cannot be obeyed changes nothing and is named. */
  function command(topic: string, payload: string, retained: boolean): void {
    const kind = topic.replace(lampTopic, "");
    if (kind === "/get") stale = ALL;
    else if (kind === "/status") {
      // A will of an earlier connection may arrive after the lamp is back.
      if (payload === "offline") tell(kind, "online");
    } else if (
      // Empty where somebody clears a retained message.
      payload &&
      // A wildcard brings what lamps tell.
      !(WILDCARDS && kind && TOLD_LEVELS.split(" ").includes(topic.split("/").pop() as string))
    ) {
      const light =
        !LAMP_RETAINED && retained
          ? { error: "retained", state: UNKNOWN, brightness: UNKNOWN }
          : lightCommand(
              payload,
              // "/set" leaves nothing, "/brightness/set" the key.
              !GROUPS
                ? kind
                  ? kind.slice(1, -4)
                  : "state"
                : topic.endsWith("/brightness/set")
                  ? "brightness"
                  : kind === "/set" || (kind && payload.trim()[0] === "{")
                    ? ""
                    : "state",
            );
      if (light.error)
        print(
          // Quoted, but for the bytes of UTF-8.
          ("lamp: " + light.error + " (" + ++refused + "): " + JSON.stringify([topic, payload]))
            .replace(/\\u00([89A-F].)/g, (_escape, hex) => bytes(("0x" + hex) as unknown as number))
            .substr(0, 99),
        );
      if (LAMP_PWM && light.brightness >= 0) {
        if (!light.brightness) light.state = OFF;
        else {
          duty = dutyCycle((brightness = light.brightness));
          if (!MQTT_STATE_QOS) jsons = [];
          if (light.state < 0) light.state = ON;
        }
      }
      // By OFF, ON, TOGGLE.
      if (light.state >= 0) apply([0, 1, 1 - on][light.state] as number);
    }
  }

  // The two messages of every day.
  words.forEach((word, state) => {
    client.known[text(lampTopic) + word] = KNOWN + state;
  });
  client.knownTopic = text(lampTopic).length;
  client.onKnown = apply;
  const listen = (filter: string) => {
    subscribe(client, filter, MQTT_QOS, command);
  };
  (LAMP_PWM ? ["", "/set", "/get", "/status", "/brightness/set"] : ["", "/set", "/get", "/status"]).forEach(
    (kind) => listen(lampTopic + kind),
  );
  if (GROUPS) LAMP_GROUPS.forEach(listen);
  client.onConnect = () => {
    stale = ALL;
    tell("/status", "online");
  };
  client.onFlush = () => {
    if (!stale) return;
    drive(on && duty);
    if (
      !client.online ||
      client.unsent >= UNSENT_LIMIT ||
      (OUTBOUND_ACK && client.messages.length >= MQTT_INFLIGHT)
    )
      return;
    const what = stale;
    stale = 0;
    if (MQTT_STATE_QOS) {
      tell("/state", words[on] as string);
      tell("/json", json());
    } else {
      if (what & STATE) client.out += states[on];
      // Made once for each brightness.
      client.out += jsons[on] || (jsons[on] = publishPacket(lampTopic + "/json", json(), 0, true, 0));
    }
  };
}
