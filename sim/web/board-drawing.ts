/** How a board looks from above: the `drawing` of a board profile, in millimetres from the upper left corner of the board, y downwards. */

export type Millimetres = readonly [x: number, y: number];

export interface BoardDrawing {
  /** Width and height of the board itself; parts may stick out. */
  readonly sizeMm: Millimetres;
  readonly cornerMm?: number;
  /** Of the solder mask, as #rrggbb. */
  readonly colour: string;
  readonly holes?: readonly { readonly atMm: Millimetres; readonly diameterMm: number }[];
  readonly parts?: readonly DrawnPart[];
  /** Centre of the LED that the profile's `led` names. */
  readonly led?: { readonly atMm: Millimetres; readonly colour: string };
  /** The button that the profile's `button` names. */
  readonly button?: { readonly atMm: Millimetres; readonly sizeMm: Millimetres; readonly label?: string };
  readonly rows: readonly PinRow[];
}

/** A part that only looks: its upper left corner and size. */
export interface DrawnPart {
  readonly kind: "module" | "chip" | "usb" | "antenna" | "socket" | "button";
  readonly atMm: Millimetres;
  readonly sizeMm: Millimetres;
  readonly label?: string;
}

export type Side = "left" | "right" | "top" | "bottom";

/** Pins in a line: the centre of the first, the way to the next, and their names (those of the profile's pins, or 3V3, GND, …). */
export interface PinRow {
  readonly atMm: Millimetres;
  readonly stepMm: Millimetres;
  /** The side of the pins on which their names stand. */
  readonly labels: Side;
  readonly pins: readonly string[];
}
