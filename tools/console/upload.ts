/** Writes a file into the board's Storage, piece by piece, each confirmed by the board before the next is sent. */

import type { Conversation } from "./conversation.ts";
import { ConsoleError, LinkTooSlow } from "./errors.ts";
import { ACK, isSafe, isSafeLength, NAK, packet, packetType, textPacket } from "./frames.ts";
import { bytesAsCode, quotedText } from "./literal.ts";

/** What an upload needs of the board. */
export interface UploadBoard {
  readonly talk: Conversation;
  readonly packets: boolean;
  readonly freeVariables: number;
  evaluate(expression: string, deadlineMs: number): Promise<unknown>;
}

/** Erasing a page of flash takes some 50 ms, a compaction that makes room some ten seconds. */
const PIECE_MS = 20_000;
const ACK_MS = 5_000;
/** So much of a file at once: the larger the quicker, since each piece is waited for. */
const PIECE_BYTES = 1024;
/** Where fewer variables are free, less at once: a variable holds 12 characters, and a piece is held twice while it is evaluated. */
const SCARCE_VARIABLES = 400;
const SCARCE_PIECE_BYTES = 256;
/** Over a slow link less at once: a packet is to take it no longer than this, well below the board's patience (`PACKET_MS`). */
const PACKET_TAKES_MS = 2_000;
const FEWEST_PIECE_BYTES = 16;
/** What is sent around the code that writes a piece. */
const QUESTION_BYTES = 200;
const ATTEMPTS = 3;

/** What the interpreter says when Storage does not take a piece (jsflash.c jsfWriteFile). */
const REFUSALS =
  /Uncaught \w*:? ?(Unable to find or create file|Too much data for file size|File already written with different data|Can't get pointer to data to write|Can't create zero length file|[^\r\n]*Storage[^\r\n]*)/;

/**
 * @throws ConsoleError: "refused" with the board's words when Storage does not take it, "timeout" when the board stops confirming, "gone".
 */
export async function upload(
  board: UploadBoard,
  name: string,
  content: Uint8Array,
  onProgress: (sent: number, total: number) => void,
): Promise<void> {
  checkName(name);
  if (content.length === 0)
    throw new ConsoleError("refused", `"${name}" is empty: Storage holds no empty files`);
  const progress = (sent: number): void => onProgress(sent, content.length);
  progress(0);
  let at = 0;
  if (board.packets && isSafe(content)) at = await framed(board, name, content, progress);
  if (at < content.length) await explicit(board, name, content, at, progress);
}

function checkName(name: string): void {
  if (name === "" || name.length > 28 || /[^\x20-\x7e]/.test(name))
    throw new ConsoleError(
      "refused",
      `${JSON.stringify(name)} is no name for a file in Storage: 1 to 28 printable ASCII characters`,
    );
}

/** As much as the board can hold. */
function pieceBytes(board: UploadBoard): number {
  return board.freeVariables > 0 && board.freeVariables < SCARCE_VARIABLES ? SCARCE_PIECE_BYTES : PIECE_BYTES;
}

/** As much as the link carries in time. */
function carried({ talk }: UploadBoard): number {
  return Math.max(FEWEST_PIECE_BYTES, talk.bytesWithin(PACKET_TAKES_MS));
}

/**
 * In FILE_SEND and DATA packets, which cost the board least. Returns how much it has confirmed: all, or what it had when one piece was not
 * confirmed. It confirms also what it could not write, and says so after; so its words are listened to.
 */
async function framed(
  board: UploadBoard,
  name: string,
  content: Uint8Array,
  progress: (sent: number) => void,
): Promise<number> {
  const { talk } = board;
  let words = "";
  const stop = talk.onText((text) => {
    words = (words + text).slice(-2000);
  });
  const refused = (): void => {
    const refusal = REFUSALS.exec(words);
    if (refusal) throw notTaken(name, refusal[1] ?? "");
  };
  try {
    const request = textPacket(packetType.fileSend, JSON.stringify({ fn: name, s: content.length }));
    if (!(await confirmed(talk, request))) return 0;
    const most = pieceBytes(board);
    let at = 0;
    let tooSlow = 0;
    while (at < content.length) {
      const piece = content.subarray(
        at,
        at + nextLength(content.length - at, Math.min(most, carried(board))),
      );
      const answer = await confirmed(talk, packet(packetType.data, piece)).catch(orTooSlow);
      if (answer instanceof LinkTooSlow) {
        // Now its pace is known, and the next piece is smaller.
        if (++tooSlow === ATTEMPTS) throw answer;
        continue;
      }
      tooSlow = 0;
      if (!answer) {
        refused();
        return at;
      }
      refused();
      at += piece.length;
      progress(at);
    }
    // What the board has to say of the last piece comes before its next answer.
    await board.evaluate("0", ACK_MS);
    refused();
    return at;
  } finally {
    stop();
  }
}

/** The rest in one piece, or less, so that the packet's length has no byte that somebody takes for himself. */
function nextLength(left: number, most: number): number {
  let length = Math.min(left, most);
  while (!isSafeLength(length)) length--;
  return length;
}

function orTooSlow(error: unknown): LinkTooSlow {
  if (error instanceof LinkTooSlow) return error;
  throw error;
}

async function confirmed(talk: Conversation, bytes: Uint8Array): Promise<boolean> {
  talk.mustBeAlone();
  const answer = await talk.ask<boolean>(
    bytes,
    (done) => ({
      look(unjudged) {
        const at = unjudged.search(/[\x06\x15]/);
        if (at < 0) return { talk: unjudged.length, drop: 0 };
        if (unjudged[at] === ACK || unjudged[at] === NAK) done(unjudged[at] === ACK);
        return { talk: at, drop: 1 };
      },
    }),
    ACK_MS,
  );
  return answer ?? false;
}

/**
 * By expressions that say where each piece goes, and whose value says that it was written: for boards without packets, for content with bytes
 * that cannot travel as they are, and to go on where a piece was not confirmed.
 */
async function explicit(
  board: UploadBoard,
  name: string,
  content: Uint8Array,
  from: number,
  progress: (sent: number) => void,
): Promise<void> {
  const file = quotedText(name);
  const most = pieceBytes(board) / (board.packets ? 1 : 2);
  let tooSlow = 0;
  for (let at = from; at < content.length; ) {
    const codeFor = (bytes: Uint8Array): string =>
      `require("Storage").write(${file},${bytesAsCode(bytes)},${at},${content.length})`;
    let piece = content.subarray(at, at + nextLength(content.length - at, most));
    while (
      board.packets &&
      piece.length > FEWEST_PIECE_BYTES &&
      codeFor(piece).length + QUESTION_BYTES > carried(board)
    )
      piece = piece.subarray(0, nextLength(piece.length, piece.length >> 1));
    try {
      await writtenOnce(board, name, codeFor(piece), `${crcOf(file, at, piece.length)}==${crcCode(piece)}`);
    } catch (error) {
      if (!(error instanceof LinkTooSlow) || ++tooSlow === ATTEMPTS) throw error;
      continue;
    }
    tooSlow = 0;
    at += piece.length;
    progress(at);
  }
}

function crcOf(file: string, at: number, length: number): string {
  return `E.CRC32(require("Storage").read(${file},${at},${length})||"")`;
}

function crcCode(piece: Uint8Array): string {
  return `E.CRC32(${bytesAsCode(piece)})`;
}

/** A piece that was not confirmed may have been written all the same: then it must not be written again. */
async function writtenOnce(board: UploadBoard, name: string, code: string, isThere: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      if ((await board.evaluate(code, PIECE_MS)) === true) return;
      throw notTaken(name, "write returned false");
    } catch (error) {
      // The board had not all of it, and so did nothing.
      if (!(error instanceof ConsoleError) || error instanceof LinkTooSlow) throw error;
      if (!["timeout", "garbled", "thrown"].includes(error.code)) throw error;
      if ((await board.evaluate(isThere, PIECE_MS).catch(() => false)) === true) return;
      if (error.code === "thrown") throw notTaken(name, error.message);
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

function notTaken(name: string, words: string): ConsoleError {
  const what = /Unable to find or create/.test(words)
    ? "Storage is full: erase files that nobody needs, or compact it"
    : "look at what is in Storage";
  return new ConsoleError(
    "refused",
    `the board did not take "${name}" (${words.replace(/^the board says: /, "")}): ${what}`,
  );
}
