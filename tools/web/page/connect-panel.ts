/** How the board is reached: a button for each kind of cable, or why this browser cannot. */
import { html, type TemplateResult } from "lit/html.js";
import type { Offer } from "../offer.ts";
import { BROWSERS, type Means, unavailable } from "./core/why-not.ts";
import type { Session } from "./session.ts";

const MEANS: readonly { means: Means; name: string; hint: string }[] = [
  { means: "bluetooth", name: "Bluetooth", hint: "a board nearby" },
  { means: "serial", name: "USB", hint: "a board on a cable" },
];

export function connectPanel(session: Session, offer: Offer): TemplateResult {
  return html`<section class="card" aria-labelledby="connect-title">
    <h2 id="connect-title">Connect</h2>
    ${session.isConnected ? connected(session) : choices(session, offer)}
  </section>`;
}

function connected(session: Session): TemplateResult {
  return html`<div class="row connected">
    <span>${session.kind === "simulated" ? "Simulated board" : session.kind === "bluetooth" ? "Bluetooth" : "USB"}</span>
    <button type="button" class="small" ?disabled=${session.isBusy} @click=${() => session.refresh()}>Look again</button>
    <button type="button" class="small" @click=${() => session.disconnect()}>Disconnect</button>
  </div>`;
}

function choices(session: Session, offer: Offer): TemplateResult {
  const { phase, kind } = session;
  const isDisabled = session.isBusy;
  const cannot = MEANS.map(({ means }) => unavailable(means));
  const isNone = cannot.every((reason) => reason !== undefined);
  return html`
    ${phase === "gone" && kind ? html`<button type="button" class="primary wide" @click=${() => session.reconnect()}>Reconnect</button>` : ""}
    ${
      offer.isSimulated
        ? html`<button type="button" class="means ${phase === "gone" ? "" : "primary"}" ?disabled=${isDisabled} @click=${() => session.connect("simulated")}>
          <b>Simulated board</b> <span>no hardware needed</span>
        </button>`
        : ""
    }
    ${MEANS.map(
      (
        { means, name, hint },
        index,
      ) => html`<button type="button" class="means" ?disabled=${isDisabled || cannot[index] !== undefined}
        aria-describedby=${cannot[index] === undefined ? "" : `no-${means}`} @click=${() => session.connect(means)}>
        <b>${name}</b> <span>${hint}</span>
      </button>`,
    )}
    ${MEANS.map(({ means }, index) => (cannot[index] === undefined ? "" : html`<p class="hint" id="no-${means}">${cannot[index]}</p>`))}
    ${isNone && globalThis.isSecureContext ? html`<p class="hint">${BROWSERS} Or use the terminal: <code>npx wick flash</code>.</p>` : ""}
    ${phase === "choosing" && kind !== "simulated" ? html`<p class="hint">Choose the board in the browser's window.</p>` : ""}
  `;
}

/** What one can do here, before there is a board. */
export function introduction({ bundle, board, profiles, isSimulated }: Offer): TemplateResult {
  const boards = profiles.find(({ name }) => name === board.profile)?.interpreter.boards ?? [];
  return html`<section class="card intro" aria-labelledby="intro-title">
    <h2 id="intro-title">${isSimulated ? "Put the lamp on the simulated board" : "Put the lamp on your board"}</h2>
    <ol>
      <li>${isSimulated ? "Connect to the simulated board, just as to a real one." : `Plug in a board with Espruino (${boards.join(", ")}) or bring one with Bluetooth near, and connect.`}</li>
      <li>See what is on it.</li>
      <li>Put the bundle of ${bundle.bytes.toLocaleString("en")} bytes on it: written beside the lamp that runs, read back, and only then the one that counts.</li>
    </ol>
    <p class="hint">Nothing leaves this computer: the page, the bundle and its passwords come from 127.0.0.1.</p>
  </section>`;
}
