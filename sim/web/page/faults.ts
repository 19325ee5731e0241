/** Everything that can be made to go wrong around the board, in plain words, as the steps of scenarios. */
import { html, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
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

const WIFI_ANSWERS: Record<string, string> = {
  connects: "up",
  fails: "wrong-password",
  "wrong-password": "wrong-password",
  "no-dhcp": "no-dhcp",
  "dhcp-timeout": "no-dhcp",
  never: "no-answer",
};

const WIFI_CUT: Toggle = {
  name: "Cut the Wi-Fi",
  hint: "The access point is gone; the board is told.",
  isOn: ({ accessPoint }) => (accessPoint === undefined ? undefined : !accessPoint),
  step: (on) => ({ wifi: on ? "down" : "up" }),
};

const WIFI_JOIN: Choice = {
  name: "When the board joins",
  hint: "What the next attempt to connect to the Wi-Fi meets.",
  value: ({ wifiAnswer }) =>
    wifiAnswer === undefined ? undefined : (WIFI_ANSWERS[wifiAnswer] ?? wifiAnswer),
  options: [
    ["up", "it is let in"],
    ["wrong-password", "the password is wrong"],
    ["no-dhcp", "no address is given (DHCP)"],
    ["no-answer", "nobody ever answers"],
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
              ${this.toggle(WIFI_CUT, faults)} ${this.act("Lose it without a word", "The access point is gone, and no event tells the board.", { wifi: "silent" })}
              ${this.choice(WIFI_JOIN, faults)} ${this.signal(faults.rssi ?? 0)}`
            : ""
        }
        <h3>Network</h3>
        ${NETWORK_TOGGLES.map((toggle) => this.toggle(toggle, faults))}
        <div class="choices">${NETWORK_CHOICES.map((choice) => this.choice(choice, faults))}</div>
        ${this.act("End the connection", "What is under way arrives first.", { network: { cut: "end" } })}
        ${this.act("Break the connection", "What is under way is lost.", { network: { cut: "reset" } })}
        ${
          facts.ownBroker
            ? html`<h3>Broker</h3>${this.toggle(BROKER_STOPPED, faults)}
              ${this.act("Restart the broker", "It is away for a second.", { broker: "restart" })}`
            : ""
        }
        <h3>Power</h3>
        ${this.toggle(
          {
            name: "Plug pulled",
            hint: "Everything but Storage is lost.",
            isOn: () => !power.on,
            step: (on) => (on ? { "power-cut": "ever" } : { "power-on": "now" }),
          },
          faults,
        )}
        ${this.act("Cut the power for 2 s", "Then the board boots.", { "power-cut": "2s" })}
      </section>
    `;
  }

  private toggle({ name, hint, isOn, step }: Toggle, faults: FaultState): TemplateResult | string {
    const on = isOn(faults);
    if (on === undefined) return "";
    return html`<div class="fault">
      <button type="button" role="switch" class="switch" aria-checked=${String(on)} @click=${() => this.page.step(step(!on))}>
        <span class="knob" aria-hidden="true"></span><span class="words"><span class="name">${name}</span><span class="hint">${hint}</span></span>
      </button>
    </div>`;
  }

  private act(name: string, hint: string, step: object): TemplateResult {
    return html`<div class="fault act">
      <span class="words"><span class="name" id=${id(name)}>${name}</span><span class="hint">${hint}</span></span>
      <button type="button" class="small" aria-labelledby=${id(name)} @click=${() => this.page.step(step)}>Do it</button>
    </div>`;
  }

  private choice({ name, hint, value, options, step }: Choice, faults: FaultState): TemplateResult | string {
    const present = value(faults);
    if (present === undefined) return "";
    // A scenario may have set something else.
    const all = options.some(([option]) => option === present)
      ? options
      : [...options, [present, present] as const];
    return html`<label class="fault choice" title=${hint}>
      <span class="words"><span class="name">${name}</span><span class="hint">${hint}</span></span>
      <select .value=${live(present)} @change=${(event: Event) => this.page.step(step((event.target as HTMLSelectElement).value))}>
        ${all.map(([option, words]) => html`<option value=${option} ?selected=${option === present}>${words}</option>`)}
      </select>
    </label>`;
  }

  private signal(rssi: number): TemplateResult {
    return html`<label class="fault choice">
      <span class="words"><span class="name">Signal</span><span class="hint">What the board reads, ${rssi} dBm.</span></span>
      <input type="range" min="-95" max="-30" .value=${live(String(rssi))}
        @change=${(event: Event) => this.page.step({ wifi: { rssi: `${(event.target as HTMLInputElement).value}dBm` } })} />
    </label>`;
  }

  private async allOff(faults: FaultState, hasPower: boolean): Promise<void> {
    await this.page.step({ network: "off" });
    if (this.page.model.facts?.profile.wifi) await this.page.step({ wifi: "up" });
    if (faults.broker === false) await this.page.step({ broker: "start" });
    if (!hasPower) await this.page.step({ "power-on": "now" });
  }
}

function id(name: string): string {
  return name.toLowerCase().replace(/[^a-z]+/g, "-");
}
