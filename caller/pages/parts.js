// The parts of the clerk's page: who is here, the keys, the question before a command, today's figures.
import { durationText, secondsSince, timeText } from "web/clock.js";
import { language, t } from "web/texts.js";
import { html, Notice, pageData } from "web/ui.js";
import { settingsOpen } from "./dialogs.js";
import * as job from "./job.js";
import * as truth from "./truth.js";
import { act, keepFocus, pressed } from "./keyboard.js";
import { keymap, keyName } from "./keymap.js";

const named = (action) => keyName(t, keymap.value[action]);

// ——— the head ———

export function Header() {
  const window = truth.mine.value;
  return html`<header class="head dark">
    <div class="whose">
      <h1>${window ? t("caller.window", { name: window.name }) : t("caller.title")}</h1>
      <p>${staffName(truth.session.value?.name ?? "")}</p>
    </div>
    ${window && html`<${State} window=${window} />`}
    <${Languages} />
    <button type="button" class="icon" onMouseDown=${keepFocus} onClick=${() => (settingsOpen.value = true)}
      aria-label=${t("caller.settings")} title=${t("caller.settings")}><${KeyboardSign} /></button>
  </header>`;
}

const staffName = (name) => (/^\d+$/.test(name) ? t("caller.staff", { name }) : name);

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
    <${Tags} ticket=${ticket} />`;
}

const calledTimes = (ticket) =>
  ticket.calls > 1 ? t("caller.called_times", { n: ticket.calls }) : t("caller.called");

function Tags({ ticket }) {
  const foreign = ticket.language && ticket.language !== "zh-CN";
  const special = ticket.class && ticket.class !== "ordinary";
  if (!foreign && !special) return null;
  return html`<p class="tags">
    ${special && html`<span class="tag ${ticket.class === "priority" ? "amber" : "blue"}">
      ${t(`caller.class_${ticket.class}`)}</span>`}
    ${foreign && html`<span class="tag">${pageData.languages?.[ticket.language] ?? ticket.language}</span>`}
  </p>`;
}

function Nobody() {
  const { status } = truth.mine.value;
  const hint = { open: ["nobody_hint", "next"], closed: ["closed_hint", "open"], paused: ["paused_hint", "open"] }[status];
  const word = { open: "nobody", closed: "state_closed", paused: "state_paused" }[status];
  return html`<p class="idle">${t(`caller.${word}`)}</p>
    <p class="quiet-words">${t(`caller.${hint[0]}`, { key: named(hint[1]) })}</p>`;
}

// ——— the keys ———

function WorkKey({ action, label = action, kind = "", off = false }) {
  const busy = job.busy.value === action;
  const disabled = off || truth.cutOff.value || Boolean(job.question.value);
  return html`<button type="button" class="key work-key ${kind} ${pressed.value === action ? "down" : ""}"
    aria-busy=${busy ? "true" : undefined} aria-disabled=${disabled ? "true" : undefined}
    aria-keyshortcuts=${keymap.value[action] === " " ? "Space" : keymap.value[action]}
    onMouseDown=${keepFocus} onClick=${() => disabled || act(action)}>
    <span>${t(`caller.${label}`)}</span><kbd>${named(action)}</kbd></button>`;
}

export function Keys() {
  const window = truth.mine.value;
  const status = window.ticket?.status;
  const open = window.status === "open" || Boolean(window.ticket);
  if (job.question.value && job.question.value.ask !== "caller.ask_number") return html`<${Question} />`;
  return html`<${Primary} open=${open} />
    <div class="second" hidden=${!open}>
      <${WorkKey} action="recall" off=${status !== "called"} />
      <${WorkKey} action="arrived" off=${status !== "called"} />
      <${WorkKey} action="finish" off=${!status} />
      <${WorkKey} action="missed" off=${status !== "called"} />
    </div>
    <div class="third">
      ${open && html`<${WorkKey} action="call" kind="plain" off=${status === "called"} />`}
      ${open && (window.closing ? html`<${WorkKey} action="open" label="resume" kind="plain" />` : html`<${WorkKey} action="pause" kind="plain" />`)}
      ${window.status !== "closed" && html`<${WorkKey} action="close" kind="plain" />`}
      ${!truth.session.value?.window && html`<button type="button" class="key work-key plain" onMouseDown=${keepFocus}
        onClick=${() => truth.chooseWindow(null)} hidden=${open}><span>${t("caller.change_window")}</span></button>`}
    </div>`;
}

function Primary({ open }) {
  if (truth.lostTo.value) {
    return html`<div class="card asked amber" role="alert"><p>${t("caller.taken_over", { clerk: truth.lostTo.value })}</p>
      <${WorkKey} action="open" label="ask_take_over_enter" /></div>`;
  }
  if (open) return html`<${WorkKey} action="next" kind="primary" />`;
  const paused = truth.mine.value.status === "paused";
  return html`<${WorkKey} action="open" label=${paused ? "resume" : "open"} kind="primary" />`;
}

export function Question() {
  const { ask, values, answers } = job.question.value;
  const base = ask.replace(/_(after|calls|nobody)$/, "");
  const label = (key) => (base === "caller.ask_pause" ? `caller.pause_${key}` : `${base}_${key}`);
  return html`<div class="card asked" role="alertdialog" aria-label=${t(ask, values)}>
    <p aria-live="assertive">${t(ask, values)}</p>
    <div class="answers ${Object.keys(answers).length > 3 ? "many" : ""}">
      ${Object.keys(answers).map((key) => html`<button type="button" class="key answer" key=${key} onMouseDown=${keepFocus}
        onClick=${() => job.inTurn((pressedAt) => job.answer(key, pressedAt))}><kbd>${keyName(t, key)}</kbd><span>${t(label(key), values)}</span></button>`)}
      <button type="button" class="key answer plain" onMouseDown=${keepFocus} onClick=${() => (job.question.value = null)}>
        <kbd>Esc</kbd><span>${t("caller.back")}</span></button>
    </div></div>`;
}

// ——— calm words, and the day so far ———

export function Told() {
  const told = truth.notice.value;
  if (!told) return null;
  return html`<${Notice} kind=${told.kind}>${told.text ?? t(told.message, { key: named("open"), ...told.values })}<//>`;
}

export function Figures() {
  const today = truth.figures.value;
  const mean = today?.served ? Math.round(today.mean_service_seconds ?? 0) : null;
  const meanText = mean === null ? t("caller.no_figure")
    : t("caller.minutes_seconds", { minutes: Math.floor(mean / 60), seconds: mean % 60 });
  return html`<footer class="day">
    <div><small>${t("caller.served_today")}</small><b>${today?.served ?? t("caller.no_figure")}</b></div>
    <div><small>${t("caller.mean_time")}</small><b>${meanText}</b></div>
  </footer>`;
}
