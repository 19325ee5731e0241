/** What reaches the board from outside: levels and voltages at its pins, and the temperature of its chip, as the steps of scenarios. */
import { live } from "lit/directives/live.js";
import { html, type TemplateResult } from "lit/html.js";
import type { Facts } from "../protocol.ts";
import type { Page } from "./page.ts";

const LEVELS = [
  ["low", "Low", 0],
  ["high", "High", 1],
  ["release", "Let go", undefined],
] as const;

export class InputPanel {
  private readonly page: Page;
  private chosen: string | undefined;

  constructor(page: Page) {
    this.page = page;
  }

  view(): TemplateResult {
    const { state, facts } = this.page.model;
    if (!state || !facts) return html``;
    const names = Object.keys(state.pins);
    const pin = this.chosen ?? names.find((name) => isAnalog(facts, name)) ?? names[0] ?? "";
    const driven = state.pins[pin]?.driven;
    const { temperature } = state.gauges;
    return html`<section class="card" aria-labelledby="inputs-title">
      <h2 id="inputs-title">Inputs</h2>
      <div class="row">
        <label class="inline">Pin
          <select .value=${live(pin)} @change=${(event: Event) => {
            this.chosen = textOf(event);
            this.page.redraw();
          }}>${names.map((name) => html`<option value=${name} ?selected=${name === pin}>${name}</option>`)}</select>
        </label>
        ${LEVELS.map(
          ([level, words, value]) =>
            html`<button type="button" class="small" aria-pressed=${String(driven === value)}
              @click=${() => this.page.step({ "set-pin": { pin, level } })}>${words}</button>`,
        )}
      </div>
      ${
        isAnalog(facts, pin)
          ? this.slider("Voltage", driven ?? 0, `${driven ?? 0} of the supply`, [0, 1, 0.01], (voltage) => ({
              "set-pin": { pin, voltage },
            }))
          : html`<p class="hint">${pin} is no analog input.</p>`
      }
      ${
        temperature === undefined
          ? ""
          : this.slider("Chip temperature", temperature, `${temperature} °C`, [-40, 125, 0.5], (celsius) => ({
              temperature: celsius,
            }))
      }
    </section>`;
  }

  private slider(
    name: string,
    value: number,
    words: string,
    [least, most, step]: readonly [least: number, most: number, step: number],
    stepOf: (value: number) => object,
  ): TemplateResult {
    const id = `input-${name.toLowerCase().replace(" ", "-")}`;
    return html`<label class="slider" for=${id}><span>${name}</span><output for=${id}>${words}</output></label>
      <input id=${id} type="range" min=${least} max=${most} step=${step} .value=${live(String(value))} aria-valuetext=${words}
        @change=${(event: Event) => this.page.step(stepOf(Number(textOf(event))))} />`;
  }
}

function isAnalog({ profile }: Facts, name: string): boolean {
  const { can } = (profile.pins?.[name] ?? {}) as { can?: readonly string[] };
  return can?.includes("adc") === true;
}

function textOf(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value;
}
