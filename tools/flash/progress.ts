/** How far an upload is, in a line: a bar, bytes and the time that is left. */

export interface Progress {
  readonly sent: number;
  readonly total: number;
  /** Since the upload began. */
  readonly elapsedMs: number;
}

const WIDEST_BAR = 40;
const NARROWEST_BAR = 8;
/** Before so much time has passed, what is left cannot be told. */
const TOO_SOON_MS = 300;

/** `████████░░░░ 4,096 of 9,000 bytes, 2 s left`, less than `columns` characters; without room for it, or without `columns`, there is no bar. */
export function progressLine({ sent, total, elapsedMs }: Progress, columns?: number): string {
  const share = total === 0 ? 1 : Math.min(1, sent / total);
  const words = `${thousands(sent)} of ${thousands(total)} bytes${timeLeft(share, elapsedMs)}`;
  if (columns === undefined) return words;
  const room = Math.min(WIDEST_BAR, columns - words.length - 2);
  if (room < NARROWEST_BAR) return words.slice(0, Math.max(0, columns - 1));
  const filled = Math.round(share * room);
  return `${"█".repeat(filled)}${"░".repeat(room - filled)} ${words}`;
}

function timeLeft(share: number, elapsedMs: number): string {
  if (share >= 1) return `, ${seconds(elapsedMs)}`;
  if (share === 0 || elapsedMs < TOO_SOON_MS) return "";
  const left = (elapsedMs / share) * (1 - share);
  return `, ${left < 60_000 ? `${Math.ceil(left / 1000)} s` : `${Math.ceil(left / 60_000)} min`} left`;
}

/** `0.8 s`, from ten seconds on whole ones. */
export function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** `9,000`, whatever the computer's language. */
export function thousands(count: number): string {
  return Math.round(count).toLocaleString("en");
}
