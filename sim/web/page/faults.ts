/** Everything that can be made to go wrong around the board, in plain words, as the steps of scenarios. */
import { live } from "lit/directives/live.js";
import { html, type TemplateResult } from "lit/html.js";
import type { FaultState } from "../protocol.ts";
import type { Page } from "./page.ts";

interface Toggle {
  name: string;
  hint: string;
  /** Undefined: this simulation does not have it. */
  isOn(faults: FaultState): boolean | undefined;
  step(on: boolean): object;
}

interface Choice {
  name: string;
  hint: string;
  /** As the step writes the value; undefined: this simulation does not have it. */
  value(faults: FaultState): string | undefined;
  options: readonly (readonly [value: string, words: string])[];
  step(value: string): object;
}

/** What the Wi-Fi answers, as a step says it. */
const WIFI_STEPS: Record<string, string> = { connects: "up", never: "no-callback" };

const WIFI_CUT: Toggle = {
  name: "Cut the Wi-Fi",
  hint: "The access point is gone; the board is told.",
  isOn: ({ accessPoint }) => (accessPoint === undefined ? undefined : !accessPoint),
  step: (on) => ({ wifi: on ? "down" : "up" }),
};

const WIFI_WEAK: Toggle = {
  name: "Signal too weak",
  hint: "Nothing gets through, and the board does not notice.",
  isOn: ({ weakSignal }) => weakSignal,
  step: (on) => ({ wifi: on ? "weak" : "up" }),
};

const WIFI_JOIN: Choice = {
  name: "When the board joins",
  hint: "What the next attempt to connect to the Wi-Fi meets.",
  value: ({ wifiAnswer }) => (wifiAnswer === undefined ? undefined : (WIFI_STEPS[wifiAnswer] ?? wifiAnswer)),
  options: [
    ["up", "it is let in"],
    ["wrong-password", "the password is wrong"],
    ["no-dhcp", "it gets no address (DHCP)"],
    ["no-callback", "its callback never comes"],
  ],
  step: (value) => ({ wifi: value }),
};

const NETWORK_TOGGLES: readonly Toggle[] = [
  {
    name: "Half-open",
    hint: "Nothing gets through, either way, and nobody is told.",
    isOn: ({ halfOpen }) => halfOpen,
    step: (on) => ({ network: { "half-open": on } }),
  },
  {
    name: "Connections refused",
    hint: "As if no broker ran there.",
    isOn: ({ refuse }) => refuse,
    step: (on) => ({ network: { refuse: on } }),
  },
  {
    name: "Name not found",
    hint: "The broker's name cannot be looked up (DNS).",
    isOn: ({ unknownHost }) => unknownHost,
    step: (on) => ({ network: { dns: on ? "fails" : "works" } }),
  },
];

const TIMES = [
  ["0ms", "none"],
  ["50ms", "50 ms"],
  ["200ms", "200 ms"],
  ["1000ms", "1 s"],
  ["5000ms", "5 s"],
] as const;

const NETWORK_CHOICES: readonly Choice[] = [
  {
    name: "Delay",
    hint: "One way, for every piece.",
    value: ({ latencyMs }) => `${latencyMs}ms`,
    options: TIMES,
    step: (latency) => ({ network: { latency } }),
  },
  {
    name: "Jitter",
    hint: "At most so much more, at random.",
    value: ({ jitterMs }) => `${jitterMs}ms`,
    options: TIMES,
    step: (jitter) => ({ network: { jitter } }),
  },
  {
    name: "Bandwidth",
    hint: "Each way.",
    value: ({ bandwidthBytesPerSecond: rate }) => (rate === 0 ? "unlimited" : `${rate}B/s`),
    options: [
      ["unlimited", "unlimited"],
      ["10000B/s", "10 kB/s"],
      ["1000B/s", "1 kB/s"],
      ["100B/s", "100 B/s"],
    ],
    step: (bandwidth) => ({ network: { bandwidth } }),
  },
  {
    name: "Pieces",
    hint: "The largest in which bytes reach the board.",
    value: ({ chunkBytes }) => (chunkBytes === 0 ? "any" : `${chunkBytes}B`),
    options: [
      ["any", "as they come"],
      ["64B", "64 bytes"],
      ["7B", "7 bytes"],
      ["1B", "1 byte"],
    ],
    step: (chunk) => ({ network: { chunk } }),
  },
  {
    name: "Under way",
    hint: "The most that the board can have on its way.",
    value: ({ drainBytes }) => (drainBytes === null ? "unlimited" : `${drainBytes}B`),
    options: [
      ["unlimited", "unlimited"],
      ["512B", "512 bytes"],
      ["64B", "64 bytes"],
      ["0B", "nothing leaves"],
    ],
    step: (drain) => ({ network: { drain } }),
  },
];

const BROKER_STOPPED: Toggle = {
  name: "Broker stopped",
  hint: "Its connections end, new ones are refused.",
  isOn: ({ broker }) => (broker === undefined ? undefined : !broker),
  step: (on) => ({ broker: on ? "stop" : "start" }),
};

export class FaultPanel {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  view(): TemplateResult {
    const { state, facts } = this.page.model;
    if (!state || !facts) return html``;
    const { faults, power } = state;
    return html`
      <section class="card faults" aria-labelledby="faults-title">
        <div class="title"><h2 id="faults-title">What goes wrong</h2>
          <button type="button" class="small" @click=${() => this.allOff(faults, power.on)}>All well again</button>
        </div>
        ${
          facts.profile.wifi
            ? html`<h3>Wi-Fi</h3>
              ${this.toggle(WIFI_CUT, faults)} ${this.toggle(WIFI_WEAK, faults)} ${this.choice(WIFI_JOIN, faults)} ${this.signal(faults.rssi ?? 0)}
              <div class="acts">${this.act("Lose it silently", "The access point goes, and the board is not told.", { wifi: "silent" })}</div>`
            : ""
        }
        <h3>Network</h3>
        ${NETWORK_TOGGLES.map((toggle) => this.toggle(toggle, faults))}
        <div class="choices">${NETWORK_CHOICES.map((choice) => this.choice(choice, faults))}</div>
        <div class="acts">
          ${this.act("End the connection", "What is under way still arrives.", { network: { cut: "end" } })}
          ${this.act("Break the connection", "What is under way is lost.", { network: { cut: "reset" } })}
        </div>
        ${
          facts.ownBroker
            ? html`<h3>Broker</h3>${this.toggle(BROKER_STOPPED, faults)}
              <div class="acts">${this.act("Restart the broker", "It is away for a second.", { broker: "restart" })}</div>`
            : ""
        }
        <h3>Power</h3>
        ${this.toggle(plug(power.on), faults)}
        <div class="acts">${this.act("Cut the power for 2\u00a0s", "Then the board boots.", { "power-cut": "2s" })}</div>
      </section>
    `;
  }

  private toggle({ name, hint, isOn, step }: Toggle, faults: FaultState): TemplateResult | string {
    const on = isOn(faults);
    if (on === undefined) return "";
    return html`<button type="button" role="switch" class="switch" aria-checked=${String(on)}
      aria-labelledby=${id(name)} aria-describedby="${id(name)}-hint" @click=${() => this.page.step(step(!on))}>
      <span class="knob" aria-hidden="true"></span>${words(name, hint)}
    </button>`;
  }

  private act(name: string, hint: string, step: object): TemplateResult {
    return html`<button type="button" aria-labelledby=${id(name)} aria-describedby="${id(name)}-hint"
      @click=${() => this.page.step(step)}>${words(name, hint)}</button>`;
  }

  private choice({ name, hint, value, options, step }: Choice, faults: FaultState): TemplateResult | string {
    const present = value(faults);
    if (present === undefined) return "";
    // A scenario may have set something else.
    const all = options.some(([option]) => option === present)
      ? options
      : [...options, [present, present] as const];
    return html`<div class="choice">
      ${words(name, hint)}
      <select aria-labelledby=${id(name)} aria-describedby="${id(name)}-hint" .value=${live(present)}
        @change=${(event: Event) => this.page.step(step((event.target as HTMLSelectElement).value))}>
        ${all.map(([option, words]) => html`<option value=${option} ?selected=${option === present}>${words}</option>`)}
      </select>
    </div>`;
  }

  private signal(rssi: number): TemplateResult {
    return html`<div class="choice">
      ${words("Signal strength", `${rssi} dBm, as the board reads it.`)}
      <input type="range" min="-95" max="-30" .value=${live(String(rssi))} aria-labelledby="fault-signal-strength" aria-valuetext="${rssi} dBm"
        @change=${(event: Event) => this.page.step({ wifi: { rssi: `${(event.target as HTMLInputElement).value}dBm` } })} />
    </div>`;
  }

  private async allOff(faults: FaultState, hasPower: boolean): Promise<void> {
    await this.page.step({ network: "off" });
    if (this.page.model.facts?.profile.wifi) await this.page.step({ wifi: "up" });
    if (faults.broker === false) await this.page.step({ broker: "start" });
    if (!hasPower) await this.page.step({ "power-on": "now" });
  }
}

function plug(hasPower: boolean): Toggle {
  return {
    name: "Plug pulled",
    hint: "Everything but Storage is lost.",
    isOn: () => !hasPower,
    step: (on) => (on ? { "power-cut": "ever" } : { "power-on": "now" }),
  };
}

function words(name: string, hint: string): TemplateResult {
  return html`<span class="words"><span class="name" id=${id(name)}>${name}</span><span class="hint" id="${id(name)}-hint">${hint}</span></span>`;
}

function id(name: string): string {
  return `fault-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}
