/** What is on the board, the lamp that is put there, and the switch. */
import { html, type TemplateResult } from "lit/html.js";
import type { Installation, Replaced } from "./installation.ts";
import type { Look, Session } from "./session.ts";

export function boardPanel({ look, offer, mismatch, text }: Session): TemplateResult | string {
  if (!look || !offer) return "";
  const { board } = look;
  const { variables, storage } = board;
  const used = variables.total - variables.free;
  return html`<section class="card" aria-labelledby="board-title">
    <h2 id="board-title">On the board</h2>
    <dl class="facts">
      ${fact("Interpreter", html`Espruino ${board.version}`)}
      ${fact("Board", html`${board.board}${mismatch === undefined ? "" : html` <span class="tag ill">not the bundle's</span>`}`)}
      ${fact("Lamp", lampWords(look, offer.isSimulated))}
      ${fact("Memory", html`${count(used)} of ${count(variables.total)} variables${bar("Memory", used, variables.total)}`)}
      ${fact("Storage", storageWords(storage))}
      ${fact("Serial", html`<span class="value">${board.serial}</span>`)}
    </dl>
    ${text.lines.length < 2 && look.running ? html`<p class="hint">It says nothing while all is well.</p>` : ""}
  </section>`;
}

function lampWords({ running }: Look, isSimulated: boolean): TemplateResult {
  // The simulator's own bundle stands for boot code without being in the Storage.
  if (!running)
    return isSimulated ? html`none in its Storage: it runs what the simulation began with` : html`none`;
  const { file, bytes, hash, isOffered } = running;
  const tag = isOffered
    ? html`<span class="tag well">the one built here</span>`
    : html`<span class="tag ill">another one</span>`;
  return html`${tag} <span class="hint">${file}, ${count(bytes)} bytes${hash === undefined ? "" : html`, <span class="value" title="SHA-256, ${hash}">${hash.slice(0, 12)}…</span>`}</span>`;
}

function storageWords({ totalBytes, freeBytes, trashBytes }: Look["board"]["storage"]): TemplateResult {
  if (totalBytes === undefined) return html`${count(freeBytes)} bytes free`;
  const trash = trashBytes ? `, ${count(trashBytes)} of replaced files` : "";
  return html`${count(freeBytes)} of ${count(totalBytes)} bytes free${trash}${bar("Storage", totalBytes - freeBytes, totalBytes)}`;
}

function fact(name: string, value: TemplateResult): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function bar(name: string, value: number, most: number): TemplateResult {
  return html`<meter min="0" max=${most} .value=${value} aria-label="${name} in use: ${count(value)} of ${count(most)}"></meter>`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}

export function installPanel(session: Session): TemplateResult | string {
  const { offer, look, installation, phase, mismatch } = session;
  if (!offer || (!look && phase !== "installing")) return "";
  const { bundle } = offer;
  const isSame = look?.running?.isOffered === true;
  return html`<section class="card" aria-labelledby="install-title">
    <h2 id="install-title">Put the lamp on the board</h2>
    <p class="bundle">${count(bundle.bytes)} bytes, ${bundle.name} <span class="value hash" title="SHA-256, ${bundle.hash}">${bundle.hash.slice(0, 12)}…</span></p>
    ${mismatch === undefined ? "" : html`<p class="notice ill">${mismatch}</p>`}
    <div class="row">
      <button type="button" class="big ${isSame ? "" : "primary"}" ?disabled=${phase !== "ready" || mismatch !== undefined} @click=${() => session.install()}>
        ${isSame ? "Put it there again" : "Put it on the board"}
      </button>
      ${phase === "installing" ? html`<button type="button" @click=${() => session.cancel()}>Stop</button>` : ""}
    </div>
    ${
      installation?.lacksRoom && phase === "ready"
        ? html`<div class="row"><button type="button" @click=${() => session.install(true)}>Make room, then put it there</button>
          <p class="hint grow">Takes some seconds, in which a power cut erases everything in the board's Storage.</p></div>`
        : ""
    }
    ${installation?.replaced.map(replaced)}
    ${installation ? progress(installation) : html`<p class="hint">The lamp that runs stays whole until the new one has been read back.</p>`}
  </section>`;
}

function replaced({ file, address, saveAs }: Replaced): TemplateResult {
  return html`<p class="hint">What was in ${file} is replaced: <a href=${address} download=${saveAs}>save it on this computer</a> while this page is open.</p>`;
}

function progress({ doing, sent, total, secondsLeft, state }: Installation): TemplateResult {
  const percent = total === 0 ? 0 : Math.floor((sent / total) * 100);
  const left = secondsLeft === undefined || state !== "under way" ? "" : `, ${secondsLeft} s left`;
  return html`<div class="installation ${state === "failed" ? "failed" : ""}">
    <progress max=${total} .value=${sent} aria-label="Sent"></progress>
    <p class="hint"><span data-doing>${state === "failed" ? "Not done" : state === "done" ? "Done" : doing}</span>
      <span class="value">${count(sent)} of ${count(total)} bytes, ${percent} %${left}</span></p>
  </div>`;
}

export function lampPanel(session: Session): TemplateResult | string {
  const { offer, look, phase, duty, mismatch } = session;
  if (!offer || !look || mismatch !== undefined) return "";
  const { lamp } = offer;
  const isDisabled = phase !== "ready";
  return html`<section class="card" aria-labelledby="lamp-title">
    <div class="title"><h2 id="lamp-title">Switch the lamp's pin</h2><span class="hint">${lamp.pin}${lamp.activeLow ? ", lit when low" : ""}${duty === undefined ? "" : `, set to ${Math.round(duty * 100)} %`}</span></div>
    <fieldset class="plain" ?disabled=${isDisabled}>
      <div class="buttons two">
        <button type="button" class="big" @click=${() => session.setLamp(1)}>On</button>
        <button type="button" class="big" @click=${() => session.setLamp(0)}>Off</button>
      </div>
      ${
        lamp.pwm
          ? html`<label class="slider"><span>Brightness of the pin</span><span class="value">${duty === undefined ? "not set here" : `${Math.round(duty * 100)} %`}</span></label>
          <input type="range" min="0" max="100" aria-label="Brightness of the pin" .value=${String(Math.round((duty ?? 0) * 100))}
            @change=${(event: Event) => session.setLamp(Number((event.target as HTMLInputElement).value) / 100)} />`
          : ""
      }
    </fieldset>
    <p class="hint">This sets the pin itself, to see that LED and wire are well. The lamp's own program does not know of it: its MQTT state stays as
      it was, and its next command sets the pin again. To switch the lamp, publish to <code>${lamp.topic}</code>.</p>
  </section>`;
}
