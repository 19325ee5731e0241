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

  constructor(place: HTMLElement) {
    this.place = place;
  }

  update({ facts, state, connected }: Model): void {
    if (!facts || !state) return;
    const svg = drawBoard(facts.profile, {
      lamp: facts.lamp,
      pins: Object.fromEntries(Object.entries(state.pins).map(([pin, { value }]) => [pin, value])),
      powered: state.power.on,
      held: state.held,
    });
    this.place.classList.toggle("stale", !connected);
    if (svg === this.shown) return;
    this.shown = svg;
    const text = policy ? (policy.createHTML(svg) as unknown as string) : svg;
    const wanted = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const present = this.place.firstElementChild;
    if (!present || !sync(present, wanted)) this.place.replaceChildren(document.importNode(wanted, true));
  }
}

/** Makes `present` equal to `wanted` where only attributes and texts differ; returns false where more does. */
function sync(present: Element, wanted: Element): boolean {
  if (present.tagName !== wanted.tagName || present.childNodes.length !== wanted.childNodes.length)
    return false;
  for (const { name, value } of wanted.attributes)
    if (present.getAttribute(name) !== value) present.setAttribute(name, value);
  for (const [index, child] of wanted.childNodes.entries()) {
    const other = present.childNodes[index];
    if (child instanceof Element) {
      if (!(other instanceof Element) || !sync(other, child)) return false;
    } else if (other && other.textContent !== child.textContent) {
      other.textContent = child.textContent;
    }
  }
  return true;
}

/** The lamp in words, such as "on, 25 %". */
export function lampText({ facts, state }: Model): string {
  if (!facts || !state) return "";
  if (!state.power.on) return "no power";
  const value = state.pins[facts.lamp.pin]?.value ?? 0;
  const brightness = brightnessOf(facts.lamp, value);
  return brightness === 0 ? "off" : `on, ${Math.round(brightness * 100)} %`;
}

/** The lamp's pin in words, such as "D2: PWM at 1 kHz, lit 4.7 % of the time". */
export function pinText({ facts, state }: Model): string {
  if (!facts || !state) return "";
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
