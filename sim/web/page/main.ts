/** The page: puts its parts together and draws them when there is something new. */
import { html, render, type TemplateResult } from "lit";
import { BoardView, lampText, pinText } from "./board.ts";
import { Connection } from "./connection.ts";
import { FaultPanel } from "./faults.ts";
import { pressAndHold } from "./hold.ts";
import { LampBox } from "./lamp-box.ts";
import { timeText } from "./model.ts";
import { Page } from "./page.ts";
import { boardConsole, chips, clockBar, gauges, standing } from "./panels.ts";
import { rowsOf, Scope, type ScopeRow } from "./scope.ts";
import { Traffic } from "./traffic.ts";

const WINDOWS_MS = [1_000, 5_000, 10_000, 30_000, 60_000];
/** The board time in figures changes no faster than one can read. */
const CLOCK_MS = 100;
/** How long the lamp keeps still before a screen reader is told how it glows. */
const QUIET_MS = 700;

const page = new Page();
const { model } = page;
const lampBox = new LampBox(page);
const faults = new FaultPanel(page);
const traffic = new Traffic(page);
let windowMs = 10_000;
let isDirty = true;
let isAnimating = false;
let clockShownAt = 0;

const app = document.querySelector("#app") as HTMLElement;
render(skeleton(), app);
const part = (name: string): HTMLElement => app.querySelector(`[data-part="${name}"]`) as HTMLElement;
const parts = {
  chips: part("chips"),
  clock: part("clock"),
  notice: part("notice"),
  title: part("title"),
  lamp: part("lamp"),
  pins: part("pins"),
  windows: part("windows"),
  box: part("box"),
  faults: part("faults"),
  traffic: part("traffic"),
  gauges: part("gauges"),
  console: part("console"),
};
const board = new BoardView(part("board"));
const canvas = app.querySelector("canvas") as HTMLCanvasElement;
const scope = new Scope(canvas);
const live = part("live");
const button = app.querySelector("[data-hold]") as HTMLButtonElement;

/** What never changes; the rest is drawn into its places. */
function skeleton(): TemplateResult {
  return html`
    <header>
      <div class="brand"><h1>Wick</h1><span data-part="title"></span></div>
      <div data-part="chips"></div>
      <div data-part="clock"></div>
    </header>
    <div data-part="notice" role="alert"></div>
    <p class="unseen" role="status" aria-live="polite" data-part="live"></p>
    <main>
      <div class="column first">
        <section class="stage" aria-label="Board and lamp">
          <div class="board" data-part="board"></div>
          <div class="readout" data-part="lamp"></div>
          <button type="button" class="hold" data-hold aria-pressed="false" hidden></button>
        </section>
      </div>
      <div class="column">
        <div data-part="box"></div>
        <section class="card scope" aria-labelledby="scope-title">
          <div class="title"><h2 id="scope-title">Pins</h2><div data-part="windows"></div></div>
          <div class="screen"><ul data-part="pins" aria-label="Pins now"></ul><canvas role="img" aria-label="Levels of the pins over the last seconds of board time"></canvas></div>
        </section>
        <div data-part="traffic"></div>
        <div data-part="console"></div>
      </div>
      <div class="column">
        <div data-part="faults"></div>
        <div data-part="gauges"></div>
      </div>
    </main>
  `;
}

function draw(): void {
  const rows = rowsOf(model);
  render(html`${model.facts ? (model.facts.profile.title ?? model.facts.profile.name) : ""}`, parts.title);
  render(chips(model), parts.chips);
  render(clockBar(page), parts.clock);
  render(notice(), parts.notice);
  board.update(model);
  render(html`<strong>Lamp ${lampText(model)}</strong> <span>${pinText(model)}</span>`, parts.lamp);
  drawButton();
  render(html`${rows.map(pinRow)}`, parts.pins);
  render(windowChoice(), parts.windows);
  render(lampBox.view(), parts.box);
  render(traffic.view(), parts.traffic);
  render(gauges(model), parts.gauges);
  render(boardConsole(model), parts.console);
  render(faults.view(), parts.faults);
  tellReaders();
}

function notice(): TemplateResult | string {
  if (!model.connected) {
    return html`<p class="notice ill">${model.facts ? "The simulation does not answer any more. This page goes on as soon as it is back." : "Waiting for the simulation."}</p>`;
  }
  return page.problem === undefined ? "" : html`<p class="notice ill">${page.problem}</p>`;
}

function drawButton(): void {
  const facts = model.facts?.lamp.button;
  button.hidden = facts === undefined;
  const held = model.state?.held === true;
  button.setAttribute("aria-pressed", String(held));
  const label = model.facts?.profile.drawing?.button?.label;
  const name = `${label === undefined ? "Button" : `${label} button`} on ${facts?.pin}`;
  render(
    html`<span>${name}</span><span class="hint">${held ? "held down" : "press and hold"}</span>`,
    button,
  );
}

function pinRow({ pin, role }: ScopeRow): TemplateResult {
  const now = model.state?.pins[pin];
  const value = now?.value ?? 0;
  const text = value === 0 ? "low" : value === 1 ? "high" : `${(value * 100).toFixed(1)} %`;
  return html`<li class=${role || "other"} title=${now?.mode ?? ""}><b>${pin}</b> <span class="role">${role}</span><span class="value">${text}</span></li>`;
}

function windowChoice(): TemplateResult {
  return html`<label class="inline"><span class="unseen">Time shown</span><select @change=${(
    event: Event,
  ) => {
    windowMs = Number((event.target as HTMLSelectElement).value);
    page.redraw();
  }}>${WINDOWS_MS.map((ms) => html`<option value=${ms} ?selected=${ms === windowMs}>${ms / 1000} s</option>`)}</select></label>`;
}

let quiet: ReturnType<typeof setTimeout> | undefined;
let told = "";

/** Says in words what one sees, once it has settled: a fade is one sentence. */
function tellReaders(): void {
  const text = model.connected
    ? [`Lamp ${lampText(model)}`, ...standing(model).map((one) => one.text)].join(". ")
    : "The simulation does not answer";
  if (text === told) return;
  told = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => {
    live.textContent = told;
  }, QUIET_MS);
}

/** One frame: what is new, and what moves with board time. */
function frame(now: number): void {
  isAnimating = false;
  const wasDirty = isDirty;
  isDirty = false;
  if (wasDirty) draw();
  if (wasDirty || model.running) {
    const t = model.boardTime(performance.now());
    scope.draw(model, rowsOf(model), t, windowMs);
    if (wasDirty || now - clockShownAt >= CLOCK_MS) {
      clockShownAt = now;
      const clock = app.querySelector("[data-clock]");
      if (clock) clock.textContent = timeText(t);
    }
  }
  if (model.running) animate();
}

function animate(): void {
  if (isAnimating) return;
  isAnimating = true;
  requestAnimationFrame(frame);
}

page.redraw = () => {
  isDirty = true;
  animate();
};

const connection = new Connection(
  (message) => {
    if (message.type === "snapshot") model.takeSnapshot(message, performance.now());
    else model.take(message, performance.now());
    page.redraw();
  },
  (open) => {
    model.connected = open;
    if (open && document.hidden) void connection.request({ type: "watch", on: false });
    page.redraw();
  },
);
page.connection = connection;

// Nobody looks at a hidden page: the server sends it nothing, and a snapshot when it is shown again.
document.addEventListener("visibilitychange", () => {
  connection.request({ type: "watch", on: !document.hidden }).catch(() => {});
});

pressAndHold(button, (down) => void page.hold(down));
pressAndHold(
  part("board"),
  (down) => void page.hold(down),
  (target) => target.closest("[data-button]") !== null,
);
addEventListener("resize", page.redraw);
page.redraw();
