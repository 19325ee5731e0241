/** The page: puts its parts together and draws them when there is something new. */
import { html, render, type TemplateResult } from "lit/html.js";
import { BoardView, lampText, pinText } from "./board.ts";
import { Connection } from "./connection.ts";
import { FaultPanel } from "./faults.ts";
import { pressAndHold } from "./hold.ts";
import { InputPanel } from "./inputs.ts";
import { LampBox } from "./lamp-box.ts";
import { timeText } from "./model.ts";
import { Page } from "./page.ts";
import { boardConsole, chips, clockBar, gauges, standing } from "./panels.ts";
import { rowsOf, Scope, type ScopeRow } from "./scope.ts";
import { Section } from "./section.ts";
import { Traffic } from "./traffic.ts";

const WINDOWS_MS = [1_000, 5_000, 10_000, 30_000, 60_000];
/** The board time in figures changes no faster than one can read. */
const CLOCK_MS = 100;
/** Nobody reads lists that change more often. */
const LISTS_MS = 100;
/** How long the lamp keeps still before a screen reader is told how it glows. */
const QUIET_MS = 700;

const page = new Page();
const { model } = page;
const lampBox = new LampBox(page);
const faults = new FaultPanel(page);
const inputs = new InputPanel(page);
const traffic = new Traffic(page);
let windowMs = 10_000;
let isDirty = true;
let isForced = false;
let isAnimating = false;
let clockShownAt = 0;
let listsSoon: ReturnType<typeof setTimeout> | undefined;

const app = document.querySelector("#app") as HTMLElement;
render(skeleton(), app);
const part = (name: string): HTMLElement => app.querySelector(`[data-part="${name}"]`) as HTMLElement;
const board = new BoardView(part("board"));
const canvas = app.querySelector("canvas") as HTMLCanvasElement;
const scope = new Scope(canvas, () => page.redraw());
const live = part("live");
const button = app.querySelector("[data-hold]") as HTMLButtonElement;

/** What never changes; the rest is drawn into its places. */
function skeleton(): TemplateResult {
  return html`
    <div class="top">
      <header>
        <div class="brand"><h1>Wick</h1><div class="names" data-part="title"></div></div>
        <div data-part="chips"></div>
        <div data-part="clock"></div>
      </header>
      <div class="news" data-part="notice" role="alert"></div>
    </div>
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
        <div data-part="inputs"></div>
        <div data-part="gauges"></div>
      </div>
    </main>
  `;
}

function furtherPage(): TemplateResult | string {
  const further = model.facts?.further;
  return further ? html`<a href=${further.path}>${further.title}</a>` : "";
}

/** Each with all that it shows. */
const sections = {
  title: new Section(
    part("title"),
    () => [model.facts],
    () => {
      const title = model.facts?.profile.title ?? model.facts?.profile.name ?? "";
      return html`<span title=${title}>${title}</span>${furtherPage()}`;
    },
  ),
  chips: new Section(
    part("chips"),
    () => [model.facts, model.state?.power, model.state?.link],
    () => chips(model),
  ),
  clock: new Section(
    part("clock"),
    () => [model.state?.clock.speed, model.state?.clock.paused],
    () => clockBar(page),
  ),
  notice: new Section(part("notice"), () => [model.connected, model.facts, page.problem], notice),
  lamp: new Section(
    part("lamp"),
    () => [model.facts, model.state?.pins, model.state?.power],
    () =>
      model.facts?.lamp
        ? html`<strong>Lamp ${lampText(model)}</strong> <span>${pinText(model)}</span>`
        : html``,
  ),
  pins: new Section(
    part("pins"),
    () => [model.facts, model.state?.pins],
    () => html`${rowsOf(model).map(pinRow)}`,
  ),
  windows: new Section(part("windows"), () => [], windowChoice),
  box: new Section(
    part("box"),
    () => {
      const { power, link, faults, clock, pins } = model.state ?? {};
      return [model.facts, model.toldBrightness, power, link, faults, clock?.paused, pins];
    },
    () => lampBox.view(),
  ),
  gauges: new Section(
    part("gauges"),
    () => [model.facts, model.state?.gauges, model.state?.power],
    () => gauges(model),
  ),
  faults: new Section(
    part("faults"),
    () => [model.facts, model.state?.faults, model.state?.power],
    () => faults.view(),
  ),
  inputs: new Section(
    part("inputs"),
    () => [model.facts, model.state?.pins, model.state?.gauges],
    () => inputs.view(),
  ),
};

/** The long ones: they may come a moment after the lamp, which is what one looks at. */
const lists = {
  traffic: new Section(
    part("traffic"),
    () => [model.facts, model.packets],
    () => traffic.view(),
  ),
  console: new Section(
    part("console"),
    () => [model.lines],
    () => boardConsole(model),
  ),
};

/** Draws what is new; returns whether the waveform may look different for it. */
function draw(isForced: boolean): boolean {
  board.update(model);
  drawButton();
  for (const section of Object.values(sections)) if (section !== sections.pins) section.draw(isForced);
  if (isForced) drawLists(true);
  else listsSoon ??= setTimeout(() => drawLists(false), LISTS_MS);
  tellReaders();
  return sections.pins.draw(isForced);
}

function drawLists(isForced: boolean): void {
  clearTimeout(listsSoon);
  listsSoon = undefined;
  for (const list of Object.values(lists)) list.draw(isForced);
}

function notice(): TemplateResult | string {
  if (!model.connected) {
    return html`<p class="notice ill">${model.facts ? "The simulation does not answer any more. This page goes on as soon as it is back." : "Waiting for the simulation."}</p>`;
  }
  return page.problem === undefined ? "" : html`<p class="notice ill">${page.problem}</p>`;
}

function drawButton(): void {
  const facts = model.facts?.lamp?.button;
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
    ? [
        ...(model.facts?.lamp ? [`Lamp ${lampText(model)}`] : []),
        ...standing(model).map((one) => one.text),
      ].join(". ")
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
  const isNewWave = isDirty && draw(isForced);
  if (isDirty || model.running) {
    const t = model.boardTime(performance.now());
    scope.draw(model, t, windowMs, isNewWave);
    if (isDirty || now - clockShownAt >= CLOCK_MS) {
      clockShownAt = now;
      const clock = app.querySelector("[data-clock]");
      if (clock) clock.textContent = timeText(t);
    }
  }
  isDirty = false;
  isForced = false;
  if (model.running) animate();
}

function animate(): void {
  if (isAnimating) return;
  isAnimating = true;
  requestAnimationFrame(frame);
}

/** The server has told something. */
function news(): void {
  isDirty = true;
  animate();
}

/** Something was done on the page itself. */
page.redraw = () => {
  isForced = true;
  news();
};

const connection = new Connection(
  (message) => {
    if (message.type === "snapshot") model.takeSnapshot(message, performance.now());
    else model.take(message, performance.now());
    news();
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
page.redraw();
