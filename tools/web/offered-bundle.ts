/** From a configuration and its bundle to what the page for a board is told. */
import type { Config } from "../config/load.ts";
import { loadProfile, profileNames } from "../config/profile.ts";
import type { OfferedBundle } from "./offer.ts";

/** `name` says where the bundle comes from; `isSimulated`: there is a cable to a simulated board. */
export function offeredBundle(
  { values, profile }: Config,
  bytes: Uint8Array,
  name: string,
  isSimulated = false,
): OfferedBundle {
  const pin = String(values["lamp.pin"]);
  return {
    name,
    bytes,
    board: {
      profile: profile.name,
      title: profile.title,
      baud: Number(values["flash.baud"] ?? profile.interpreter.console.baud),
      pageBytes: profile.flash?.pageBytes,
    },
    profiles: profileNames()
      .map((each) => loadProfile(each))
      .map(({ name: title, interpreter, memory }) => ({ name: title, interpreter, memory })),
    lamp: {
      topic: String(values["lamp.topic"]),
      pin,
      activeLow: values["lamp.activeLow"] === true,
      pwm: values["lamp.pwm"] !== false && profile.pins[pin]?.can.includes("pwm") === true,
    },
    isSimulated,
  };
}
