// The parts of the clerk's page: its head, who is here, calm words, today's figures.
import { durationText, secondsSince, timeText } from "web/clock.js";
import { language, t } from "web/texts.js";
import { html, Notice, pageData } from "web/ui.js";
import { settingsOpen } from "./job.js";
import { keepFocus } from "./keyboard.js";
import { named } from "./keymap.js";
import { undoSeconds, WorkKey } from "./keys.js";
import { listed, marks, piecesLeft, wayOf } from "./marks.js";
import * as truth from "./truth.js";

// ——— the head ———

export function Header() {
  const window = truth.mine.value;
  return html`<header class="head dark">
    <div class="whose">
      <h1>${window ? t("caller.window", { name: window.name }) : t("caller.title")}</h1>
      <p>${truth.staffName(truth.session.value?.name ?? "")}</p>
    </div>
    ${window && html`<${State} window=${window} />`}
    <${Languages} />
    <button type="button" class="icon" onMouseDown=${keepFocus} onClick=${() => (settingsOpen.value = true)}
      aria-label=${t("caller.settings")} title=${t("caller.settings")}><${KeyboardSign} /></button>
  </header>`;
}

function State({ window }) {
  const [kind, words] = stateOf(window);
  return html`<span class="state ${kind}" role="status"><i aria-hidden="true"></i>${words}</span>`;
}

function stateOf(window) {
  if (truth.cutOff.value) return ["cut", t("caller.state_cut_off")];
  if (window.closing) return ["paused", t(`caller.state_closing_${window.closing}`)];
  if (window.status === "open") return ["open", t("caller.state_open")];
  if (window.status === "closed") return ["closed", t("caller.state_closed")];
  const time = timeText(window.until, truth.zone.value);
  return ["paused", time ? t("caller.state_paused_until", { time }) : t("caller.state_paused")];
}

const Languages = () =>
  Object.entries(pageData.languages ?? {}).filter(([code]) => code !== language.value).map(([code, own]) => html`
    <button type="button" class="icon" lang=${code} onMouseDown=${keepFocus} onClick=${() => truth.speak(code)}
      >${code === "zh-CN" ? "中文" : own.slice(0, 2).toUpperCase() === "EN" ? "EN" : own}</button>`);

const KeyboardSign = () => html`<svg viewBox="0 0 28 20" width="28" height="20" aria-hidden="true" fill="none"
  stroke="currentColor" stroke-width="2" stroke-linecap="round"><rect x="1" y="1" width="26" height="18" rx="4" />
  <path d="M6 6.5h.01M11 6.5h.01M16 6.5h.01M21 6.5h.01M6 10.5h.01M11 10.5h.01M16 10.5h.01M21 10.5h.01M9 15h10" /></svg>`;

// ——— who is here ———

export function Now() {
  const ticket = truth.ticket.value;
  return html`<div class="card now ${ticket?.status ?? "empty"}" aria-live="polite">
    ${ticket ? html`<${Here} ticket=${ticket} />` : html`<${Nobody} />`}
  </div>`;
}

function Here({ ticket }) {
  const serving = ticket.status === "serving";
  const since = serving ? ticket.started_at : ticket.called_at;
  return html`
    <div class="figures">
      <strong class="number">${ticket.number}</strong>
      <span class="running"><small>${serving ? t("caller.serving") : calledTimes(ticket)}</small>
        <time aria-live="off">${since ? durationText(secondsSince(since)) : ""}</time></span>
    </div>
    <p class="what"><b>${truth.lineName(ticket.line)}</b>${ticket.matter && ` · ${truth.matterName(ticket.matter)}`}</p>
    <${Tags} ticket=${ticket} /><${About} ticket=${ticket} />`;
}

const calledTimes = (ticket) =>
  ticket.calls > 1 ? t("caller.called_times", { n: ticket.calls }) : t("caller.called");

function Tags({ ticket }) {
  const all = marks(ticket);
  return all.length > 0 && html`<p class="tags">${all.map(([kind, words]) => html`<span class="tag ${kind}" key=${words}>${words}</span>`)}</p>`;
}

// What came with the number: a note, the rest of its way and of its pieces, the person's other numbers.
function About({ ticket }) {
  const pieces = piecesLeft(ticket);
  const others = truth.linked.value.filter((one) => one.visit_id === ticket.visit_id).map((one) => one.number);
  const lines = [
    ticket.note && ["note", t("caller.note", { note: ticket.note })],
    ticket.route?.length && ["way", t("caller.way", { legs: wayOf(ticket) })],
    pieces && ["pieces", t("caller.pieces_left", pieces)],
    others.length && ["others", t("caller.linked", { numbers: listed(others) })],
  ].filter(Boolean);
  return lines.length > 0 && html`<ul class="about">${lines.map(([kind, words]) => html`<li class=${kind} key=${kind}>${words}</li>`)}</ul>`;
}

function Nobody() {
  const { status } = truth.mine.value;
  const hint = { open: ["nobody_hint", "next"], closed: ["closed_hint", "open"], paused: ["paused_hint", "open"] }[status];
  const word = { open: "nobody", closed: "state_closed", paused: "state_paused" }[status];
  return html`<p class="idle">${t(`caller.${word}`)}</p>
    <p class="quiet-words">${t(`caller.${hint[0]}`, { key: named(t, hint[1]) })}</p>`;
}

// ——— calm words, and the day so far ———

export function Told() {
  const told = truth.notice.value;
  if (!told) return null;
  const seconds = told.until ? undoSeconds() : 0;
  return html`<${Notice} kind=${told.kind}><span>${told.text ?? t(told.message, { key: named(t, "open"), ...told.values })}</span>
    ${seconds > 0 && html`<${WorkKey} action="undo" kind="plain undo"> · ${t("caller.seconds", { n: seconds })}<//>`}<//>`;
}

export function Figures() {
  const window = truth.mine.value;
  const today = truth.figures.value;
  const mean = today?.served ? Math.round(today.mean_service_seconds ?? 0) : null;
  const meanText = mean === null ? t("caller.no_figure")
    : t("caller.minutes_seconds", { minutes: Math.floor(mean / 60), seconds: mean % 60 });
  return html`<footer class="day">
    <div><small>${t("caller.served_today")}</small><b>${today?.served ?? t("caller.no_figure")}</b></div>
    <div><small>${t("caller.mean_time")}</small><b>${meanText}</b></div>
    <div class="day-keys">
      ${window.closing && html`<${WorkKey} action="open" label="resume" kind="plain" />`}
      ${window.status === "open" && !window.closing && html`<${WorkKey} action="pause" kind="plain" />`}
      <${WorkKey} action="more" kind="plain" />
    </div>
  </footer>`;
}
