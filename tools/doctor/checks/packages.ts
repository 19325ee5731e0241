/** Are the optional packages there that the ports need? */
import { type Check, type Finding, failure, ok, warning } from "../check.ts";

const uses = [
  { name: "serialport", what: "serial ports" },
  { name: "webbluetooth", what: "Bluetooth" },
] as const;

const mend = "npm install (without --omit=optional)";

export const packages: Check = {
  name: "packages",
  needs: ["config"],
  keys: ["flash.port"],
  deadlineMs: 2000,
  run({ surroundings, port }) {
    const kind = port?.startsWith("ble:")
      ? "webbluetooth"
      : port && !/^(tcp|mqtt):/.test(port)
        ? "serialport"
        : "";
    const missing = uses.filter(({ name }) => !surroundings.hasPackage(name));
    if (missing.length === 0) return ok(uses.map(({ name, what }) => `${name} for ${what}`).join(", "));
    return missing.map(({ name, what }): Finding => {
      const message = `the optional package ${name} is not installed: no ${what}`;
      return name === kind
        ? failure(`${message}, and the board is on ${port}`, mend)
        : warning(message, mend);
    });
  },
};
