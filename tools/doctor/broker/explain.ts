/** For each way in which a visit to a broker fails: what it means, in one sentence, and what to do. */
import { type BrokerPlace, shownPlace } from "./place.ts";
import { type BrokerTrouble, foreignText } from "./trouble.ts";

export interface Explanation {
  readonly message: string;
  readonly mend: string;
}

interface Circumstances {
  readonly secrets: readonly string[];
  /** Addresses of this computer. */
  readonly own: readonly string[];
}

/** What a trouble means, in one sentence, and what to do. */
export function explain(
  trouble: BrokerTrouble,
  place: BrokerPlace,
  circumstances: Circumstances,
): Explanation {
  const where = shownPlace(place);
  const said = trouble.said === undefined ? "" : foreignText(trouble.said, circumstances.secrets);
  switch (trouble.code) {
    case "refused":
      return {
        message: `nobody listens on ${where} (connection refused)`,
        mend: circumstances.own.includes(place.address)
          ? `start the broker; if it runs, let it listen for others too, for Mosquitto with "listener ${place.port}" in mosquitto.conf (alone it listens on 127.0.0.1 only)`
          : "start the broker there, or put the port right: --set mqtt.port=NUMBER",
      };
    case "unreachable":
      return {
        message: `${where} does not answer${said === "" ? "" : ` (${said})`}`,
        mend: "see whether it is switched on, in this network, and lets the port through its firewall; or put the address right: --set mqtt.host=ADDRESS",
      };
    case "closed":
      return {
        message: `${where} takes the connection and ends it without a word`,
        mend:
          place.tls === undefined
            ? "it may want TLS: --set mqtt.tls=true; or it has no room for another client: see its log"
            : "it may want no TLS: --set mqtt.tls=false; or a certificate of the lamp's own (mqtt.tls.cert, mqtt.tls.key): see its log",
      };
    case "silent":
      return {
        message: `${where} takes the connection and never answers to CONNECT`,
        mend: "another program may have that port, or the broker hangs: see its log; or put the port right: --set mqtt.port=NUMBER",
      };
    case "tls-here":
      return {
        message: `${where} answers to MQTT with TLS`,
        mend: "--set mqtt.tls=true, or the broker's port without TLS (1883 as a rule)",
      };
    case "not-mqtt":
      return {
        message: `what listens on ${where} is no MQTT broker${said === "" ? "" : `; it says "${said}"`}`,
        mend: "put the port right: --set mqtt.port=NUMBER (1883 as a rule; ports for browsers speak WebSocket, which the board does not)",
      };
    case "tls":
      return {
        message: `the TLS handshake with ${where} fails${said === "" ? "" : ` (${said})`}`,
        mend: "the board speaks TLS 1.2: allow it on the broker; or the port without TLS: --set mqtt.tls=false; the broker's log says more",
      };
    case "connack":
      return explainRefusal(trouble.returnCode ?? 0, where, place, said);
  }
}

function explainRefusal(code: number, where: string, place: BrokerPlace, said: string): Explanation {
  const credentials =
    place.username === undefined
      ? "give the lamp a name and a password: --set mqtt.username=NAME, and mqtt.password in flash.config.local.json"
      : "put mqtt.username and mqtt.password right (the password in flash.config.local.json), or add the user on the broker; for Mosquitto: mosquitto_passwd";
  const who = place.username === undefined ? "without a user name" : `as "${place.username}"`;
  switch (code) {
    // MQTT 3.1.1 section 3.2.2.3
    case 1:
      return {
        message: `${where} does not speak MQTT 3.1.1 (CONNACK 1, unacceptable protocol version)`,
        mend: "let the broker take MQTT 3.1.1, the one this version speaks, or use another broker",
      };
    case 2:
      return {
        message: `${where} does not take this client identifier (CONNACK 2, identifier rejected)`,
        mend: "let the broker take it, or give one that it takes: --set mqtt.clientId=NAME (at most 23 letters and digits go everywhere)",
      };
    case 3:
      return {
        message: `${where} says that it cannot serve now (CONNACK 3, server unavailable)`,
        mend: "see the broker's log; if it lets in only so many clients, let in more",
      };
    case 4:
      return {
        message: `${where} does not let in ${who} (CONNACK 4, bad user name or password)`,
        mend: credentials,
      };
    case 5:
      return { message: `${where} does not let in ${who} (CONNACK 5, not authorized)`, mend: credentials };
    default:
      return {
        message: `${where} refuses the connection (CONNACK ${code}${said === "" ? "" : `, "${said}"`})`,
        mend: "see the broker's log",
      };
  }
}
