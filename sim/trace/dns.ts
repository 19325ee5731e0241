/** A look-up of a name as DNS messages (RFC 1035): the question, and its answer or that there is none. */

/** RFC 1035 section 4.1.1; recursion is wanted and given. */
const QUERY = 0x0100;
const ANSWER = 0x8180;
const NO_SUCH_NAME = 3;
const HEADER_BYTES = 12;
/** Type A, class IN. */
const ADDRESS_IN_INTERNET = [0, 1, 0, 1];
/** Section 4.1.4: the name that stands behind the header. */
const NAME_OF_QUESTION = [0xc0, HEADER_BYTES];
const TIME_TO_LIVE_SECONDS = [0, 0, 0, 60];
/** Section 2.3.4 */
const LONGEST_LABEL = 63;

export const DNS_PORT = 53;

export function dnsQuery(id: number, name: string): Uint8Array {
  return Uint8Array.from([...header(id, QUERY, 0), ...question(name)]);
}

/** `address` is IPv4 as text; undefined: the name does not exist. */
export function dnsAnswer(id: number, name: string, address: string | undefined): Uint8Array {
  if (address === undefined)
    return Uint8Array.from([...header(id, ANSWER | NO_SUCH_NAME, 0), ...question(name)]);
  const bytes = address.split(".").map(Number);
  const record = [...NAME_OF_QUESTION, ...ADDRESS_IN_INTERNET, ...TIME_TO_LIVE_SECONDS, 0, 4, ...bytes];
  return Uint8Array.from([...header(id, ANSWER, 1), ...question(name), ...record]);
}

function header(id: number, flags: number, answers: number): number[] {
  return [id >> 8, id & 255, flags >> 8, flags & 255, 0, 1, 0, answers, 0, 0, 0, 0];
}

function question(name: string): number[] {
  const labels = name.split(".").filter((label) => label !== "");
  const bytes = labels.flatMap((label) => {
    const text = Buffer.from(label, "utf8").subarray(0, LONGEST_LABEL);
    return [text.length, ...text];
  });
  return [...bytes, 0, ...ADDRESS_IN_INTERNET];
}
