/** The lamp itself: a bulb of half-block pixels that glows as bright as it is driven. */
import { type ColourDepth, mix, paint, type Rgb } from "./colour.ts";

/** Size in characters; a character holds two pixels, one above the other. */
export const BULB_COLUMNS = 22;
export const BULB_ROWS = 9;

const CENTRE = { x: 10.5, y: 7.2 };
const GLASS_RADIUS = 5.2;
const HALO_REACH = 5.5;
/** A darker halo would show as a black disc on a terminal that is not quite black. */
const DIMMEST_HALO = 0.07;
const CAP = { left: 8, right: 13, top: 13, bottom: 16 };

const DARK_GLASS: Rgb = [52, 50, 48];
const WARM: Rgb = [255, 186, 92];
const WHITE_HOT: Rgb = [255, 246, 222];
const CAP_LIGHT: Rgb = [128, 126, 122];
const CAP_DARK: Rgb = [88, 86, 84];
/** Assumed behind the halo: terminals are mostly dark, and on a light one the halo is a soft shadow. */
const NIGHT: Rgb = [0, 0, 0];

/** From dark to bright, where there are no colours. */
const SHADES = " .:-=+*#%@";

/** Rows of the drawing, each BULB_COLUMNS wide; `glow` is brightness as the eye sees it, 0 to 1. */
export function drawBulb(glow: number, depth: ColourDepth): string[] {
  const rows: string[] = [];
  for (let row = 0; row < BULB_ROWS; row++) {
    let line = "";
    for (let x = 0; x < BULB_COLUMNS; x++) {
      line +=
        depth >= 8
          ? cell(pixel(x, 2 * row, glow), pixel(x, 2 * row + 1, glow), depth)
          : shade(x, 2 * row + 0.5, glow);
    }
    rows.push(depth >= 8 ? `${line}\x1b[0m` : line);
  }
  return rows;
}

/** Colour of a pixel; undefined where nothing is drawn. */
function pixel(x: number, y: number, glow: number): Rgb | undefined {
  const distance = Math.hypot(x - CENTRE.x, y - CENTRE.y);
  if (distance <= GLASS_RADIUS) {
    const heart = 1 - distance / GLASS_RADIUS;
    return mix(DARK_GLASS, mix(WARM, WHITE_HOT, heart * glow * 1.2), glow * (0.75 + 0.25 * heart));
  }
  if (isCap(x, y)) return y % 2 === 0 ? CAP_LIGHT : CAP_DARK;
  const light = glow * 0.55 * (1 - (distance - GLASS_RADIUS) / HALO_REACH);
  const halo = light * light * 1.6;
  return halo > DIMMEST_HALO ? mix(NIGHT, WARM, halo) : undefined;
}

function isCap(x: number, y: number): boolean {
  const inset = y === CAP.bottom ? 1 : 0;
  return y >= CAP.top && y <= CAP.bottom && x >= CAP.left + inset && x <= CAP.right - inset;
}

function cell(upper: Rgb | undefined, lower: Rgb | undefined, depth: ColourDepth): string {
  if (upper && lower) return `${paint(38, upper, depth)}${paint(48, lower, depth)}▀`;
  if (upper) return `\x1b[0m${paint(38, upper, depth)}▀`;
  if (lower) return `\x1b[0m${paint(38, lower, depth)}▄`;
  return "\x1b[0m ";
}

function shade(x: number, y: number, glow: number): string {
  const distance = Math.hypot(x - CENTRE.x, y - CENTRE.y);
  if (distance > GLASS_RADIUS) return isCap(x, Math.round(y)) ? "=" : " ";
  if (distance > GLASS_RADIUS - 1) return "o";
  const level = glow * (1 - (0.5 * distance) / GLASS_RADIUS);
  return SHADES.charAt(Math.round(level * (SHADES.length - 1)));
}
