/** What does the broker allow a client? MQTT 5 tells; the lamp speaks MQTT 3.1.1, but the limits are the broker's. */
import { BrokerTrouble } from "../broker/trouble.ts";
import { BrokerVisit } from "../broker/visit.ts";
import { type Check, configOf, type Finding, failure, ok, placeOf, warning } from "../check.ts";

export const limits: Check = {
  name: "limits",
  needs: ["login"],
  deadlineMs: 4000,
  async run(chart, signal) {
    const { values } = configOf(chart);
    let visit: BrokerVisit;
    try {
      visit = await BrokerVisit.open(placeOf(chart), {
        version: 5,
        // A broker that wants a shorter one says so only to who asks for more.
        keepAlive: Number(values["mqtt.keepAlive"]),
        deadlineMs: 2500 * chart.surroundings.patience,
        signal,
      });
    } catch (error) {
      if (!(error instanceof BrokerTrouble)) throw error;
      return ok("the broker speaks no MQTT 5, in which it would tell them");
    }
    visit.close();
    // MQTT 5 section 3.2.2.3
    const { maximumPacketSize, maximumQoS, retainAvailable, serverKeepAlive, wildcardSubscriptionAvailable } =
      visit.connack.properties ?? {};
    const findings: Finding[] = [];
    const buffer = Number(values["mqtt.txBuffer"]);
    if (maximumPacketSize !== undefined && maximumPacketSize < buffer)
      findings.push(
        failure(
          `the broker takes packets of at most ${maximumPacketSize} bytes, and the lamp may send ${buffer} (mqtt.txBuffer)`,
          `raise the limit on the broker (Mosquitto: max_packet_size), or: --set mqtt.txBuffer=${Math.max(64, maximumPacketSize)}`,
        ),
      );
    const qos = Math.max(Number(values["mqtt.qos"]), Number(values["mqtt.stateQos"]));
    if (maximumQoS !== undefined && maximumQoS < qos)
      findings.push(
        failure(
          `the broker takes QoS ${maximumQoS} at most, and the lamp uses ${qos}`,
          `--set mqtt.qos=${maximumQoS}${Number(values["mqtt.stateQos"]) > maximumQoS ? ` --set mqtt.stateQos=${maximumQoS}` : ""}`,
        ),
      );
    if ((retainAvailable as unknown) === false || (retainAvailable as unknown) === 0)
      findings.push(
        failure(
          "the broker keeps no retained messages, and the lamp's state is one",
          "allow them on the broker (Mosquitto: retain_available true)",
        ),
      );
    const groups = values["lamp.groups"];
    const hasWildcards = Array.isArray(groups) && groups.some((filter) => /[+#]/.test(filter));
    if (hasWildcards && (wildcardSubscriptionAvailable as unknown) === false)
      findings.push(
        failure("the broker allows no wildcards, and lamp.groups has some", "name each topic in lamp.groups"),
      );
    const keepAlive = Number(values["mqtt.keepAlive"]);
    if (serverKeepAlive !== undefined && serverKeepAlive < keepAlive)
      findings.push(
        warning(
          `the broker wants to hear from a client every ${serverKeepAlive} s, and mqtt.keepAlive is ${keepAlive} s`,
          `--set mqtt.keepAlive=${Math.max(1, serverKeepAlive)}`,
        ),
      );
    if (findings.length > 0) return findings;
    const size = maximumPacketSize === undefined ? "of any size" : `up to ${maximumPacketSize} bytes`;
    return ok(`packets ${size}, QoS up to ${maximumQoS ?? 2}, retained messages`);
  },
};
