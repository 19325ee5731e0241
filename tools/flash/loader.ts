/**
 * The program that starts the lamp on the board: it chooses between two slots, so that a new lamp is complete before the old one stops counting.
 *
 * Storage replaces a file by ending the old one first (docs/flash-model.md): there is no moment with both. So the lamp lies in one of two files, and
 * a third, of one character, says which. If that one is missing or torn, both slots are whole, since it is written last, and either will do.
 */

/** The two slots, by the letter that chooses them. */
export const slotFiles = { a: "lamp.a", b: "lamp.b" } as const;
export type Slot = keyof typeof slotFiles;
/** One character, the slot to start; anything else, or nothing, means `a`. */
export const chosenFile = "lamp.now";
/** One character, a slot to start once: it is erased before that slot runs, so that whatever happens the next start is of the chosen one. */
export const trialFile = "lamp.try";
/** The highest version that was tried over the air (docs/over-the-air.md); a flash by cable begins anew. */
export const triedFile = "lamp.max";
/** The global variable that says which slot runs, and that one does. */
export const runningName = "WICK";
/** Where the loader goes: the first of these that is free; the interpreter runs them before the boot code. */
export const loaderFiles = [".boot0", ".boot1", ".boot2", ".boot3"] as const;

/**
 * A single expression: cut anywhere it is a syntax error and does nothing. Where there is boot code (an older lamp, or what somebody saved
 * by other means) that has precedence; to erase it is what makes the lamp in the slots count.
 * A slot on trial runs under the watchdog, so that even one that cannot be parsed ends with the chosen slot; and after five
 * minutes the board restarts unless that slot was chosen by then. That is here and not in the lamp, so that one that knows nothing of trials ends so too.
 */
export const loader = [
  `eval(global.${runningName}?"":function(s,n,f){`,
  `if(s.read(".bootrst")||s.read(".bootcde"))return"";`,
  // A copy: what was read lies in the flash, and is gone with the file.
  `if(n=s.read("${trialFile}")){n=""+n;s.erase("${trialFile}");E.enableWatchdog(60,false);`,
  `setTimeout(function(){s.read("${chosenFile}")==n||E.reboot()},3e5)}`,
  `else n=s.read("${chosenFile}");`,
  `n=n=="b"?n:"a";`,
  `if(!(f=s.read("lamp."+n)))f=s.read("lamp."+(n=n=="b"?"a":"b"));`,
  `${runningName}=""+n;return f||""`,
  `}(require("Storage")))`,
].join("");
