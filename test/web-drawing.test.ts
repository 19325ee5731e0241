// The picture of a board: its pins where they are, its lamp as bright as it looks.
import { describe, expect, test } from "vitest";
import type { BoardDrawing } from "../sim/web/board-drawing.ts";
import { type BoardPicture, drawBoard, lampGlow, plainDrawing } from "../sim/web/drawing.ts";
import { loadProfile, profileNames } from "../tools/config/profile.ts";

const devkit = loadProfile("esp32-devkitc");
const lamp = { topic: "attic/lamp", pin: "D2", activeLow: false, gamma: 2.2, button: devkit.button };

function picture(changes: Partial<BoardPicture> = {}): BoardPicture {
  return { lamp, pins: {}, powered: true, ...changes };
}

/** Pin names of a row with the places of their centres. */
function placesOf({ rows }: BoardDrawing): { name: string; x: number; y: number }[] {
  return rows.flatMap(({ pins, atMm, stepMm }) =>
    pins.map((name, index) => ({
      name,
      x: atMm[0] + index * stepMm[0],
      y: atMm[1] + index * stepMm[1],
    })),
  );
}

test("most boards are drawn as they look; the others as two rows of pins", () => {
  const plain = profileNames().filter((name) => loadProfile(name).drawing === undefined);
  expect(plain).toEqual(["espruino-wifi", "m5stack-atom-lite", "nodemcu", "sonoff-basic", "wemos-d1-mini"]);
});

describe.each(profileNames())("%s", (name) => {
  const profile = loadProfile(name);
  const drawing = profile.drawing ?? plainDrawing(Object.keys(profile.pins));

  test("has its pins in the drawing, 2.54 mm apart, each at a place of its own on the board", () => {
    const [width, height] = drawing.sizeMm;
    const places = placesOf(drawing);
    for (const { x, y } of places) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(height);
    }
    expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(places.length);
    for (const { stepMm } of drawing.rows) expect(Math.hypot(...stepMm)).toBeCloseTo(2.54, 6);
    const signals = places.map((place) => place.name).filter((pin) => /^[A-Z]\d+$/.test(pin));
    expect(signals.filter((pin) => profile.pins[pin] === undefined)).toEqual([]);
    expect(new Set(signals).size).toBe(signals.length);
    // An LED on a pin that no header has is drawn itself.
    if (!drawing.led) expect(signals).toContain(profile.led.pin);
  });

  test("has its button in the drawing, if it has one", () => {
    const button = profile.button && { pin: profile.button.pin, activeLow: profile.button.activeLow };
    const drawn = drawBoard(profile, picture({ lamp: { ...lamp, button } }));
    expect(drawn.includes(`data-button="${profile.button?.pin}"`)).toBe(profile.button !== undefined);
  });

  test("is drawn with the same elements whatever the state, so that only attributes change", () => {
    const facts = { ...lamp, pin: profile.led.pin, activeLow: profile.led.activeLow, button: profile.button };
    const elements = (changes: Partial<BoardPicture>) =>
      drawBoard(profile, picture({ lamp: facts, pins: { [facts.pin]: 0 }, ...changes })).match(/<\/?\w+/g);
    const present = elements({});
    expect(elements({ pins: { [facts.pin]: 0.3 }, held: true })).toEqual(present);
    expect(elements({ powered: false, colour: [0, 0, 255] })).toEqual(present);
    expect(present?.filter((element) => element === "<svg")).toHaveLength(1);
  });
});

test("a lamp looks as bright as the eye sees its duty cycle", () => {
  const brightness = (duty: number) => lampGlow(picture({ pins: { D2: duty } })).brightness;
  expect(brightness(0)).toBe(0);
  expect(brightness(1)).toBe(1);
  expect(brightness(0.5 ** 2.2)).toBeCloseTo(0.5, 6);
  expect(brightness(0.1)).toBeGreaterThan(0.3);
});

test("a lamp that lights when its pin is low is bright at 0", () => {
  const activeLow = { ...lamp, activeLow: true };
  const brightness = (value: number) =>
    lampGlow(picture({ lamp: activeLow, pins: { D2: value } })).brightness;
  expect([brightness(0), brightness(1)]).toEqual([1, 0]);
});

test("without power a lamp is dark, even one that lights when its pin is low", () => {
  const activeLow = { ...lamp, activeLow: true };
  expect(lampGlow(picture({ lamp: activeLow, powered: false })).brightness).toBe(0);
  expect(drawBoard(devkit, picture({ lamp: activeLow, powered: false }))).toContain("without power");
});

test("its light is warm unless it has a colour of its own, and grows with brightness", () => {
  const glows = [0, 0.01, 0.1, 0.5, 1].map((duty) => lampGlow(picture({ pins: { D2: duty } })));
  const sums = glows.map(({ glass: [red, green, blue] }) => red + green + blue);
  expect(sums).toEqual([...sums].sort((one, other) => one - other));
  for (const { glass } of glows.slice(1)) {
    expect(glass[0]).toBeGreaterThan(glass[1]);
    expect(glass[1]).toBeGreaterThan(glass[2]);
  }
  const blue = lampGlow(picture({ pins: { D2: 1 }, colour: [40, 80, 255] }));
  expect(blue.glass).toEqual([40, 80, 255]);
});

test("the picture says in words what it shows", () => {
  expect(drawBoard(devkit, picture())).toContain("; the lamp on D2 is off");
  expect(drawBoard(devkit, picture({ pins: { D2: 0.25 ** 2.2 } }))).toContain(
    "; the lamp on D2 glows at 25 %",
  );
});

test("a wire leads to the lamp's pin, and to none where the pin is not brought out", () => {
  expect(drawBoard(devkit, picture())).toContain('data-wire="D2"');
  const hidden = { ...lamp, pin: "D20" };
  expect(drawBoard(devkit, picture({ lamp: hidden }))).not.toContain("data-wire");
});

test("a board without a drawing is two rows of its pins", () => {
  const svg = drawBoard({ name: "own", pins: { D0: {}, D1: {}, D2: {} } }, picture());
  expect(svg.match(/data-pin="\w+"/g)).toEqual(['data-pin="D0"', 'data-pin="D1"', 'data-pin="D2"']);
  expect(svg).toContain('data-wire="D2"');
});

test("no text of a profile becomes markup", () => {
  const evil = '"><script>alert(1)</script>';
  const svg = drawBoard(
    {
      name: evil,
      drawing: {
        sizeMm: [10, 10],
        colour: evil,
        parts: [{ kind: "chip", atMm: [1, 1], sizeMm: [2, 2], label: evil }],
        rows: [{ atMm: [1, 1], stepMm: [0, 2.54], labels: "left", pins: [evil] }],
      },
    },
    picture({ lamp: { ...lamp, pin: evil } }),
  );
  expect(svg).not.toContain("<script");
});

describe("a program that is no lamp", () => {
  const own = picture({ lamp: undefined, pins: { D4: 1, D5: 0.25 } });

  test("has its board and pins in the picture, and no lamp, wire or button", () => {
    const svg = drawBoard(devkit, own);
    expect(svg).toContain('data-pin="D4"');
    for (const part of ["data-lamp", "data-halo", "data-wire", "data-button"])
      expect(svg).not.toContain(part);
    expect(svg).toContain(`aria-label="${devkit.title}"`);
    expect(lampGlow(own).brightness).toBe(0);
  });

  test("needs less room: nothing stands above the board", () => {
    const height = (svg: string) => Number(/viewBox="\S+ \S+ \S+ (\S+)"/.exec(svg)?.[1]);
    expect(height(drawBoard(devkit, own))).toBeLessThan(height(drawBoard(devkit, picture())) - 30);
  });
});
