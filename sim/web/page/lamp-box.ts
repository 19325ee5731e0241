/** Switching the lamp and publishing whatever one likes: the part of the page that speaks to the board through the broker. */
import { live } from "lit/directives/live.js";
import { html, nothing, type TemplateResult } from "lit/html.js";
import { brightnessOf } from "../../lamp.ts";
import type { Model } from "./model.ts";
import type { Page } from "./page.ts";

/** The topics below the lamp's that it listens to. */
const COMMANDS = ["", "/set", "/brightness/set", "/get"];

export class LampBox {
  private readonly page: Page;
  /** Position of the slider while it is moved. */
  private dragged: number | undefined;
  private isSending = false;
  /** The last command, where it was published and the lamp could not hear it. */
  private unheardCommand: string | undefined;
  /** What became of the last message from the form. */
  private said = "";
  private isRefused = false;

  constructor(page: Page) {
    this.page = page;
  }

  view(): TemplateResult {
    const { facts, toldBrightness = 255 } = this.page.model;
    const topic = facts?.lamp?.topic ?? "";
    const level = this.dragged ?? toldBrightness;
    const canPublish = facts?.ownBroker === true;
    return html`
      <section class="card" aria-labelledby="switch-title">
        <h2 id="switch-title">${facts && !facts.lamp ? "Publish" : "Switch the lamp"}</h2>
        ${
          canPublish
            ? ""
            : html`<p class="notice">This ${facts?.lamp ? "lamp" : "board"} is connected to a broker elsewhere: publish there, for example with mosquitto_pub.</p>`
        }
        <fieldset class="plain" ?disabled=${!canPublish} ?hidden=${facts !== undefined && !facts.lamp}>
          <legend class="unseen">Commands to ${topic}</legend>
          <div class="buttons">
            ${["on", "off", "toggle"].map(
              (word) =>
                html`<button type="button" class="big" data-command=${word} aria-pressed=${isNow(this.page.model, word)} @click=${() => this.command(word)}>${capital(word)}</button>`,
            )}
          </div>
          <p role="status" class="said ill-said" data-unheard>${canPublish && facts?.lamp ? this.unheard() : ""}</p>
          <label class="slider" for="brightness">
            <span>Brightness</span><output for="brightness">${level} of 255</output>
          </label>
          <input
            id="brightness" type="range" min="0" max="255" step="1" .value=${live(String(level))}
            @input=${(event: Event) => this.moved(Number(input(event).value))}
            @change=${() => this.released()}
          />
        </fieldset>
        <details class="publish">
          <summary>Publish a message</summary>
          <form @submit=${(event: SubmitEvent) => this.submit(event)}>
            <fieldset class="plain" ?disabled=${!canPublish}>
              <legend class="unseen">A message for the broker</legend>
              <label>Topic
                <input name="topic" list="topics" required maxlength="1000" autocomplete="off" spellcheck="false" .defaultValue=${topic} />
              </label>
              <datalist id="topics">${facts?.lamp ? COMMANDS.map((end) => html`<option value=${topic + end}></option>`) : ""}</datalist>
              <label>Payload
                <textarea name="payload" rows="2" spellcheck="false" maxlength="40000"></textarea>
              </label>
              <div class="row">
                <label class="inline">QoS
                  <select name="qos"><option>0</option><option selected>1</option><option>2</option></select>
                </label>
                <label class="inline"><input type="checkbox" name="retain" /> Retained</label>
                <button type="submit" class="primary">Publish</button>
              </div>
            </fieldset>
          </form>
          <p role="status" class=${this.isRefused ? "said ill-said" : "said"}>${this.said}</p>
        </details>
      </section>
    `;
  }

  private unheard(): string {
    const why = whyUnheard(this.page.model);
    if (why === undefined) this.unheardCommand = undefined;
    if (why === undefined) return "";
    const command = this.unheardCommand;
    return command === undefined
      ? `${capital(why)}: no command is heard now.`
      : `${capital(command)} was published, but ${why}.`;
  }

  private async command(word: string): Promise<void> {
    this.unheardCommand = undefined;
    if ((await this.publish({ payload: word })) && whyUnheard(this.page.model) !== undefined) {
      this.unheardCommand = word;
      this.page.redraw();
    }
  }

  private publish(message: object): Promise<boolean> {
    return this.page.step({ publish: message });
  }

  /** While it moves the newest position is sent as soon as the last one was taken. */
  private async moved(level: number): Promise<void> {
    this.dragged = level;
    this.page.redraw();
    if (this.isSending) return;
    this.isSending = true;
    try {
      for (let sent: number | undefined; this.dragged !== undefined && sent !== this.dragged; ) {
        sent = this.dragged;
        await this.publish({ topic: "~/brightness/set", payload: String(sent) });
      }
    } finally {
      this.isSending = false;
    }
  }

  private released(): void {
    // The lamp's own answer takes over; a lamp that is switched off keeps the brightness it had.
    setTimeout(() => {
      this.dragged = undefined;
      this.page.redraw();
    }, 300);
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const text = (name: string): string => String(fields.get(name) ?? "");
    const done = await this.publish({
      topic: text("topic"),
      payload: text("payload"),
      qos: Number(text("qos")),
      retain: fields.has("retain"),
    });
    this.isRefused = !done;
    this.said = done ? `Published to ${text("topic")}.` : `Not published: ${this.page.problem}`;
    this.page.redraw();
  }
}

/** Whether `word` is what the lamp does now, for `aria-pressed`; a lamp without power does nothing. */
function isNow({ facts, state }: Model, word: string): string | typeof nothing {
  if (word === "toggle" || !facts?.lamp || !state) return nothing;
  const { lamp } = facts;
  const isLit = brightnessOf(lamp, state.pins[lamp.pin]?.value ?? 0) > 0;
  return String(state.power.on && isLit === (word === "on"));
}

/** Why the lamp does not hear at once what is published; undefined: it does. */
function whyUnheard({ state }: Model): string | undefined {
  if (!state) return undefined;
  const { power, link, faults, clock } = state;
  if (!power.on) return "the board has no power";
  if (link.broker !== "online") return "the lamp is offline";
  if (faults.halfOpen || faults.weakSignal) return "nothing gets through to the lamp";
  return clock.paused ? "board time is paused" : undefined;
}

function input(event: Event): HTMLInputElement {
  return event.target as HTMLInputElement;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
