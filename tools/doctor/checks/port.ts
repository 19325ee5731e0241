/** Can the port be opened on which the board is? Without one in the configuration: which ports are there? */
import { Failure, UsageError } from "../../cli/errors.ts";
import { type PortAddress, parseAddress } from "../../ports/address.ts";
import { type ListedPort, portText } from "../../ports/list.ts";
import { openPort } from "../../ports/open.ts";
import { serialFailure } from "../../ports/serial-failure.ts";
import {
  type Chart,
  type Check,
  configOf,
  type Finding,
  failure,
  fromPortSentence,
  ok,
  skipped,
  warning,
} from "../check.ts";

export const port: Check = {
  name: "port",
  needs: ["config"],
  keys: ["flash.port", "flash.baud"],
  deadlineMs: 6000,
  async run(chart, signal) {
    if (chart.port === undefined) return offer(await chart.surroundings.listPorts(), chart);
    let address: PortAddress;
    try {
      address = parseAddress(chart.port);
    } catch (error) {
      if (error instanceof UsageError) return fromPortSentence("failure", error.message);
      throw error;
    }
    if (address.kind === "mqtt") return skipped('the board is reached through the broker: see "lamp"');
    try {
      const cable = await openPort(address, { baud: Number(configOf(chart).values["flash.baud"]) });
      if (signal.aborted) await cable.close();
      else chart.cable = cable;
    } catch (error) {
      if (error instanceof Failure) return cannotOpen(error.message, chart.port);
      throw error;
    }
    return ok(`${chart.port} can be opened`);
  },
};

function cannotOpen(sentence: string, port: string): Finding {
  const finding = fromPortSentence(
    "failure",
    sentence.startsWith(`${port}: `) ? sentence.slice(port.length + 2) : sentence,
  );
  const message = finding.message.includes(port) ? finding.message : `${port}: ${finding.message}`;
  return failure(message, finding.mend ?? "name another port: npx wick doctor --port PLACE");
}

/** A board is not asked unless somebody says that it is one: what is plugged in may be anything, and opening its port may restart it. */
async function offer(ports: readonly ListedPort[], { surroundings }: Chart): Promise<Finding | Finding[]> {
  const [first] = ports;
  if (first === undefined)
    return skipped("no flash.port in the configuration, and no serial port that could have a board");
  const forbidden: Finding[] = [];
  for (const { path } of ports) {
    if (await surroundings.mayOpen(path)) continue;
    const { message, mend } = fromPortSentence(
      "warning",
      (await serialFailure(path, "permission denied")).message,
    );
    forbidden.push(warning(message, mend));
  }
  const title = ports.map(portText).join("; ");
  const others = skipped(
    `no flash.port in the configuration; a board may be on ${title}`,
    `to have it looked at: npx wick doctor --port ${first.path}`,
  );
  return [...forbidden, others];
}
