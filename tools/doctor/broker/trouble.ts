/** The ways a visit to a broker ends other than well. */

/**
 * `refused`: nobody listens. `unreachable`: no answer to the first packet. `closed`: the connection ended without a word. `silent`: it was taken, and
 * then nothing came. `tls-here`: the port speaks TLS. `not-mqtt`: what came is no MQTT. `connack`: it said no. `tls`: the handshake failed.
 */
export type TroubleCode =
  | "refused"
  | "unreachable"
  | "closed"
  | "silent"
  | "tls-here"
  | "not-mqtt"
  | "connack"
  | "tls";

export class BrokerTrouble extends Error {
  override readonly name = "BrokerTrouble";
  readonly code: TroubleCode;
  /** What the other side or the system said, if anything: foreign text, see `foreignText`. */
  readonly said: string | undefined;
  /** Of the CONNACK: MQTT 3.1.1 section 3.2.2.3, MQTT 5 section 3.2.2.2. */
  readonly returnCode: number | undefined;

  constructor(code: TroubleCode, facts: { said?: string | undefined; returnCode?: number }) {
    super(`${code}${facts.returnCode === undefined ? "" : ` ${facts.returnCode}`}`);
    this.code = code;
    this.said = facts.said;
    this.returnCode = facts.returnCode;
  }
}

/** Words of others for our own lines: one line, printable, short, and without the secrets. */
export function foreignText(text: string, secrets: readonly string[], most = 60): string {
  let shown = text;
  for (const secret of secrets) if (secret !== "") shown = shown.replaceAll(secret, "(hidden)");
  shown = shown.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, " ").trim();
  return shown.length > most ? `${shown.slice(0, most - 3)}...` : shown;
}
