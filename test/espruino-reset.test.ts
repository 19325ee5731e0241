// DTR and RTS, step by step, through what boards have between them and the chip: the right one of program and loader starts.
import { describe, expect, test } from "vitest";
import { isOwnUsb, type ResetStep, resetSteps } from "../tools/ports/reset-steps.ts";

type Lines = Pick<ResetStep, "dtr" | "rts">;

/** Two transistors: EN is low while RTS alone is set, IO0 while DTR alone is. The chip starts when EN rises, and looks at IO0 a moment later. */
function behindConverter(steps: readonly ResetStep[]): string[] {
  const started: string[] = [];
  let enabled = true;
  for (const { dtr, rts } of steps) {
    const wasEnabled = enabled;
    enabled = !(rts && !dtr);
    if (enabled && !wasEnabled) started.push(dtr && !rts ? "loader" : "program");
  }
  return started;
}

/** The chip's own USB: a mark that DTR alone sets and that neither takes back; it starts when RTS alone comes. */
function onOwnUsb(steps: readonly ResetStep[]): string[] {
  const started: string[] = [];
  let marked = false;
  let before: Lines = { dtr: false, rts: false };
  for (const { dtr, rts } of steps) {
    if (!dtr && !rts) marked = false;
    if (dtr && !rts) marked = true;
    if (rts && !dtr && !(before.rts && !before.dtr)) started.push(marked ? "loader" : "program");
    before = { dtr, rts };
  }
  return started;
}

describe("a reset by DTR and RTS", () => {
  for (const into of ["program", "loader"] as const) {
    test(`starts the ${into} once, behind a converter and on a chip's own USB`, () => {
      expect(behindConverter(resetSteps(into, false))).toEqual([into]);
      expect(onOwnUsb(resetSteps(into, true))).toEqual([into]);
      for (const ownUsb of [false, true])
        expect(resetSteps(into, ownUsb).at(-1)).toMatchObject({ dtr: false, rts: false });
    });
  }

  test("needs other steps for each: those for a converter do not reach the loader of a chip on USB", () => {
    expect(onOwnUsb(resetSteps("loader", false))).toEqual(["program"]);
  });

  test("knows a chip's own USB by what it is called there", () => {
    expect(isOwnUsb({ vendorId: "303a", productId: "1001" })).toBe(true);
    expect(isOwnUsb({ vendorId: "10c4", productId: "ea60" })).toBe(false);
    expect(isOwnUsb(undefined)).toBe(false);
  });
});
