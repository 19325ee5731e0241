/** The board's API, exactly as much of it as the firmware uses (Espruino 2v29). Strings carry one byte per character. */

interface Pin {
  readonly pinBrand: never;
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

declare function require(module: "net"): NetModule;
declare function require(module: "tls"): TlsModule;
declare function require(module: "Wifi"): WifiModule;

declare function digitalWrite(pin: Pin, value: number): void;
/** `value` is the duty cycle, 0 to 1; `freq` in hertz. */
declare function analogWrite(pin: Pin, value: number, options: { freq: number }): void;
declare function setInterval(callback: () => void, milliseconds: number): number;
declare function setTimeout<T>(callback: (argument: T) => void, milliseconds: number, argument: T): number;
declare function print(text: string): void;
/** Unique per chip. */
declare function getSerial(): string;

declare namespace E {
  function enableWatchdog(seconds: number, automatic: boolean): void;
  function kickWatchdog(): void;
}

interface Uint8Array {
  /** Copies the character codes of a string natively; what does not fit is dropped. */
  set(data: string, offset?: number): void;
}

declare function atob(base64: string): string;
