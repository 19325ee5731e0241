/** The lamp: its state, the topics that change it and those that tell of it. */

import { publish, subscribe } from "../mqtt/client.ts";
import { type Client, flush, KNOWN, UNSENT_LIMIT } from "../mqtt/connection.ts";
import { publishPacket, text } from "../mqtt/wire.ts";
import { brightnessCommand, lightCommand, OFF, ON, switchCommand, UNCHANGED, UNKNOWN } from "./command.ts";
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
  // Off and on as they are told: at QoS 0 whole packets, made once.
  const words = ["off", "on"];
  const states = MQTT_STATE_QOS
    ? words
    : words.map((state) => publishPacket(lampTopic + "/state", state, 0, true, 0));

  /** Switches the pin and tells it: at QoS 0 at once, else the newest state when bytes next go to the socket. */
  function apply(state: number): void {
    on = state;
    drive(state && duty);
    if (!MQTT_STATE_QOS && client.receiving && client.unsent < UNSENT_LIMIT) {
      client.out += states[state];
      stale = JSON_STATE;
    } else {
      stale = ALL;
      client.receiving || flush(client);
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
    let light = { error: "", state: UNCHANGED, brightness: UNKNOWN };
    if (kind === "/get") {
      stale = ALL;
      return;
    }
    if (kind === "/status") {
      // A will of an earlier connection may arrive after the lamp is back.
      if (payload === "offline") tell(kind, "online");
      return;
    }
    if (!LAMP_RETAINED && retained) light.error = "retained";
    else if (kind === "/set") light = lightCommand(payload);
    else if (LAMP_PWM && kind === "/brightness/set") {
      light.brightness = brightnessCommand(payload);
      if (light.brightness < 0) light.error = "not 0..255";
    } else {
      light.state = switchCommand(payload);
      if (light.state < 0) light.error = "unknown";
    }
    if (light.error) {
      print("lamp: " + topic + " " + JSON.stringify(payload.substr(0, 40)) + ": " + light.error);
    } else {
      if (LAMP_PWM && light.brightness >= 0) {
        if (light.brightness) {
          duty = dutyCycle((brightness = light.brightness));
          if (!MQTT_STATE_QOS) jsons = [];
        }
        if (!light.brightness) light.state = OFF;
        else if (light.state === UNCHANGED) light.state = ON;
      }
      // By OFF, ON, TOGGLE, UNCHANGED.
      apply([0, 1, 1 - on, on][light.state] as number);
    }
  }

  // The two messages of every day.
  words.forEach((word, state) => {
    client.known[text(lampTopic) + word] = KNOWN + state;
  });
  client.knownTopic = text(lampTopic).length;
  client.onKnown = apply;
  const listen = (filter: string) => subscribe(client, filter, MQTT_QOS, command);
  (LAMP_PWM ? ["", "/set", "/get", "/status", "/brightness/set"] : ["", "/set", "/get", "/status"]).forEach(
    (kind) => listen(lampTopic + kind),
  );
  if (GROUPS) LAMP_GROUPS.forEach(listen);
  client.onConnect = () => {
    stale = ALL;
    tell("/status", "online");
  };
  client.onFlush = () => {
    if (!stale || client.unsent >= UNSENT_LIMIT || (OUTBOUND_ACK && client.messages.length >= MQTT_INFLIGHT))
      return;
    const what = stale;
    stale = 0;
    if (MQTT_STATE_QOS) {
      tell("/state", states[on] as string);
      tell("/json", json());
    } else {
      if (what & STATE) client.out += states[on];
      // Made once for each brightness.
      client.out += jsons[on] || (jsons[on] = publishPacket(lampTopic + "/json", json(), 0, true, 0));
    }
  };
}
