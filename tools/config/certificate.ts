/** Certificates and keys from PEM or DER files to what the board's `tls.connect` takes, base64 of DER, and from there to what Node takes. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

/** Reads the file and returns base64 without line breaks. Throws an Error with one sentence. */
export function readCertificate(path: string): string {
  const bytes = readFileSync(path);
  if (!bytes.includes("-----BEGIN ")) {
    // DER starts with a SEQUENCE whose length takes more than one byte (X.690 section 8.1).
    if (bytes[0] === 0x30 && bytes.length > 100) return bytes.toString("base64");
    throw new Error("it is neither PEM nor DER");
  }
  if (bytes.toString("latin1").split("-----BEGIN ").length > 2) {
    throw new Error(
      "it holds more than one certificate or key, and the board takes one; keep the root certificate",
    );
  }
  const parts = /-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----/.exec(
    bytes.toString("latin1"),
  );
  if (parts === null) throw new Error("its PEM text is not complete, or it is protected by a pass phrase");
  if (parts[1]?.includes("ENCRYPTED"))
    throw new Error("it is protected by a pass phrase, which the board cannot ask for");
  return (parts[2] ?? "").replace(/\s+/g, "");
}

/** PEM of a certificate that `readCertificate` gave. */
export function certificatePem(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

/** A key that `readCertificate` gave; undefined when it is none. DER does not say which of three kinds it is. */
export function privateKey(base64: string): KeyObject | undefined {
  const key = Buffer.from(base64, "base64");
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    try {
      return createPrivateKey({ key, format: "der", type });
    } catch {}
  }
  return undefined;
}
