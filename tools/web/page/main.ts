/** The page for a board: puts its parts together and draws them when something is new. */
import { html, render, type TemplateResult } from "lit/html.js";
import { connectPanel, introduction } from "./connect-panel.ts";
import { boardConsole } from "./console-panel.ts";
import { boardPanel, installPanel, lampPanel } from "./panels.ts";
import { Session } from "./session.ts";

const session = new Session();
const app = document.querySelector("#app") as HTMLElement;
let isPlanned = false;

const PHASES = {
  idle: "Not connected",
  choosing: "Connecting",
  looking: "Looking at the board",
  ready: "Connected",
  installing: "Putting the lamp on the board",
  gone: "The board is gone",
} as const;

function page(): TemplateResult {
  const { phase, offer, notice } = session;
  const isWell = session.isConnected;
  const title = offer?.board.title ?? "";
  return html`
    <div class="top">
    <header>
      <div class="brand"><h1>Wick</h1><div class="names"><span title=${title}>${title}</span>${offer?.isSimulated ? html`<a href="/">simulated</a>` : ""}</div></div>
      <ul class="chips" aria-label="Where things stand">
        <li class=${isWell ? "well" : phase === "gone" ? "ill" : "calm"} data-phase=${phase}><span class="mark" aria-hidden="true">${isWell ? "●" : phase === "gone" ? "▲" : "○"}</span> <span>${PHASES[phase]}</span></li>
      </ul>
    </header>
    <div class="news" role="alert">${notice?.isBad ? html`<p class="notice ill">${notice.text}</p>` : ""}</div>
    <div class="news" role="status">${notice && !notice.isBad ? html`<p class="notice well">${notice.text}</p>` : ""}</div>
    </div>
    <p class="unseen" role="status" aria-live="polite">${PHASES[phase]}</p>
    <main>
      <div class="column">${offer ? connectPanel(session, offer) : ""} ${boardPanel(session)}</div>
      <div class="column">${offer && !session.look && phase !== "installing" ? introduction(offer) : ""} ${installPanel(session)} ${lampPanel(session)} ${boardConsole(session)}</div>
    </main>
  `;
}

session.changed = () => {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    render(page(), app);
  });
};

// A page that is left lets go of the cable, so that the next one can have it.
window.addEventListener("pagehide", () => void session.disconnect());
window.addEventListener("beforeunload", (event) => {
  if (session.phase === "installing") event.preventDefault();
});

session.changed();
void session.start();
