/** Where a broker is and how one gets in, and a socket to it as the board would open one. */
import { connect, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";
import { certificatePem, privateKey } from "../../config/certificate.ts";
import { BrokerTrouble, type TroubleCode } from "./trouble.ts";

export interface BrokerPlace {
  /** As it was written. */
  readonly host: string;
  /** What it resolved to. */
  readonly address: string;
  readonly port: number;
  /** Each text is DER in base64, as in `Config`; undefined: no TLS. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** For messages: "host:port". */
export function shownPlace({ host, port }: BrokerPlace): string {
  return `${host}:${port}`;
}

/** Every text that must not be printed when the broker says it. */
export function secretsOf({ password, tls }: BrokerPlace): readonly string[] {
  return [password, tls?.key].filter((text): text is string => text !== undefined && text !== "");
}

/**
 * The server name that Espruino 2v29 sends in every TLS handshake, whatever the host is called (libs/network/network.c, ssl_newSocketData).
 */
export const boardServerName = "mbed TLS Server 1";

const troubles: Readonly<Record<string, TroubleCode>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
};

/** Opens a TCP connection. @throws BrokerTrouble "refused", "unreachable" or "closed" */
export function openTcp(place: BrokerPlace, deadlineMs: number, signal?: AbortSignal): Promise<Socket> {
  return settle(
    connect({ host: place.address, port: place.port, noDelay: true }),
    "connect",
    deadlineMs,
    signal,
  );
}

/**
 * Opens a TLS connection without judging the certificate, as the board does: TLS 1.2 at most, and its server name unless another is given.
 * @throws BrokerTrouble "tls" too
 */
export async function openTls(
  place: BrokerPlace,
  deadlineMs: number,
  options: { serverName?: string; signal?: AbortSignal | undefined } = {},
): Promise<TLSSocket> {
  const tcp = await openTcp(place, deadlineMs, options.signal);
  const { ca, cert, key } = place.tls ?? {};
  try {
    const socket = connectTls({
      socket: tcp,
      servername: options.serverName ?? boardServerName,
      rejectUnauthorized: false,
      maxVersion: "TLSv1.2",
      ...(ca === undefined ? {} : { ca: certificatePem(ca) }),
      ...(cert === undefined ? {} : { cert: certificatePem(cert) }),
      ...(key === undefined ? {} : { key: keyPem(key) }),
    });
    return await settle(socket, "secureConnect", deadlineMs, options.signal);
  } catch (error) {
    tcp.destroy();
    throw error;
  }
}

/** A socket to the broker, with TLS where the place has it. */
export function openSocket(place: BrokerPlace, deadlineMs: number, signal?: AbortSignal): Promise<Socket> {
  return place.tls === undefined
    ? openTcp(place, deadlineMs, signal)
    : openTls(place, deadlineMs, { signal });
}

function settle<S extends Socket>(
  socket: S,
  event: "connect" | "secureConnect",
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (trouble: BrokerTrouble): void => {
      finish();
      socket.destroy();
      reject(trouble);
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      const code = troubles[error.code ?? ""] ?? (event === "secureConnect" ? "tls" : "closed");
      fail(
        new BrokerTrouble(code, {
          said: (error as { reason?: string }).reason ?? error.code ?? error.message,
        }),
      );
    };
    const closed = (): void => fail(new BrokerTrouble(event === "secureConnect" ? "tls" : "closed", {}));
    const aborted = (): void => fail(new BrokerTrouble("closed", { said: "stopped" }));
    const timer = setTimeout(
      () => fail(new BrokerTrouble(event === "secureConnect" ? "tls" : "unreachable", {})),
      deadlineMs,
    );
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      socket.removeListener("error", failed);
      socket.removeListener("close", closed);
      // An error after the end of our interest must not end the program.
      socket.on("error", () => undefined);
    };
    socket.on("error", failed);
    socket.on("close", closed);
    signal?.addEventListener("abort", aborted);
    if (signal?.aborted) aborted();
    socket.once(event, () => {
      finish();
      resolve(socket);
    });
  });
}

/** @throws BrokerTrouble when it is no key */
function keyPem(base64: string): string {
  const key = privateKey(base64);
  if (!key) throw new BrokerTrouble("tls", { said: "mqtt.tls.key is no private key that OpenSSL can read" });
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

export type { PeerCertificate };
