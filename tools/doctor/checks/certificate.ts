/** With TLS: would the handshake go well from the board, and is the broker the one it says it is? */
import { checkServerIdentity, type TLSSocket } from "node:tls";
import { openTls, shownPlace } from "../broker/place.ts";
import { foreignText } from "../broker/trouble.ts";
import { troubleFound } from "../broker/trouble-found.ts";
import { type Chart, type Check, type Finding, failure, ok, placeOf, skipped, warning } from "../check.ts";

const DAY_MS = 24 * 3600 * 1000;
/** From here on a certificate is worth a word. */
const SOON_DAYS = 30;

export const certificate: Check = {
  name: "certificate",
  needs: ["broker port"],
  deadlineMs: 5000,
  async run(chart, signal) {
    const place = placeOf(chart);
    if (place.tls === undefined) {
      if (place.port !== 8883) return { ...skipped("no TLS in the configuration"), blocks: false };
      return warning(
        `mqtt.port is 8883, which is for TLS as a rule, and mqtt.tls is off`,
        "--set mqtt.tls=true",
      );
    }
    const deadlineMs = 2000 * chart.surroundings.patience;
    let socket: TLSSocket;
    try {
      socket = await openTls(place, deadlineMs, { signal });
    } catch (error) {
      const byName = await openTls(place, deadlineMs, { signal, serverName: place.host }).catch(
        () => undefined,
      );
      byName?.destroy();
      if (byName) return needsServerName(shownPlace(place));
      return troubleFound(error, chart);
    }
    const findings = judge(socket, place.host, place.tls.ca !== undefined, chart);
    socket.destroy();
    return findings;
  },
};

function needsServerName(where: string): Finding {
  return failure(
    `${where} takes TLS only from clients that name it in the handshake (SNI), and Espruino 2v29 sends another name`,
    "use a broker, or a port of it, that needs no server name; many in the cloud do",
  );
}

function judge(socket: TLSSocket, host: string, hasAuthority: boolean, chart: Chart): Finding | Finding[] {
  const found = socket.getPeerCertificate();
  const ends = Date.parse(found.valid_to);
  const begins = Date.parse(found.valid_from);
  const now = chart.surroundings.now();
  const findings: Finding[] = [];
  const days = Math.floor((ends - now) / DAY_MS);
  if (now > ends)
    findings.push(failure(`the broker's certificate ended on ${day(ends)}`, "renew it on the broker"));
  else if (now < begins)
    findings.push(
      failure(
        `the broker's certificate begins on ${day(begins)}`,
        "set the clock of this computer or of the one that made it",
      ),
    );
  else if (days < SOON_DAYS)
    findings.push(
      warning(`the broker's certificate ends in ${days} days, on ${day(ends)}`, "renew it on the broker"),
    );
  const wrongName = checkServerIdentity(host, found);
  if (wrongName)
    findings.push(
      failure(
        `the broker's certificate is not for ${host}, but for ${foreignText(found.subjectaltname ?? `CN:${found.subject?.CN ?? "nobody"}`, [], 100)}`,
        "give the name that is in the certificate: --set mqtt.host=NAME; or make the broker a certificate for this one",
      ),
    );
  // What OpenSSL says when the chain is broken; dates were looked at above, by a clock that tests can set.
  const chain = String(socket.authorizationError ?? "");
  const isDate = /EXPIRED|NOT_YET_VALID/.test(chain);
  if (!hasAuthority)
    findings.push(
      warning(
        "nothing says who may have signed the broker's certificate",
        "--set mqtt.tls.ca=FILE, the certificate of its authority",
      ),
    );
  else if (!socket.authorized && chain !== "" && !isDate && !/ALTNAME/.test(chain))
    findings.push(
      failure(
        `mqtt.tls.ca did not sign the broker's certificate (${chain})`,
        "give the certificate of the authority that did: --set mqtt.tls.ca=FILE",
      ),
    );
  if (findings.length > 0) return findings.map((finding) => ({ ...finding, blocks: false }));
  return ok(
    `for ${host}, until ${day(ends)}, signed by mqtt.tls.ca; Espruino 2v29 itself encrypts and checks none of it`,
  );
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
