/** The board's API, as much of it as the firmware and programs with inputs use (Espruino 2v29). Strings carry one byte per character. */

/** A pin of the board. Which there are, and what each can do, stands in board-profiles/types/, made from the board's profile. */
interface Pin {
  readonly pinBrand: never;
}

/** It can be read. */
interface InputPin extends Pin {
  readonly inputBrand: never;
}

/** `analogRead` works. */
interface AnalogInputPin extends Pin {
  readonly analogInputBrand: never;
}

/** It can be written. */
interface OutputPin extends Pin {
  readonly outputBrand: never;
}

/** `analogWrite` works, by PWM or an analog output. */
interface AnalogOutputPin extends OutputPin {
  readonly analogOutputBrand: never;
}

/** Something else on the board needs it, such as the flash chip. */
interface ReservedPin extends Pin {
  readonly reservedBrand: never;
}

/** A TCP socket of `net` or `tls`. Data arrives as strings of at most 536 bytes. */
interface Socket {
  /** Takes everything and returns false; throws once the socket is closed. */
  write(data: string): boolean;
  end(): void;
  on(event: "data", listener: (data: string) => void): void;
  on(event: "close", listener: (hadError: boolean) => void): void;
  on(event: "drain", listener: () => void): void;
  on(event: "error", listener: (error: { code: number; message: string }) => void): void;
  removeAllListeners(): void;
}

interface NetModule {
  /** Throws when the host is unknown or, on Linux, refuses. A name look-up blocks. */
  connect(options: { host: string; port: number }, onConnect: () => void): Socket;
}

interface TlsModule {
  connect(
    options: { host: string; port: number; ca?: string; cert?: string; key?: string },
    onConnect: () => void,
  ): Socket;
}

interface WifiModule {
  connect(
    ssid: string,
    options: { password?: string | undefined },
    callback: (error?: string | null) => void,
  ): void;
  disconnect(): void;
  stopAP(): void;
  setHostname(name: string): void;
  /** `ip` is "0.0.0.0", or absent, without an address. */
  getIP(): { ip?: string };
}

/** Files in flash that outlive power. */
interface StorageModule {
  /** A file that is not there is undefined; `length` 0 means up to the end. The text lies in the flash and takes no RAM. */
  read(name: string, offset?: number, length?: number): string | undefined;
  /** With `offset` into a file that is there; `size` is how much room a new one gets. Throws where there is no room. */
  write(name: string, data: string, offset?: number, size?: number): boolean;
  erase(name: string): void;
  /** Bytes behind the last file. */
  getFree(): number;
}

interface CryptoModule {
  /** 32 bytes, of the texts and buffers one after the other. */
  SHA256(data: string | readonly (string | ArrayBuffer)[]): ArrayBuffer;
}

declare function require(module: "net"): NetModule;
declare function require(module: "Storage"): StorageModule;
declare function require(module: "crypto"): CryptoModule;
declare function require(module: "tls"): TlsModule;
declare function require(module: "Wifi"): WifiModule;

declare function digitalWrite(pin: OutputPin, value: number): void;
/** `value` is the duty cycle, 0 to 1; `freq` in hertz. */
declare function analogWrite(pin: AnalogOutputPin, value: number, options: { freq: number }): void;
/** 0 or 1. */
declare function digitalRead(pin: InputPin): number;
/** The voltage in parts of the supply, 0 to 1. */
declare function analogRead(pin: AnalogInputPin): number;
declare function setInterval(callback: () => void, milliseconds: number): number;
declare function setTimeout<T>(callback: (argument: T) => void, milliseconds: number, argument: T): number;
declare function setTimeout(callback: () => void, milliseconds: number): number;
declare function print(text: string): void;
/** Seconds, to the microsecond: since the start, or since 1970 where the time is known. */
declare function getTime(): number;
/** Unique per chip. */
declare function getSerial(): string;

declare namespace E {
  function enableWatchdog(seconds: number, automatic: boolean): void;
  function kickWatchdog(): void;
  /** Starts over as after a power cut. */
  function reboot(): void;
  /** Of the chip, in degrees Celsius; NaN where the interpreter reads none. */
  function getTemperature(): number;
  /** 32 random bits, as a number with a sign. */
  function hwRand(): number;
}

interface Uint8Array {
  /** Copies the character codes of a string natively; what does not fit is dropped. */
  set(data: string, offset?: number): void;
}

declare function atob(base64: string): string;
declare function btoa(bytes: string | ArrayBuffer): string;

/** Where global variables live. */
declare const global: { readonly [name: string]: unknown };
