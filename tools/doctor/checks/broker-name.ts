/** Does the broker's name lead to an address, and to one that the board can reach? */
import { isIP } from "node:net";
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
    if (profile.wifi && isLoopback(address)) findings.push(loopback(host, address, chart));
    return findings.length > 0
      ? findings
      : ok(host === address ? `${host}, an address` : `${host} is ${address}`);
  },
};

/** A name or an address of the computer that asks, whichever that is. */
export function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "0.0.0.0" || host === "localhost";
}

/** It is no reason not to visit the broker from here. */
function loopback(host: string, address: string, { surroundings }: Chart): Finding {
  const own = surroundings.ownAddresses()[0];
  const shown = host === address ? host : `${host} (${address})`;
  return {
    ...failure(
      `mqtt.host is ${shown}, which for a board on Wi-Fi is the board itself`,
      own === undefined
        ? "give the address of the broker's computer in your network: --set mqtt.host=ADDRESS"
        : `if the broker is on this computer: --set mqtt.host=${own}`,
    ),
    blocks: false,
  };
}

async function find(
  host: string,
  { surroundings }: Chart,
): Promise<[address: string | undefined, ...findings: Finding[]]> {
  if (isIP(host) === 4) return [host];
  if (host.includes(":") && (isIP(host) === 6 || host.startsWith("["))) {
    return [
      undefined,
      failure(
        `mqtt.host is ${host}, and the board speaks IPv4 only`,
        "give the broker's IPv4 address or its name",
      ),
    ];
  }
  if (/[/\s]/.test(host)) {
    const bare = host.replace(/^\w+:\/\//, "").replace(/[/:].*$/, "");
    return [
      undefined,
      failure(
        `mqtt.host is "${host}", which is no name`,
        `the name alone: --set mqtt.host=${bare || "NAME"}`,
      ),
    ];
  }
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
  if (host.endsWith(".local")) {
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
