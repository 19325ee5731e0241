/** Can the pin do what the lamp needs, and does the board start with a lamp on it? */
import { type Check, configOf, fromSentence, ok } from "../check.ts";

export const lampPin: Check = {
  name: "lamp pin",
  needs: ["config"],
  deadlineMs: 1000,
  run(chart) {
    const { values, profile } = configOf(chart);
    const isMine = (sentence: string) => /\blamp\.(pin|pwm) is /.test(sentence);
    const findings = [
      ...chart.aboutPins.mistakes.filter(isMine).map((mistake) => fromSentence("failure", mistake)),
      ...chart.aboutPins.warnings.filter(isMine).map((sentence) => fromSentence("warning", sentence)),
    ];
    if (findings.length > 0) return findings;
    const name = String(values["lamp.pin"]);
    const isLed = name === profile.led.pin ? ", the board's LED" : "";
    const dims = values["lamp.pwm"] === true ? "with brightness (PWM)" : "on and off only";
    return ok(`${name}${isLed}, ${dims}, lights when ${values["lamp.activeLow"] === true ? "low" : "high"}`);
  },
};
