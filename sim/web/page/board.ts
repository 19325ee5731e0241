/** The board on the page: drawn by the same function as screenshots, and changed in place, so that a finger stays on its button. */
import { brightnessOf, dutyOf } from "../../lamp.ts";
import { drawBoard } from "../drawing.ts";
import type { Model } from "./model.ts";

interface TrustedHtml {
  toString(): string;
}
declare const trustedTypes:
  | {
      createPolicy(
        name: string,
        rules: { createHTML(text: string): string },
      ): { createHTML(text: string): TrustedHtml };
    }
  | undefined;

/** drawBoard escapes every text that it is given. */
const policy =
  typeof trustedTypes === "undefined"
    ? undefined
    : trustedTypes.createPolicy("wick-board", { createHTML: (text) => text });

export class BoardView {
  private readonly place: HTMLElement;
  private shown = "";
  private from: readonly unknown[] = [];
  /** In the order of the drawing. */
  private elements: readonly Element[] = [];

  constructor(place: HTMLElement) {
    this.place = place;
  }

  update({ facts, state, connected }: Model): void {
    if (!facts || !state) return;
    this.place.classList.toggle("stale", !connected);
    const from = [facts, state.pins, state.power, state.held];
    if (from.every((value, index) => value === this.from[index])) return;
    this.from = from;
    const svg = drawBoard(facts.profile, {
      lamp: facts.lamp,
      pins: Object.fromEntries(Object.entries(state.pins).map(([pin, { value }]) => [pin, value])),
      powered: state.power.on,
      held: state.held,
    });
    if (!this.shown || !change(this.elements, this.shown, svg)) this.replace(svg);
    this.shown = svg;
  }

  private replace(svg: string): void {
    const text = policy ? (policy.createHTML(svg) as unknown as string) : svg;
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    const drawing = document.importNode(parsed.documentElement, true);
    this.place.replaceChildren(drawing);
    this.elements = [drawing, ...drawing.querySelectorAll("*")];
  }
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const unescapeXml = (text: string): string =>
  text.replace(/&([^;]+);/g, (all, name) => ENTITIES[name] ?? all);

/**
 * Makes `elements`, which were drawn from the text `before`, look like the text `after`; returns false where they cannot, because more than attributes
 * and texts differ. To parse the whole text for every step of a fade would take longer than a frame on a slow phone.
 */
function change(elements: readonly Element[], before: string, after: string): boolean {
  const old = before.split("<");
  const fresh = after.split("<");
  if (old.length !== fresh.length) return false;
  let element = -1;
  for (const [index, piece] of fresh.entries()) {
    // Elements stand in the document as their opening tags do in the text.
    if (index > 0 && !piece.startsWith("/")) element++;
    if (piece === old[index]) continue;
    const [, tag, attributes = "", text = ""] = /^(\w+)([^>]*?)\/?>(.*)$/s.exec(piece) ?? [];
    const target = elements[element];
    if (!target || target.tagName !== tag) return false;
    for (const [, name = "", value = ""] of attributes.matchAll(/([\w-]+)="([^"]*)"/g)) {
      const wanted = unescapeXml(value);
      if (target.getAttribute(name) !== wanted) target.setAttribute(name, wanted);
    }
    if (target.childElementCount === 0 && target.textContent !== text) target.textContent = unescapeXml(text);
  }
  return true;
}

/** The lamp in words, such as "on, 25 %"; "" where there is none. */
export function lampText({ facts, state }: Model): string {
  if (!facts?.lamp || !state) return "";
  if (!state.power.on) return "no power";
  const value = state.pins[facts.lamp.pin]?.value ?? 0;
  const brightness = brightnessOf(facts.lamp, value);
  return brightness === 0 ? "off" : `on, ${Math.round(brightness * 100)} %`;
}

/** The lamp's pin in words, "" where there is none, such as "D2: PWM at 1 kHz, lit 4.7 % of the time". */
export function pinText({ facts, state }: Model): string {
  if (!facts?.lamp || !state) return "";
  const { lamp } = facts;
  const pin = state.pins[lamp.pin];
  if (!pin) return lamp.pin;
  const duty = dutyOf(lamp, pin.value);
  if (!state.power.on) return `${lamp.pin}: no power`;
  if (pin.frequency === undefined || pin.value === 0 || pin.value === 1)
    return `${lamp.pin}: steadily ${pin.value > 0 ? "high" : "low"}${lamp.activeLow ? " (lit when low)" : ""}`;
  const hertz = pin.frequency >= 1000 ? `${pin.frequency / 1000} kHz` : `${pin.frequency} Hz`;
  return `${lamp.pin}: PWM at ${hertz}, lit ${(duty * 100).toFixed(1)} % of the time`;
}
