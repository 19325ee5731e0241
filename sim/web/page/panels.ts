/** The plain parts of the page: where things stand, gauges, console. */
import { repeat } from "lit/directives/repeat.js";
import { html, type TemplateResult } from "lit/html.js";
import { FASTEST, SLOWEST } from "../protocol.ts";
import { type Model, timeText } from "./model.ts";
import type { Page } from "./page.ts";

const SPEEDS = [SLOWEST, 0.25, 0.5, 1, 2, 5, 10, 20, 50, FASTEST];
const MOST_LINES = 200;

const BROKER_WORDS = {
  online: "Broker connected",
  open: "Broker: waiting for its answer",
  connecting: "Broker: connecting",
  closed: "No broker",
} as const;

/** Power, Wi-Fi and broker at a glance: what it is, and whether it is well. */
export function standing({
  state,
  facts,
}: Model): { text: string; isWell: boolean; why?: string | undefined }[] {
  if (!state || !facts) return [];
  const { power, link } = state;
  return [
    { text: power.on ? "Power on" : "No power", isWell: power.on },
    ...(facts.profile.wifi ? [{ text: link.wifi ? "Wi-Fi connected" : "No Wi-Fi", isWell: link.wifi }] : []),
    {
      text: BROKER_WORDS[link.broker],
      isWell: link.broker === "online",
      why: link.broker === "closed" ? link.reason : undefined,
    },
  ];
}

export function chips(model: Model): TemplateResult {
  return html`<ul class="chips" aria-label="Where things stand">
    ${standing(model).map(
      ({ text, isWell, why }) =>
        html`<li class=${isWell ? "well" : "ill"} title=${why ?? ""}><span class="mark" aria-hidden="true">${isWell ? "●" : "▲"}</span> <span>${text}</span></li>`,
    )}
  </ul>`;
}

/** Board time and what can be done to it. */
export function clockBar(page: Page): TemplateResult {
  const clock = page.model.state?.clock;
  if (!clock) return html``;
  const speeds = SPEEDS.includes(clock.speed)
    ? SPEEDS
    : [...SPEEDS, clock.speed].sort((one, other) => one - other);
  return html`<div class="clock" role="group" aria-label="Board time">
    <span class="time" data-clock title="Time on the board"></span>
    <button type="button" @click=${() => page.control({ control: clock.paused ? "resume" : "pause" })}>
      ${clock.paused ? "Resume" : "Pause"}
    </button>
    <button type="button" title="Go on to the next thing that happens" @click=${() => page.control({ control: "step" })}>Step</button>
    <label class="inline"><span class="unseen">Speed</span>
      <select @change=${(event: Event) => page.control({ control: "speed", factor: Number((event.target as HTMLSelectElement).value) })}>
        ${speeds.map((speed) => html`<option value=${speed} ?selected=${speed === clock.speed}>${speed}×</option>`)}
      </select>
    </label>
    <button type="button" title="Switches the board off and on" @click=${() => page.control({ control: "reboot" })}>Reboot</button>
  </div>`;
}

export function gauges({ state, facts }: Model): TemplateResult {
  if (!state || !facts) return html``;
  const { memory, timers, listeners, sockets, rssi, storage } = state.gauges;
  return html`<section class="card" aria-labelledby="gauges-title">
    <h2 id="gauges-title">Gauges</h2>
    <dl class="gauges">
      ${memory ? meter("Memory", memory.usage, memory.total, `variables, at most ${thousands(memory.peak)} since boot`) : ""}
      ${meter("Storage", storage.usedBytes, storage.totalBytes, "bytes")}
      ${rssi === undefined ? "" : meter("Wi-Fi signal", rssi + 100, 70, "", `${rssi} dBm`)}
      <div class="counts">
        ${count("timers", timers)} ${count("listeners", listeners)} ${count("sockets", sockets)}
        ${count("boots", state.power.boots)} ${count("files", storage.files)} ${count("flash writes", storage.writes)}
        ${storage.erases === undefined ? "" : count("page erases", storage.erases)}
      </div>
    </dl>
  </section>`;
}

function meter(name: string, value: number, most: number, unit: string, text?: string): TemplateResult {
  const words = text ?? `${thousands(value)} of ${thousands(most)} ${unit}`;
  return html`<div class="gauge"><dt>${name}</dt><dd>
    <span>${words}</span>
    <meter min="0" max=${most} .value=${Math.max(0, value)} aria-label="${name}: ${words}"></meter>
  </dd></div>`;
}

function thousands(value: number): string {
  return value.toLocaleString("en");
}

function count(name: string, value: number): TemplateResult {
  return html`<div class="count"><dt>${name}</dt><dd>${value}</dd></div>`;
}

export function boardConsole({ lines }: Model): TemplateResult {
  return html`<section class="card" aria-labelledby="console-title">
    <h2 id="console-title">Console and events</h2>
    <div class="board-console scroll" role="log" aria-live="off" tabindex="0" aria-label="Console and events, newest last">
      <ol>${repeat(
        lines.slice(-MOST_LINES),
        ({ id }) => id,
        ({ t, kind, text }) =>
          html`<li class="line ${kind}"><span class="time">${timeText(t)}</span> <span>${text}</span></li>`,
      )}</ol>
    </div>
    ${lines.length === 0 ? html`<p class="empty">The board has said nothing yet.</p>` : ""}
  </section>`;
}
