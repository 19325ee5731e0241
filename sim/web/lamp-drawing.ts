/** The lamp of the picture: a bulb that glows as bright as it looks, warm white unless it has a colour. */
import { escapeXml, hex, mix, number, type Rgb } from "./svg.ts";

/** Room for the lamp above a board, and how far its halo reaches, in mm. */
export const LAMP_HEIGHT = 38;
export const LAMP_REACH = 30;

const GLASS_RADIUS = 9;
const DARK_GLASS: Rgb = [58, 60, 68];
const DARK_FILAMENT: Rgb = [92, 88, 84];
/** A filament that is dimmed is cooler, and its light redder. */
const EMBER: Rgb = [255, 150, 58];
const WARM_WHITE: Rgb = [255, 194, 112];
const WHITE_HOT: Rgb = [255, 247, 226];

/** A lamp as it looks. */
export interface Glow {
  /** 0 to 1, as the eye sees it: not the duty cycle. */
  brightness: number;
  /** Colour of its light. */
  light: Rgb;
  glass: Rgb;
  filament: Rgb;
}

/** `brightness` is 0 to 1 as the eye sees it; screens are made for the eye, so that colours are mixed by it directly. */
export function glowOf(brightness: number, colour?: Rgb): Glow {
  const light = colour ?? mix(EMBER, WARM_WHITE, brightness);
  return {
    brightness,
    light,
    glass: mix(DARK_GLASS, light, brightness),
    // The filament is bright long before the glass is.
    filament: mix(DARK_FILAMENT, mix(light, WHITE_HOT, 0.3 + 0.6 * brightness), Math.sqrt(brightness)),
  };
}

/** The bulb with the centre of its glass at `x`, `y` (mm). */
export function drawLamp(x: number, y: number, glow: Glow): string {
  const neck = y + GLASS_RADIUS * 0.86;
  const percent = Math.round(glow.brightness * 100);
  const glass =
    `M${number(x - 3.6)} ${number(neck + 2.6)} C${number(x - 3.6)} ${number(neck - 1.2)} ${number(x - GLASS_RADIUS)} ${number(y + 6)} ${number(x - GLASS_RADIUS)} ${number(y)} ` +
    `A${GLASS_RADIUS} ${GLASS_RADIUS} 0 0 1 ${number(x + GLASS_RADIUS)} ${number(y)} C${number(x + GLASS_RADIUS)} ${number(y + 6)} ${number(x + 3.6)} ${number(neck - 1.2)} ${number(x + 3.6)} ${number(neck + 2.6)} Z`;
  const filament = `M${number(x - 1.6)} ${number(neck + 2)} L${number(x - 3)} ${number(y + 0.5)} l1.5 -2 l1.5 2 l1.5 -2 l1.5 2 L${number(x + 1.6)} ${number(neck + 2)}`;
  const screw = [0, 1, 2]
    .map(
      (turn) =>
        `<rect x="${number(x - 3.5 + turn * 0.25)}" y="${number(neck + 2.8 + turn * 1.5)}" width="${number(7 - turn * 0.5)}" height="1.2" rx="0.6" fill="${turn % 2 === 0 ? "#a3a8b3" : "#7d828e"}"/>`,
    )
    .join("");
  return (
    `<g data-lamp="${percent}"><path d="${glass}" fill="${hex(glow.glass)}" stroke="#9aa0ad" stroke-width="0.3" stroke-opacity="0.7" data-glass=""/>` +
    `<circle cx="${number(x)}" cy="${number(y)}" r="${number(GLASS_RADIUS)}" fill="url(#core)" opacity="${number(Math.sqrt(glow.brightness))}"/>` +
    `<path d="${filament}" fill="none" stroke="${hex(glow.filament)}" stroke-width="0.5" stroke-linejoin="round" data-filament=""/>` +
    `<path d="M${number(x - 6)} ${number(y - 3)} A7 7 0 0 1 ${number(x - 2)} ${number(y - 6.5)}" fill="none" stroke="#ffffff" stroke-opacity="0.35" stroke-width="0.7" stroke-linecap="round"/>` +
    `${screw}<title>${escapeXml(percent === 0 ? "The lamp is off" : `The lamp glows at ${percent} %`)}</title></g>`
  );
}
