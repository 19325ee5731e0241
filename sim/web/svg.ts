/** Numbers, colours and texts as SVG writes them. */

export type Rgb = readonly [red: number, green: number, blue: number];

/** At most three decimals: a micrometre on a board, a thousandth of an opacity. */
export function number(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** `share` of the way from one colour to the other, 0 to 1. */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2): number => Math.round(from[index] + (to[index] - from[index]) * share);
  return [channel(0), channel(1), channel(2)];
}

export function hex(colour: Rgb): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For texts and for attributes in double quotes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
