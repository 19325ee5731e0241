/** A board and its lamp as a picture: SVG from the `drawing` of a board profile and the state of the pins. Pure, for page and screenshots alike. */
import { brightnessOf, type LampFacts } from "../lamp.ts";
import type { BoardDrawing, DrawnPart, Millimetres, PinRow, Side } from "./board-drawing.ts";
import { drawLamp, type Glow, glowOf, LAMP_HEIGHT, LAMP_REACH } from "./lamp-drawing.ts";
import { escapeXml, hex, number } from "./svg.ts";

/** What of a board profile a picture needs. */
export interface DrawnProfile {
  name: string;
  title?: string | undefined;
  led?: { readonly pin: string; readonly activeLow: boolean } | undefined;
  pins?: Readonly<Record<string, unknown>> | undefined;
  /** A board without one is drawn as two rows of its pins. */
  drawing?: BoardDrawing | undefined;
}

/** What a picture shows. */
export interface BoardPicture {
  /** Undefined: the program on the board is no lamp, and none is drawn. */
  lamp: LampFacts | undefined;
  /** Level or duty cycle at each pin, 0 to 1; a pin that is missing is at 0. */
  pins: Readonly<Record<string, number>>;
  powered: boolean;
  /** Whether somebody holds the button down. */
  held?: boolean;
  /** Of the lamp's light, where it has one; warm white when left out. */
  colour?: readonly [red: number, green: number, blue: number];
}

/** Gamma by which an LED on the board is shown: that of the eye. */
const EYE_GAMMA = 2.2;
const LABEL_SPACE = 8.5;
const MARGIN = 5;
const PIN_PITCH = 2.54;

/** The picture, a whole `<svg>`, in millimetres of the board. The same profile always gives the same elements; only attributes and texts change with the state. */
export function drawBoard(profile: DrawnProfile, picture: BoardPicture): string {
  const drawing = profile.drawing ?? plainDrawing(Object.keys(profile.pins ?? {}));
  const { lamp } = picture;
  const frame = frameOf(drawing, lamp ? LAMP_HEIGHT : 0);
  const glow = lampGlow(picture);
  const { left, top, width, height } = frame;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${[left, top, width, height].map(number).join(" ")}" role="img" aria-label="${escapeXml(describe(profile, picture))}">`,
    definitions(glow, drawing.led?.colour),
    `<rect x="${number(left)}" y="${number(top)}" width="${number(width)}" height="${number(height)}" fill="url(#dusk)" data-dusk=""/>`,
    lamp
      ? `<circle cx="${number(frame.lampX)}" cy="${number(frame.lampY)}" r="${number(LAMP_REACH)}" fill="url(#halo)" opacity="${number(glow.brightness)}" data-halo=""/>`
      : "",
    `<g opacity="${picture.powered ? 1 : 0.6}">`,
    outline(drawing),
    ...(drawing.parts ?? []).map(drawPart),
    button(drawing, picture),
    led(drawing, profile, picture),
    lamp ? wire(drawing, frame, lamp.pin) : "",
    ...drawing.rows.map((row) => drawRow(row, picture)),
    "</g>",
    lamp ? drawLamp(frame.lampX, frame.lampY, glow) : "",
    "</svg>",
  ].join("");
}

/** How the lamp of a picture glows; dark where there is none. */
export function lampGlow({ lamp, pins, powered, colour }: BoardPicture): Glow {
  return glowOf(powered && lamp ? brightnessOf(lamp, pins[lamp.pin] ?? 0) : 0, colour);
}

const PLAIN_BUTTON = 3.6;

/** Two rows of pins on a nameless board, a button between them, for a profile without a drawing. */
export function plainDrawing(pins: readonly string[]): BoardDrawing {
  const half = Math.ceil(pins.length / 2);
  const size: Millimetres = [25.4, (half + 1) * PIN_PITCH];
  const row = (x: number, labels: Side, names: readonly string[]): PinRow => ({
    atMm: [x, PIN_PITCH],
    stepMm: [0, PIN_PITCH],
    labels,
    pins: names,
  });
  return {
    sizeMm: size,
    colour: "#20242c",
    button: {
      atMm: [(size[0] - PLAIN_BUTTON) / 2, size[1] - 3 * PIN_PITCH],
      sizeMm: [PLAIN_BUTTON, PLAIN_BUTTON],
    },
    rows: [
      row(PIN_PITCH / 2, "left", pins.slice(0, half)),
      row(size[0] - PIN_PITCH / 2, "right", pins.slice(half)),
    ],
  };
}

interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Centre of the lamp's glass. */
  lampX: number;
  lampY: number;
}

/** The lamp stands above the board, in its middle; `lampHeight` is 0 where there is none. */
function frameOf(
  { sizeMm: [boardWidth, boardHeight], parts = [], rows }: BoardDrawing,
  lampHeight: number,
): Frame {
  const room = (side: Side): number => (rows.some(({ labels }) => labels === side) ? LABEL_SPACE : 0);
  const left = Math.min(0, ...parts.map(({ atMm }) => atMm[0])) - room("left") - MARGIN;
  const right =
    Math.max(boardWidth, ...parts.map(({ atMm, sizeMm }) => atMm[0] + sizeMm[0])) + room("right") + MARGIN;
  const bottom = Math.max(boardHeight, ...parts.map(({ atMm, sizeMm }) => atMm[1] + sizeMm[1])) + MARGIN;
  const board = Math.min(0, ...parts.map(({ atMm }) => atMm[1]));
  const top = board - room("top") - lampHeight - MARGIN;
  return {
    left,
    top,
    width: right - left,
    height: bottom - top,
    lampX: boardWidth / 2,
    lampY: top + lampHeight / 2 - 2,
  };
}

function describe({ name, title = name }: DrawnProfile, picture: BoardPicture): string {
  const { lamp, powered } = picture;
  if (!lamp) return powered ? title : `${title}, without power`;
  if (!powered) return `${title}, without power; the lamp on ${lamp.pin} is dark`;
  const percent = Math.round(brightnessOf(lamp, picture.pins[lamp.pin] ?? 0) * 100);
  return `${title}; the lamp on ${lamp.pin} ${percent === 0 ? "is off" : `glows at ${percent} %`}`;
}

function definitions(glow: Glow, led = "#ffffff"): string {
  const colour = hex(glow.light);
  return (
    '<defs><radialGradient id="dusk" cx="50%" cy="22%" r="85%"><stop offset="0" stop-color="#2c3140"/><stop offset="1" stop-color="#14161d"/></radialGradient>' +
    `<radialGradient id="halo"><stop offset="0" stop-color="${colour}" stop-opacity="0.85"/><stop offset="0.3" stop-color="${colour}" stop-opacity="0.4"/>` +
    `<stop offset="0.65" stop-color="${colour}" stop-opacity="0.1"/><stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient>` +
    `<radialGradient id="core"><stop offset="0" stop-color="${hex(glow.filament)}" stop-opacity="0.9"/><stop offset="0.35" stop-color="${hex(glow.filament)}" stop-opacity="0.45"/><stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient>` +
    `<radialGradient id="led"><stop offset="0.1" stop-color="${escapeXml(led)}"/><stop offset="1" stop-color="${escapeXml(led)}" stop-opacity="0"/></radialGradient></defs>`
  );
}

function outline({ sizeMm: [width, height], cornerMm = 1.2, colour, holes = [] }: BoardDrawing): string {
  return (
    `<rect x="0" y="0" width="${number(width)}" height="${number(height)}" rx="${number(cornerMm)}" fill="${escapeXml(colour)}" stroke="#7b8396" stroke-width="0.25"/>` +
    holes
      .map(
        ({ atMm: [x, y], diameterMm }) =>
          `<circle cx="${number(x)}" cy="${number(y)}" r="${number(diameterMm / 2)}" fill="#171920" stroke="#c9a253" stroke-width="0.9"/>`,
      )
      .join("")
  );
}

const PART_LOOKS: Record<DrawnPart["kind"], { fill: string; stroke: string; text: string }> = {
  module: { fill: "#aeb3bd", stroke: "#d9dce2", text: "#2b2f38" },
  chip: { fill: "#0c0d10", stroke: "#555b69", text: "#a9afbc" },
  usb: { fill: "#c4c8d0", stroke: "#8a909c", text: "#2b2f38" },
  antenna: { fill: "#16181d", stroke: "#c9a253", text: "#c9a253" },
  socket: { fill: "#8f959f", stroke: "#c4c8d0", text: "#1c1f26" },
  button: { fill: "#c4c8d0", stroke: "#6d7482", text: "#c8cdd8" },
};

function drawPart({ kind, atMm: [x, y], sizeMm: [width, height], label }: DrawnPart): string {
  const look = PART_LOOKS[kind];
  const size = Math.min(1.9, (width - 0.6) / (0.7 * Math.max(1, label?.length ?? 1)));
  return (
    `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="0.5" fill="${look.fill}" stroke="${look.stroke}" stroke-width="0.25"/>` +
    (kind === "button" ? cap(x + width / 2, y + height / 2, Math.min(width, height) * 0.3, false) : "") +
    (label === undefined
      ? ""
      : text(
          x + width / 2,
          kind === "button" ? y + height + 1.9 : y + height / 2 + size * 0.36,
          label,
          kind === "button" ? 1.6 : size,
          look.text,
        ))
  );
}

function button({ button: place }: BoardDrawing, { lamp, held = false }: BoardPicture): string {
  if (!place) return "";
  const { atMm, sizeMm, label } = place;
  const part = drawPart({ kind: "button", atMm, sizeMm, ...(label === undefined ? {} : { label }) });
  // Of no use to the lamp it is a part of the board, and nothing to press.
  if (!lamp?.button) return part;
  return (
    `<g data-button="${escapeXml(lamp.button.pin)}">` +
    part +
    cap(atMm[0] + sizeMm[0] / 2, atMm[1] + sizeMm[1] / 2, Math.min(...sizeMm) * 0.3, held) +
    // Fingers are wider than the button.
    `<rect x="${number(atMm[0] - 2)}" y="${number(atMm[1] - 2)}" width="${number(sizeMm[0] + 4)}" height="${number(sizeMm[1] + 4)}" fill="transparent"/>` +
    "</g>"
  );
}

function cap(x: number, y: number, radius: number, held: boolean): string {
  const shown = held ? radius * 0.8 : radius;
  return `<circle cx="${number(x)}" cy="${number(y)}" r="${number(shown)}" fill="${held ? "#6ea8fe" : "#22252d"}" stroke="${held ? "#dbe9ff" : "#4c5362"}" stroke-width="0.2"/>`;
}

function led({ led: place }: BoardDrawing, { led: facts }: DrawnProfile, picture: BoardPicture): string {
  if (!place || !facts) return "";
  const [x, y] = place.atMm;
  const level = picture.pins[facts.pin] ?? 0;
  const duty = picture.powered ? (facts.activeLow ? 1 - level : level) : 0;
  const brightness = duty ** (1 / EYE_GAMMA);
  const colour = escapeXml(place.colour);
  return (
    `<g data-led="${escapeXml(facts.pin)}"><circle cx="${number(x)}" cy="${number(y)}" r="4" fill="url(#led)" opacity="${number(brightness * 0.8)}"/>` +
    `<rect x="${number(x - 0.8)}" y="${number(y - 0.4)}" width="1.6" height="0.8" rx="0.15" fill="#d8d4c4"/>` +
    `<rect x="${number(x - 0.8)}" y="${number(y - 0.4)}" width="1.6" height="0.8" rx="0.15" fill="${colour}" opacity="${number(brightness)}"/></g>`
  );
}

function drawRow(row: PinRow, picture: BoardPicture): string {
  return row.pins.map((name, index) => drawPin(row, name, place(row, index), picture)).join("");
}

function place({ atMm: [x, y], stepMm: [stepX, stepY] }: PinRow, index: number): Millimetres {
  return [x + index * stepX, y + index * stepY];
}

function drawPin(row: PinRow, name: string, [x, y]: Millimetres, { lamp, pins }: BoardPicture): string {
  const value = pins[name];
  const away = 1.9;
  const [labelX, labelY] = {
    left: [x - away, y],
    right: [x + away, y],
    top: [x, y - away],
    bottom: [x, y + away],
  }[row.labels] as [number, number];
  const level =
    value === undefined
      ? ""
      : `<circle cx="${number(x)}" cy="${number(y)}" r="0.62" fill="#ffb347" opacity="${number(value)}"/>`;
  return (
    `<g data-pin="${escapeXml(name)}"><circle cx="${number(x)}" cy="${number(y)}" r="0.95" fill="#c9a253"/>` +
    `<circle cx="${number(x)}" cy="${number(y)}" r="0.62" fill="#15171c"/>${level}` +
    `${pinLabel(name, labelX, labelY, row.labels, colourOf(name, value, lamp))}</g>`
  );
}

/** Behind the names of the lamp's pin and of the button's is a field of their colour. */
function colourOf(
  name: string,
  value: number | undefined,
  lamp: LampFacts | undefined,
): { text: string; field?: string } {
  if (name === lamp?.pin) return { text: "#2a1c05", field: "#ffcf7a" };
  if (name === lamp?.button?.pin) return { text: "#0b1d3d", field: "#8fbcff" };
  return { text: value === undefined ? "#8b92a3" : "#c8cdd8" };
}

/** A pin's name that starts (`right`, `top`) or ends at a point; above and below the pins it stands upright. */
function pinLabel(
  name: string,
  x: number,
  y: number,
  side: Side,
  { text: ink, field }: { text: string; field?: string },
): string {
  const ends = side === "left" || side === "bottom";
  const length = name.length * 1.06;
  const turn =
    side === "top" || side === "bottom" ? ` transform="rotate(-90 ${number(x)} ${number(y)})"` : "";
  const back =
    field === undefined
      ? ""
      : `<rect x="${number(ends ? x - length - 0.5 : x - 0.5)}" y="${number(y - 1.1)}" width="${number(length + 1)}" height="2.2" rx="0.5" fill="${field}"/>`;
  return (
    `<g${turn}>${back}<text x="${number(x)}" y="${number(y + 0.62)}" font-size="1.75" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" ` +
    `text-anchor="${ends ? "end" : "start"}" fill="${ink}">${escapeXml(name)}</text></g>`
  );
}

/** From the lamp to its pin, along the edge of the picture; nothing where the pin is not brought out. */
function wire({ rows }: BoardDrawing, { left, width, lampX, lampY }: Frame, pin: string): string {
  for (const row of rows) {
    const index = row.pins.indexOf(pin);
    if (index < 0) continue;
    const [x, y] = place(row, index);
    const start = lampY + LAMP_HEIGHT / 2 - 4;
    const level = start + 4;
    const lane = { left: left + 2.5, right: left + width - 2.5, top: x, bottom: x }[row.labels];
    const toLane = Math.sign(lane - lampX) || 1;
    const corner = Math.min(2, Math.abs(lane - lampX) / 2);
    const down = `L${number(lane - toLane * corner)} ${number(level)} Q${number(lane)} ${number(level)} ${number(lane)} ${number(level + corner)}`;
    const end =
      lane === x
        ? `L${number(x)} ${number(y)}`
        : `L${number(lane)} ${number(y - 2)} Q${number(lane)} ${number(y)} ${number(lane - toLane * 2)} ${number(y)} L${number(x)} ${number(y)}`;
    const path = `M${number(lampX)} ${number(start)} L${number(lampX)} ${number(level - corner)} Q${number(lampX)} ${number(level)} ${number(lampX + toLane * corner)} ${number(level)} ${down} ${end}`;
    return `<path d="${path}" fill="none" stroke="#d9743f" stroke-width="0.8" stroke-linecap="round" opacity="0.9" data-wire="${escapeXml(pin)}"/>`;
  }
  return "";
}

function text(x: number, y: number, content: string, size: number, colour: string): string {
  return `<text x="${number(x)}" y="${number(y)}" font-size="${number(size)}" font-family="system-ui, sans-serif" text-anchor="middle" fill="${colour}">${escapeXml(content)}</text>`;
}
