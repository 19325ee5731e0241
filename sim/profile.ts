/** What the simulator needs to know of a board; the profiles made of board-profiles/ have all of this. */

import type { FlashLayout } from "./flash/medium.ts";
import type { BoardDrawing } from "./web/board-drawing.ts";

export interface BoardProfile {
  name: string;
  /** `process.env.BOARD` follows from it where `interpreter` does not say. Default: ESP32. */
  chip?: string;
  /** Whether `require("Wifi")` exists. */
  wifi: boolean;
  /** The build of the interpreter. */
  interpreter?: {
    /** What `process.env.BOARD` says is the first of them. */
    readonly boards: readonly string[];
    /** Modules ("tls") and functions of modules ("crypto.SHA256") that it does not have. */
    readonly lacks?: readonly string[];
  };
  /** The pins by name and what each can do; D0 to D31, input, output and PWM, when left out. */
  pins?: Readonly<Record<string, { readonly can: readonly string[]; readonly inverted?: boolean }>>;
  /** The interpreter's pool: how many variables of how many bytes. */
  memory?: { variables: number; blockSize: number };
  /** The part of its flash that belongs to Storage; 64 pages of 4,096 bytes when left out. */
  flash?: FlashLayout;
  /** Where the interpreter lies in the flash of its ESP chip; without it the simulated board has no ROM loader. */
  images?: {
    readonly chip: "ESP32" | "ESP32-S3" | "ESP32-C3" | "ESP8266";
    /** Size of the flash chip. */
    readonly flashBytes: number;
    readonly parts: readonly { readonly role: string; readonly offset: number }[];
  };
  /** What people call it. */
  title?: string;
  /** The LED on the board. */
  led?: { readonly pin: string; readonly activeLow: boolean };
  /** The button on the board; a resistor keeps its pin at the other level until it is pressed. */
  button?: { readonly pin: string; readonly activeLow: boolean };
  /** How it looks from above. */
  drawing?: BoardDrawing;
}
