/** Which broker? Those that answer are offered; name and password are tried at once. */

import { isLoopback, judgeBrokerHost } from "../config/broker-rules.ts";
import type { BoardProfile } from "../config/profile.ts";
import { type Answers, mistakeIn } from "./answers.ts";
import { type Answer, findBrokers, LOOPBACK, MQTT_PORT, parsePlace, tryAddress } from "./brokers.ts";
import type { Circumstances } from "./questions.ts";
import type { Choice } from "./terminal.ts";

const OTHER = "other";
const TLS_PORT = 8883;

interface Wanted {
  host: string;
  port: number | undefined;
  tls: boolean;
}

export async function askBroker(
  answers: Answers,
  profile: BoardProfile,
  circumstances: Circumstances,
): Promise<void> {
  const { terminal } = circumstances;
  const given = answers.get("mqtt.host");
  // What the command line says holds for every broker that is tried.
  const fixedPort = answers.has("mqtt.port") ? Number(answers.get("mqtt.port")) : undefined;
  const fixedTls = hasTls(answers);
  let wanted: Wanted =
    given === undefined
      ? await askAddress(answers, profile, circumstances)
      : { host: String(given), port: fixedPort, tls: fixedTls };
  for (;;) {
    wanted = { ...wanted, port: wanted.port ?? fixedPort, tls: wanted.tls || fixedTls };
    setAddress(answers, wanted, circumstances.before);
    if (profile.wifi && isLoopback(wanted.host)) {
      terminal.warn(loopbackWarning(circumstances));
      const stays = await terminal.yes(`Keep ${wanted.host} all the same?`, false);
      if (!stays) {
        wanted = await askAddress(answers, profile, circumstances);
        continue;
      }
    }
    if (await getIn(answers, wanted, circumstances)) return;
    wanted = await askAddress(answers, profile, circumstances);
  }
}

/** On when it is said, or when a file for it is named. */
function hasTls(values: ReadonlyMap<string, unknown>): boolean {
  return values.get("mqtt.tls") === true || [...values.keys()].some((key) => key.startsWith("mqtt.tls."));
}

/** The port is always written: what is tried is what the lamp will do, whatever stood there before. */
function setAddress(
  answers: Answers,
  { host, port, tls }: Wanted,
  before: ReadonlyMap<string, unknown>,
): void {
  answers.set("mqtt.host", host);
  answers.set("mqtt.port", port ?? (tls ? TLS_PORT : MQTT_PORT));
  // Where files for TLS are named already they stay.
  const hasFiles = [...answers.keys()].some((key) => key.startsWith("mqtt.tls."));
  if (tls === hasTls(before) || (tls && hasFiles)) answers.delete("mqtt.tls");
  else answers.set("mqtt.tls", tls);
}

function loopbackWarning({ surroundings }: Circumstances): string {
  const [own] = surroundings.ownAddresses();
  const instead =
    own === undefined
      ? "the broker's address in your network"
      : `${own}, this computer's address in your network`;
  return `For a board on Wi-Fi ${LOOPBACK} is the board itself. It needs ${instead}; the broker must listen there too (for Mosquitto: "listener ${MQTT_PORT}" in mosquitto.conf, and "allow_anonymous true" or a password_file).`;
}

async function askAddress(
  answers: Answers,
  profile: BoardProfile,
  circumstances: Circumstances,
): Promise<Wanted> {
  const { terminal, surroundings, before } = circumstances;
  const port = Number(
    answers.get("mqtt.port") ?? before.get("mqtt.port") ?? (hasTls(before) ? TLS_PORT : MQTT_PORT),
  );
  terminal.tell(`Looking for a broker on this computer, port ${port} …`);
  const found = await findBrokers(surroundings, port);
  const earlier = before.get("mqtt.host");
  const choices = found.filter(({ place }) => !(profile.wifi && isLoopback(place.host))).map(choiceOf);
  const [own] = surroundings.ownAddresses();
  const onlyHere = profile.wifi && choices.length === 0 && found.length > 0;
  if (onlyHere) {
    terminal.warn(`A broker answers on ${LOOPBACK} only. ${loopbackWarning(circumstances)}`);
    if (own !== undefined)
      choices.push({
        value: `${own}:${port}`,
        label: `${own}:${port}`,
        hint: "once the broker listens there",
      });
  }
  if (typeof earlier === "string" && !choices.some(({ value }) => value === `${earlier}:${port}`))
    choices.unshift({ value: `${earlier}:${port}`, label: `${earlier}:${port}`, hint: "as before" });
  const chosen =
    choices.length === 0
      ? OTHER
      : await terminal.choice("Broker", [...choices, { value: OTHER, label: "another" }]);
  if (chosen !== OTHER) {
    const host = parsePlace(chosen)?.host ?? chosen;
    return { host, port, tls: host === earlier && hasTls(before) };
  }
  const text = await terminal.line("Address of the broker", {
    placeholder: "192.168.1.5, mqtt://broker.lan:1883 or mqtts://broker.example",
    mistake: (line) => {
      const place = parsePlace(line);
      if (place === undefined)
        return "Allowed is a name or an IPv4 address, with :port where it is not 1883.";
      const judged = judgeBrokerHost(place.host, { wifi: false });
      return judged === undefined ? undefined : `${judged.message}.`;
    },
  });
  return parsePlace(text) ?? { host: text, port: undefined, tls: false };
}

function choiceOf({ place, said }: Answer): Choice<string> {
  const value = `${place.host}:${place.port}`;
  return { value, label: value, hint: said };
}

/** Tries, asks for name and password where they are wanted, and tries again. False: another broker, please. */
async function getIn(
  answers: Answers,
  wanted: Wanted,
  { terminal, surroundings, before }: Circumstances,
): Promise<boolean> {
  const text = (key: string): string | undefined => {
    const value = answers.get(key) ?? before.get(key);
    return value === undefined || value === "" ? undefined : String(value);
  };
  for (;;) {
    const answer = await tryAddress(
      {
        host: wanted.host,
        port: Number(answers.get("mqtt.port")),
        tls: wanted.tls ? {} : undefined,
        username: text("mqtt.username"),
        password: text("mqtt.password"),
      },
      surroundings,
    );
    const where = `${answer.place.host}:${answer.place.port}`;
    if (answer.kind === "open") {
      terminal.good(`${where} ${answer.said}.`);
      return true;
    }
    if (answer.kind === "no" || text("mqtt.username") !== undefined) {
      terminal.warn(`${answer.said}: ${answer.mend}`);
      const next = await terminal.choice("And now?", [
        ...(answer.kind === "closed"
          ? [{ value: "credentials", label: "another user name and password" } as const]
          : []),
        { value: "again", label: "try again" },
        { value: "other", label: "another broker" },
        { value: "keep", label: "keep it; npx wick doctor looks again" },
      ]);
      if (next === "keep") return true;
      if (next === "other") return false;
      if (next === "again") continue;
    } else terminal.tell(`${where} ${answer.said}.`);
    answers.set(
      "mqtt.username",
      await terminal.line("User name for the broker", {
        mistake: (line) => (line === "" ? "The broker wants one." : mistakeIn("mqtt.username", line)),
      }),
    );
    answers.set(
      "mqtt.password",
      await terminal.secret("Password for the broker", (line) => mistakeIn("mqtt.password", line)),
    );
  }
}
