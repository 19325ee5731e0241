/** The lamp: its state, the topics that change it and those that tell of it. */

import { publish, subscribe } from "../mqtt/client.ts";
import { type Client, flush, type Handler, UNSENT_LIMIT } from "../mqtt/connection.ts";
import { publishPacket, text } from "../mqtt/wire.ts";
import { brightnessCommand, lightCommand, OFF, ON, switchCommand, TOGGLE, UNKNOWN } from "./command.ts";
import { drive, dutyCycle } from "./output.ts";

/** What the broker does not know yet. */
const STATE = 1;
const JSON_STATE = 2;
const ALL = 3;

export const STATUS_TOPIC = LAMP_TOPIC + "/status";

/** Subscribes a lamp to its topics and lets it tell its state through the client. It is off. */
export function createLamp(client: Client): void {
  let on = 0;
  let stale = 0;
  let duty = 1;
  let rejected = 0;
  // What is told of off and on, made once for each brightness: at QoS 0 whole packets, else payloads.
  let states = ["off", "on"];
  let jsons: string[] = [];

  /** Switches the pin and tells it: at QoS 0 at once, else the newest state when bytes next go to the socket. */
  function apply(state: number): void {
    on = state;
    /*@__INLINE__*/ drive(state && duty);
    if (!MQTT_STATE_QOS && client.receiving && client.unsent < UNSENT_LIMIT) {
      client.out += states[state];
      stale = JSON_STATE;
    } else {
      stale = ALL;
      client.receiving || flush(client);
    }
  }

  function dim(value: number): void {
    duty = dutyCycle(value);
    jsons = ["OFF", "ON"].map((state) => {
      const json = '{"state":"' + state + (LAMP_PWM ? '","brightness":' + value + ',"color_mode":"brightness"}' : '","color_mode":"onoff"}');
      return MQTT_STATE_QOS ? json : publishPacket(LAMP_TOPIC + "/json", json, 0, true, 0);
    });
  }

  /** Names a command that cannot be obeyed, and counts it. */
  function reject(topic: string, payload: string, reason: string): void {
    rejected++;
    print("lamp: " + topic + " " + JSON.stringify(payload.substr(0, 40)) + ": " + reason);
  }

  function refuse(topic: string, payload: string, retained: boolean): boolean {
    if (!LAMP_RETAINED && retained) reject(topic, payload, "retained, ignored");
    return !LAMP_RETAINED && retained;
  }

  function turn(topic: string, payload: string, retained: boolean): void {
    if (refuse(topic, payload, retained)) return;
    const command = switchCommand(payload);
    if (command === UNKNOWN) reject(topic, payload, "unknown word");
    else apply(command === TOGGLE ? 1 - on : command);
  }

  function listen(topic: string, handler: Handler): void {
    subscribe(client, topic, MQTT_QOS, handler);
  }

  function tell(topic: string, payload: string): void {
    publish(client, LAMP_TOPIC + topic, payload, MQTT_STATE_QOS, true);
  }

  dim(255);
  if (!MQTT_STATE_QOS) states = states.map((state) => publishPacket(LAMP_TOPIC + "/state", state, 0, true, 0));
  // The two messages of every day.
  client.known[text(LAMP_TOPIC) + "off"] = OFF;
  client.known[text(LAMP_TOPIC) + "on"] = ON;
  client.onKnown = apply;
  listen(LAMP_TOPIC, turn);
  if (GROUPS) LAMP_GROUPS.forEach((filter) => listen(filter, turn));
  listen(LAMP_TOPIC + "/set", (topic, payload, retained) => {
    if (refuse(topic, payload, retained)) return;
    const command = lightCommand(payload);
    if (command.error) return reject(topic, payload, command.error);
    let state = command.state;
    if (LAMP_PWM && command.brightness !== undefined) {
      if (command.brightness) dim(command.brightness);
      if (state === undefined || !command.brightness) state = command.brightness ? ON : OFF;
    }
    apply(state === TOGGLE ? 1 - on : state === undefined ? on : state);
  });
  if (LAMP_PWM)
    listen(LAMP_TOPIC + "/brightness/set", (topic, payload, retained) => {
      if (refuse(topic, payload, retained)) return;
      const value = brightnessCommand(payload);
      if (value === UNKNOWN) return reject(topic, payload, "not 0 to 255");
      if (value) dim(value);
      apply(value ? ON : OFF);
    });
  listen(LAMP_TOPIC + "/get", () => {
    stale = ALL;
  });
  // A will of an earlier connection may arrive after the lamp is back.
  listen(STATUS_TOPIC, (_topic, payload) => {
    if (payload === "offline") tell("/status", "online");
  });
  client.onConnect = () => {
    stale = ALL;
    tell("/status", "online");
  };
  client.onFlush = () => {
    if (!stale || client.unsent >= UNSENT_LIMIT || (OUTBOUND_ACK && client.messages.length >= MQTT_INFLIGHT)) return;
    const what = stale;
    stale = 0;
    if (!MQTT_STATE_QOS) client.out += (what & STATE ? states[on] as string : "") + jsons[on];
    else {
      tell("/state", states[on] as string);
      tell("/json", jsons[on] as string);
    }
  };
}
