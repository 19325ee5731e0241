/** Can the button's pin be one? */
import { type Check, configOf, fromSentence, ok } from "../check.ts";

export const button: Check = {
  name: "button",
  needs: ["config"],
  deadlineMs: 1000,
  run(chart) {
    const { values, profile } = configOf(chart);
    const isMine = (sentence: string) => /\blamp\.button(\.pin)? is /.test(sentence);
    const findings = [
      ...chart.aboutPins.mistakes.filter(isMine).map((mistake) => fromSentence("failure", mistake)),
      ...chart.aboutPins.warnings.filter(isMine).map((sentence) => fromSentence("warning", sentence)),
    ];
    if (findings.length > 0) return findings;
    const name = values["lamp.button.pin"];
    if (name === false || name === undefined) return ok("none");
    return ok(`${name}${name === profile.button?.pin ? ", the board's own" : ""}`);
  },
};
