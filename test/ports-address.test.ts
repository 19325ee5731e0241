// The address of a port as it is written on the command line: what it means, and what is said of one that means nothing.
import { expect, test } from "vitest";
import { UsageError } from "../tools/cli/errors.ts";
import { addressText, parseAddress } from "../tools/ports/address.ts";

test.each([
  ["/dev/ttyUSB0", { kind: "serial", path: "/dev/ttyUSB0" }],
  ["/dev/cu.usbserial-0001", { kind: "serial", path: "/dev/cu.usbserial-0001" }],
  [
    "/dev/serial/by-id/usb-Silicon_Labs-if00",
    { kind: "serial", path: "/dev/serial/by-id/usb-Silicon_Labs-if00" },
  ],
  [" /dev/ttyACM1 ", { kind: "serial", path: "/dev/ttyACM1" }],
  ["COM3", { kind: "serial", path: "COM3" }],
  ["com12", { kind: "serial", path: "COM12" }],
  ["tcp://192.168.1.40:2323", { kind: "tcp", host: "192.168.1.40", port: 2323 }],
  ["tcp://lamp.local", { kind: "tcp", host: "lamp.local", port: 23 }],
  ["TCP://lamp/", { kind: "tcp", host: "lamp", port: 23 }],
  ["tcp://[fe80::1]:2323", { kind: "tcp", host: "fe80::1", port: 2323 }],
  ["ble:Espruino ESP32", { kind: "ble", name: "Espruino ESP32" }],
  ["mqtt:home/office/lamp", { kind: "mqtt", topic: "home/office/lamp" }],
])("%j", (text, address) => {
  expect(parseAddress(text)).toEqual(address);
  expect(parseAddress(addressText(parseAddress(text)))).toEqual(address);
});

test.each([
  ["", "the port is empty"],
  [
    "ttyUSB0",
    'unknown port "ttyUSB0" (did you mean "/dev/ttyUSB0"?): give a serial port such as /dev/ttyUSB0 or COM3, tcp://host:port, ble:NAME or mqtt:TOPIC',
  ],
  ["cu.usbserial-1", '(did you mean "/dev/cu.usbserial-1"?)'],
  ["dev/ttyACM0", '(did you mean "/dev/ttyACM0"?)'],
  ["COM 3", '(did you mean "COM3"?)'],
  ["192.168.1.40", '(did you mean "tcp://192.168.1.40"?)'],
  ["192.168.1.40:2323", '(did you mean "tcp://192.168.1.40:2323"?)'],
  ["lamp.local:23", '(did you mean "tcp://lamp.local:23"?)'],
  ["telnet://lamp:23", '(did you mean "tcp://lamp:23"?)'],
  ["home/office/lamp", '(did you mean "mqtt:home/office/lamp"?)'],
  ["bluetooth:Lamp", '(did you mean "ble:Lamp"?)'],
  ["nonsense", 'unknown port "nonsense": give a serial port'],
  ["tcp://", 'port "tcp://": it names no host; give tcp://host:port, as in tcp://192.168.1.40:23'],
  ["tcp:lamp:23", "it names no host"],
  ["tcp://lamp:", '"" is no port number from 1 to 65535'],
  ["tcp://lamp:99999", '"99999" is no port number from 1 to 65535'],
  ["tcp://lamp:x", '"x" is no port number from 1 to 65535'],
  ["tcp://me:secret@lamp:23", "a user name or password is not allowed"],
  ["ble:", "after ble: comes the name the board advertises"],
  ["mqtt:", "after mqtt: comes the lamp's topic"],
  ["mqtt:home/+/lamp", "a lamp's topic has no wildcard"],
  ["mqtt://broker:1883", "is the address of a broker: give the lamp's topic"],
])("%j is refused in one line", (text, message) => {
  let error: unknown;
  try {
    parseAddress(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toContain(message);
  expect((error as Error).message).not.toContain("\n");
});

test.each([
  "tcp://me:secret@lamp:23",
  "mqtt://me:secret@broker",
  "telnet://me:secret@lamp",
  "me:secret@lamp",
])("%s: a password in it is not repeated", (text) => {
  expect(() => parseAddress(text)).toThrow(/^(?!.*secret)/);
});
