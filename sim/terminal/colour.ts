/** Colours for a terminal, as far as it has them. */

export type Rgb = readonly [red: number, green: number, blue: number];

/** Bits of colour a terminal has (`tty.WriteStream.getColorDepth`); 1 is none, and what NO_COLOR asks for. */
export type ColourDepth = 1 | 4 | 8 | 24;

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = Math.min(1, Math.max(0, share));
  const channel = (index: 0 | 1 | 2): number => Math.round(from[index] + (to[index] - from[index]) * part);
  return [channel(0), channel(1), channel(2)];
}

/** The escape sequence that sets the foreground (38) or background (48); nothing below 256 colours. */
export function paint(kind: 38 | 48, colour: Rgb, depth: ColourDepth): string {
  if (depth === 24) return `\x1b[${kind};2;${colour.join(";")}m`;
  if (depth === 8) return `\x1b[${kind};5;${nearestOf256(colour)}m`;
  return "";
}

/** The 6 by 6 by 6 cube of the 256 colours. */
function nearestOf256([red, green, blue]: Rgb): number {
  const step = (value: number): number => (value < 48 ? 0 : value < 115 ? 1 : Math.round((value - 55) / 40));
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}

/** `text` in a style (SGR codes such as "1" bold, "2" faint); as it is where there is no colour. */
export function styled(text: string, codes: string, depth: ColourDepth): string {
  return depth === 1 ? text : `\x1b[${codes}m${text}\x1b[0m`;
}
