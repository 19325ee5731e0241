/** The board's console on the page: live, newest last, to be copied, and to type into. */
import { repeat } from "lit/directives/repeat.js";
import { html, type TemplateResult } from "lit/html.js";
import type { Session } from "./session.ts";

const history: string[] = [];
let place = 0;
let copied = "";

export function boardConsole(session: Session): TemplateResult | string {
  const { text, phase } = session;
  const isEmpty = text.lines.length === 1 && text.lines[0]?.text === "";
  const isTyping = phase === "ready";
  return html`<section class="card" aria-labelledby="console-title">
    <div class="title"><h2 id="console-title">Console</h2>
      <div class="row">
        <button type="button" class="small" ?disabled=${isEmpty} @click=${() => copy(session)}>Copy</button>
        <button type="button" class="small" ?disabled=${isEmpty} @click=${() => clear(session)}>Clear</button>
        <button type="button" class="small" ?disabled=${!isTyping} title="Sends Ctrl-C to the board" @click=${() => session.interrupt()}>Interrupt</button>
        <span class="hint" role="status">${copied}</span>
      </div>
    </div>
    <div class="board-console scroll" role="log" aria-live="off" tabindex="0" aria-label="What the board says, newest last">
      <ol>${repeat(
        text.lines,
        ({ id }) => id,
        (line) => html`<li class="line">${line.text}</li>`,
      )}</ol>
    </div>
    <form class="row typed" @submit=${(event: SubmitEvent) => send(session, event)}>
      <label class="grow"><span class="unseen">A line for the board</span>
        <input name="line" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="process.memory()" ?disabled=${!isTyping} @keydown=${recall} />
      </label>
      <button type="submit" ?disabled=${!isTyping}>Send</button>
    </form>
  </section>`;
}

function send(session: Session, event: SubmitEvent): void {
  event.preventDefault();
  const input = (event.target as HTMLFormElement).elements.namedItem("line") as HTMLInputElement;
  if (input.value !== "" && history.at(-1) !== input.value) history.push(input.value);
  place = history.length;
  void session.type(input.value);
  input.value = "";
}

/** Up and down go through what was typed before. */
function recall(event: KeyboardEvent): void {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  place = Math.min(Math.max(0, place + (event.key === "ArrowUp" ? -1 : 1)), history.length);
  (event.target as HTMLInputElement).value = history[place] ?? "";
}

async function copy(session: Session): Promise<void> {
  try {
    await navigator.clipboard.writeText(session.text.all);
    copied = "Copied";
  } catch {
    copied = "The browser does not allow it: select the text and copy it";
  }
  session.changed();
}

function clear(session: Session): void {
  copied = "";
  session.text.clear();
  session.changed();
}
