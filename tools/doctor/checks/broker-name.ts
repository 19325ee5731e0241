/** Does the broker's name lead to an address, and to one that the board can reach? */
import { isIPv4 } from "node:net";
import { isByMdns, isLoopback, judgeBrokerHost, loopback } from "../../config/broker-rules.ts";
import { type Chart, type Check, configOf, type Finding, failure, ok, warning } from "../check.ts";

export const brokerName: Check = {
  name: "broker name",
  needs: ["config"],
  keys: ["mqtt.host", "mqtt.port"],
  deadlineMs: 3000,
  async run(chart) {
    const { values, tls, profile } = configOf(chart);
    const host = String(values["mqtt.host"]);
    const [address, ...findings] = await find(host, chart);
    if (address === undefined) return findings;
    const text = (key: "mqtt.username" | "mqtt.password") =>
      values[key] === undefined ? undefined : String(values[key]);
    chart.place = {
      host,
      address,
      port: Number(values["mqtt.port"]),
      tls,
      username: text("mqtt.username"),
      password: text("mqtt.password"),
    };
    if (profile.wifi && isLoopback(address))
      findings.push(
        loopback(host === address ? host : `${host} (${address})`, chart.surroundings.ownAddresses()[0]),
      );
    return findings.length > 0
      ? findings
      : ok(host === address ? `${host}, an address` : `${host} is ${address}`);
  },
};

async function find(
  host: string,
  { surroundings }: Chart,
): Promise<[address: string | undefined, ...findings: Finding[]]> {
  // Loopback and mDNS are told below, with the address.
  const judged = judgeBrokerHost(host, { wifi: false });
  if (judged !== undefined) return [undefined, judged];
  if (isIPv4(host)) return [host];
  const asked = surroundings
    .askNameServer(host)
    .catch((error: NodeJS.ErrnoException) => error.code ?? "unknown");
  let addresses: readonly string[];
  try {
    addresses = await surroundings.lookup(host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [
      undefined,
      code === "ENOTFOUND"
        ? failure(
            `there is no IPv4 address for the name ${host}`,
            "put the name right, or give the address: --set mqtt.host=ADDRESS",
          )
        : failure(
            `the name ${host} cannot be looked up now (${code})`,
            "see whether this computer is in the network, or give the address: --set mqtt.host=ADDRESS",
          ),
    ];
  }
  const address = addresses[0];
  if (address === undefined)
    return [
      undefined,
      failure(`there is no IPv4 address for the name ${host}`, "give the address: --set mqtt.host=ADDRESS"),
    ];
  if (isLoopback(address)) return [address];
  if (isByMdns(host)) {
    return [
      address,
      warning(
        `${host} is ${address} by mDNS, which not every board and router lets through`,
        `if the board does not find it: --set mqtt.host=${address}`,
      ),
    ];
  }
  const answer = await asked;
  const unknownThere = answer === "ENOTFOUND" || answer === "ENODATA";
  if (!unknownThere) return [address];
  return [
    address,
    warning(
      `${host} is ${address} on this computer, but the name server, which is all a board asks, does not know it`,
      `--set mqtt.host=${address}, or let the router know the name`,
    ),
  ];
}
