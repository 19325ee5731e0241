/** What can be told of a Wi-Fi network from its name and password alone; for the build, `wick doctor` and `wick init`. */
import { failure, type Judgement, warning } from "./judgement.ts";

/** IEEE 802.11-2016 section 9.4.2.2: an SSID has 0 to 32 octets. */
export const WIFI_NAME_BYTES = 32;

/** Never shown: what a control character would do to a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u001f\u007f]/;
/** Endings by which routers tell their 5 GHz network from the one that an ESP hears. */
const fiveGigahertz = /(?:^|[\s_.-])5\s?g(?:hz)?(?:$|[\s_.-])/i;

/** What is wrong with a name, or probably not meant; undefined when nothing is. */
export function judgeWifiName(name: string): Judgement | undefined {
  const bytes = Buffer.byteLength(name);
  const mend = "give the name as the router has it: --set wifi.ssid=NAME";
  if (bytes === 0) return failure("the name of the Wi-Fi is empty", mend);
  if (bytes > WIFI_NAME_BYTES)
    return failure(
      `the name of the Wi-Fi has ${bytes} bytes in UTF-8, and no network has more than ${WIFI_NAME_BYTES}`,
      mend,
    );
  if (controls.test(name))
    return failure(`the name of the Wi-Fi, ${JSON.stringify(name)}, holds a control character`, mend);
  if (name !== name.trim())
    return warning(
      `the name of the Wi-Fi, "${name}", begins or ends with a blank`,
      `if that is not so on the router, ${mend}`,
    );
  if (fiveGigahertz.test(name))
    return warning(
      `the name of the Wi-Fi, "${name}", looks like a 5 GHz network, which an ESP32 or ESP8266 cannot hear`,
      "give the name of the 2.4 GHz network (--set wifi.ssid=NAME), or switch that on in the router",
    );
  if (/[“”‘’]/.test(name))
    return warning(
      `the name of the Wi-Fi, "${name}", holds a curly quotation mark`,
      `routers have straight ones as a rule: ${mend}`,
    );
  if (!/^[\x20-\x7e]*$/.test(name))
    return warning(
      `the name of the Wi-Fi, "${name}", holds letters outside of ASCII; it goes out as UTF-8, and some routers send another encoding`,
      "if the board does not find it, give the network a plain name",
    );
  return undefined;
}

/** IEEE 802.11-2016 annex J.4: a pass phrase has 8 to 63 characters, a key 64 hexadecimal digits. Its text is never in the finding. */
export function judgeWifiPassword(password: unknown): Judgement | undefined {
  if (password === undefined || password === "") return undefined;
  const text = String(password);
  const bytes = Buffer.byteLength(text);
  const mend = "put wifi.password right in flash.config.local.json; leave it out for an open network";
  if (bytes < 8)
    return failure(`the password of the Wi-Fi has ${bytes} characters, and none has fewer than 8`, mend);
  if (bytes > 64 || (bytes === 64 && !/^[0-9a-f]{64}$/i.test(text)))
    return failure(
      `the password of the Wi-Fi has ${bytes} bytes; allowed are 8 to 63, or 64 hexadecimal digits`,
      mend,
    );
  if (controls.test(text)) return failure("the password of the Wi-Fi holds a control character", mend);
  if (text !== text.trim())
    return warning("the password of the Wi-Fi begins or ends with a blank", `if that is not meant, ${mend}`);
  return undefined;
}
