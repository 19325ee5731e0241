/** What the board is to run when a new lamp turns out not to, settled before anything is written; pure, so that it can be told and tested. */
import { type Slot, slotFiles } from "./loader.ts";
import { bytesInFlash, bytesToWrite, type InstallPlan } from "./plan.ts";
import { type StorageLook, savedStateFile } from "./storage-look.ts";

/**
 * `trial`: the new lamp is started once while what was there still counts, so that there is nothing to take back. `slot`: the lamp before stays in
 * `slot` and is chosen again. `copy`: the program in `from` is copied into `slot`, on the board, before it is erased. `none`: what was there before
 * is gone for good, `because` of that; undefined where nothing was there.
 */
export type WayBack =
  | { readonly kind: "trial" }
  | { readonly kind: "slot"; readonly slot: Slot }
  | { readonly kind: "copy"; readonly slot: Slot; readonly from: string; readonly bytes: number }
  | { readonly kind: "none"; readonly because: string | undefined };

/** The boot code that `load(file)` runs too: nothing can be tried without it (jsinteractive.c, jsiIdle and jsiSemiInit). */
const ALWAYS_RUNS = ".bootrst";

/** `bundleBytes`: still to be written; 0 when it is there. `roomBytes`: what may be filled without coming near the end of the flash. */
export function wayBackOf(
  plan: InstallPlan,
  look: StorageLook,
  { slot, bundleBytes, roomBytes }: { slot: Slot; bundleBytes: number; roomBytes: number },
): WayBack {
  if (plan.active !== undefined) {
    return plan.active === slot ? { kind: "none", because: undefined } : { kind: "slot", slot: plan.active };
  }
  if (plan.eraseLast.length === 0) return { kind: "none", because: undefined };
  if (!plan.isFirst)
    return { kind: "none", because: `what save() left in ${savedStateFile} runs beside every lamp` };
  if (!plan.eraseLast.includes(ALWAYS_RUNS)) return { kind: "trial" };
  if (plan.eraseLast.includes(savedStateFile))
    return { kind: "none", because: `what save() left in ${savedStateFile} runs beside ${ALWAYS_RUNS}` };
  const bytes = look.files[ALWAYS_RUNS] ?? 0;
  const lacking = bytesToWrite(plan, bundleBytes) + bytesForCopy(bytes) - roomBytes;
  if (lacking > 0)
    return { kind: "none", because: `a copy of ${ALWAYS_RUNS} takes ${lacking} bytes more than are free` };
  return { kind: "copy", slot: slot === "a" ? "b" : "a", from: ALWAYS_RUNS, bytes };
}

/** Bytes in the flash that `wayBack` takes, at most, the choice of a copy included. */
export function bytesForWayBack(wayBack: WayBack): number {
  return wayBack.kind === "copy" ? bytesForCopy(wayBack.bytes) : 0;
}

function bytesForCopy(bytes: number): number {
  return bytesInFlash(bytes + 1) + bytesInFlash(1);
}

/** Copies a file into a slot and compares it, on the board: true when both are alike. A length that is a multiple of 256 gets a line feed more. */
export function copyExpression({ from, slot }: Extract<WayBack, { kind: "copy" }>): string {
  const [source, target] = [JSON.stringify(from), JSON.stringify(slotFiles[slot])];
  return [
    `(function(s,f,n,t,i,c){f=s.read(${source});n=f.length;t=n%256?n:n+1;`,
    `for(i=0;i<n;i+=${COPY_BYTES})s.write(${target},f.substr(i,${COPY_BYTES}),i,t);`,
    `if(t>n)s.write(${target},"\\n",n,t);c=s.read(${target});if(!c||c.length!=t)return false;`,
    `for(i=0;i<n;i+=${COPY_BYTES})if(c.substr(i,${COPY_BYTES})!=f.substr(i,${COPY_BYTES}))return false;`,
    `return true})(require("Storage"))`,
  ].join("");
}

/** In pieces, as text read from flash that is written to flash lies in memory in between. */
const COPY_BYTES = 512;
