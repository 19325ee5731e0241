/** The board's events as plain lines, for logs and pipes. */
import type { BoardEvent } from "../events.ts";
import type { PassingMessage } from "../world/mqtt-reader.ts";

/** One line for an event, with the board's time in seconds. */
export function eventLine(event: BoardEvent): string {
  return `${seconds(event.t)}  ${words(event)}`;
}

/** `who` is on the board. */
export function messageLine(
  t: number,
  { direction, topic, payload, retain }: PassingMessage,
  who = "lamp",
): string {
  const arrow = `${direction === "to-board" ? "->" : "<-"} ${who}`;
  return `${seconds(t)}  ${arrow}  ${topic} ${JSON.stringify(payload)}${retain ? " (retained)" : ""}`;
}

function words(event: BoardEvent): string {
  switch (event.type) {
    case "boot":
      return "boot";
    case "wifi":
      return `Wi-Fi ${event.state}`;
    case "socket":
      return event.state === "open" ? "socket open" : `socket closed: ${event.reason}`;
    case "pin":
      return `${event.pin} = ${Math.round(event.value * 1000) / 1000}`;
    case "console":
      return `console: ${event.text}`;
    case "fault":
      return `fault: ${event.what}`;
    case "error":
      return `error: ${event.message}`;
  }
}

function seconds(t: number): string {
  return `${(t / 1000).toFixed(3)} s`.padStart(12);
}
