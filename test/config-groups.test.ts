/** Groups: what can be meant by them and what is refused. */
import { describe, expect, test } from "vitest";
import { ConfigError } from "../tools/config/error.ts";
import { loadConfig } from "../tools/config/load.ts";

const load = ({ set }: { set: string[] }) => loadConfig({ file: null, board: "linux", set });

function mistakes(given: { set: string[] }): readonly string[] {
  try {
    load(given);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

describe("groups that nobody can mean are refused", () => {
  test.each(["#", "+", "+/#", "+/+", "+/+/#"])("%s takes all that the broker has", (group) => {
    expect(mistakes({ set: ["mqtt.host=b", `lamp.groups=${group}`] })).toEqual([
      expect.stringMatching(/^--set: lamp\.groups has .*every message there is.*such as home\/#$/),
    ]);
  });

  test.each([
    "home/office/lamp/state",
    "home/office/lamp/json",
    "home/office/lamp/status",
    "home/hall/lamp/state",
    "home/+/lamp/state",
    "+/state",
    "home/+/+/telemetry",
    "home/office/lamp/get",
    "home/office/lamp/update",
    "home/office/lamp/update/state",
    "homeassistant/light/+/config",
    "home/lamp/state/#",
  ])("%s is where lamps tell or are asked", (group) => {
    expect(mistakes({ set: ["mqtt.host=b", `lamp.groups=home/all,${group}`] })).toEqual([
      expect.stringContaining(`lamp.groups has "${group}", but no command comes to a topic that ends in`),
    ]);
  });

  test.each(["$SYS/#", "$share/lamps/home/all"])("%s is the broker's own", (group) => {
    expect(mistakes({ set: ["mqtt.host=b", `lamp.groups=${group}`] })).toEqual([
      expect.stringMatching(/topics that begin with \$ are the broker's own/),
    ]);
  });

  test.each(["home/all", "home/#", "home/+", "+/lamps", "a/status/b", "states", "/", "/#"])(
    "%s can be meant",
    (group) => {
      expect(load({ set: ["mqtt.host=b", `lamp.groups=${group}`] }).values["lamp.groups"]).toEqual([group]);
    },
  );
});
