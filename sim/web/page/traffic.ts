/** The MQTT packets that pass, newest first, to be opened and filtered. */
import { repeat } from "lit/directives/repeat.js";
import { html, nothing, type TemplateResult } from "lit/html.js";
import type { PacketLine } from "../protocol.ts";
import { timeText } from "./model.ts";
import type { Page } from "./page.ts";

/** So many are in the document; the filter looks at all that are kept. */
const MOST_SHOWN = 100;

export class Traffic {
  private readonly page: Page;
  private wanted = "";
  private hidesPings = true;
  /** Packets up to this one were cleared away. */
  private cleared = 0;

  constructor(page: Page) {
    this.page = page;
  }

  view(): TemplateResult {
    const { packets, facts } = this.page.model;
    const base = facts?.lamp?.topic;
    const found = packets.filter((packet) => this.isWanted(packet));
    return html`
      <section class="card traffic" aria-labelledby="traffic-title">
        <div class="title"><h2 id="traffic-title">MQTT traffic</h2>
          <span class="hint">${found.length === packets.length ? packets.length : `${found.length} of ${packets.length}`} packets</span>
        </div>
        <div class="row tools">
          <label class="grow"><span class="unseen">Filter by type, topic or payload</span>
            <input type="search" placeholder="Filter by type, topic or payload" @input=${(event: Event) => {
              this.wanted = (event.target as HTMLInputElement).value.trim().toLowerCase();
              this.page.redraw();
            }} />
          </label>
          <label class="inline"><input type="checkbox" .checked=${this.hidesPings} @change=${(
            event: Event,
          ) => {
            this.hidesPings = (event.target as HTMLInputElement).checked;
            this.page.redraw();
          }} /> Hide pings</label>
          <button type="button" class="small" @click=${() => {
            this.cleared = packets.at(-1)?.id ?? 0;
            this.page.redraw();
          }}>Clear</button>
        </div>
        <p class="hint legend">
          <span><span class="to-board"><span class="arrow" aria-hidden="true">→</span></span> to the board</span>
          <span><span class="from-board"><span class="arrow" aria-hidden="true">←</span></span> from the board</span>
          ${base === undefined ? nothing : html`<span><span class="topic">~</span> stands for <span class="topic">${base}</span></span>`}
        </p>
        <ol class="packets scroll" tabindex="0" aria-label="Packets, newest first; the arrow keys go from one to the next" @keydown=${walk}>
          ${repeat(
            found.slice(-MOST_SHOWN).reverse(),
            ({ id }) => id,
            (packet) => html`<li>${line(packet, base)}</li>`,
          )}
        </ol>
        ${found.length === 0 ? html`<p class="empty">Nothing has passed${packets.length > 0 ? " that matches" : " yet"}.</p>` : nothing}
      </section>
    `;
  }

  private isWanted({ id, type, topic = "", payload = "" }: PacketLine): boolean {
    if (id <= this.cleared || (this.hidesPings && type.startsWith("ping"))) return false;
    return this.wanted === "" || `${type} ${topic} ${payload}`.toLowerCase().includes(this.wanted);
  }
}

/** Nobody wants to press Tab once for each packet: the list is one stop, and the arrow keys lead through it. */
function walk(event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const list = event.currentTarget as HTMLElement;
  const stops = [...list.querySelectorAll<HTMLElement>("summary")];
  const present = stops.indexOf(document.activeElement as HTMLElement);
  const next =
    stops[event.key === "ArrowDown" ? present + 1 : present - 1] ?? (present === 0 ? list : undefined);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Topics below the lamp's are short in the list, as in scenarios: "~/state". */
function line(packet: PacketLine, base: string | undefined): TemplateResult {
  const { t, direction, type, topic, payload, messageId } = packet;
  const isToBoard = direction === "to-board";
  return html`<details class="packet ${direction}">
    <summary tabindex="-1">
      <span class="time">${timeText(t)}</span>
      <span class="arrow" role="img" aria-label=${isToBoard ? "to the board" : "from the board"}>${isToBoard ? "→" : "←"}</span>
      <span class="type">${type.toUpperCase()}</span>
      <span class="what">${
        topic === undefined
          ? html`<span class="hint">${messageId === undefined ? "" : `id ${messageId}`}</span>`
          : html`<span class="topic">${short(topic, base)}</span> <span class="payload">${payload}</span>`
      }</span>
    </summary>
    <dl>${fields(packet).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
  </details>`;
}

function short(topic: string, base: string | undefined): string {
  if (base === undefined) return topic;
  return topic === base || topic.startsWith(`${base}/`) ? `~${topic.slice(base.length)}` : topic;
}

function fields(packet: PacketLine): (readonly [string, string])[] {
  const { topic, payload, qos, retain, dup, messageId, bytes, connection, details } = packet;
  const flags = [retain ? "retained" : "", dup ? "sent before (DUP)" : ""].filter((flag) => flag !== "");
  return [
    ...(topic === undefined ? [] : [["topic", topic] as const, ["payload", payload ?? ""] as const]),
    ...(qos === undefined
      ? []
      : [["QoS", String(qos)] as const, ["flags", flags.join(", ") || "none"] as const]),
    ...(messageId === undefined ? [] : [["packet identifier", String(messageId)] as const]),
    ...details,
    ["size", `${bytes} bytes, on connection ${connection}`],
  ];
}
