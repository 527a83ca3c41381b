// The order of the hall: three presets to choose from, and behind them weights, caps and ranks for whoever must.
import { computed, signal } from "@preact/signals";
import { t } from "web/texts.js";
import { html, Key } from "web/ui.js";
import * as staff from "web/staff.js";
import { open } from "./shell.js";

const PRESETS = ["first_come", "balanced", "one_priority_after"];
const WEIGHTS = { first_come: [1, 1, 1], balanced: [1, 2, 3], one_priority_after: [1, 2, 1] };
const CLASSES = ["ordinary", "booked", "priority"];
const LIMITS = { priority_every: [1, 20], reinstated_every: [1, 20], max_overtakes: [0, 99], max_wait_minutes: [1, 1440] };

const held = signal(null); // what the hall follows now
const draft = signal(null); // what stands on the page
const windows = signal([]);
const reason = signal("");
const busy = signal(false);

const plain = ({ order, ranks }) => JSON.stringify([order, ranks]);
const changed = computed(() => held.value && plain(held.value) !== plain(draft.value));

function set(order) {
  draft.value = { ...draft.value, order: { ...draft.value.order, ...order } };
}

const choose = (preset) => set({ preset, weights: null });
const weightsOf = ({ preset, weights }) => weights ?? Object.fromEntries(CLASSES.map((name, at) => [name, WEIGHTS[preset][at]]));

function setRank(window, line, rank) {
  const ranks = { ...draft.value.ranks, [window]: { ...draft.value.ranks[window], [line]: rank } };
  draft.value = { ...draft.value, ranks };
}

async function refresh(get) {
  const [now, list] = await Promise.all([get("order"), get("windows")]);
  windows.value = list.windows;
  if (!changed.value) draft.value = now;
  held.value = now;
}

async function save(event) {
  event.preventDefault();
  if (!changed.value || !reason.value.trim() || busy.value) return;
  busy.value = true;
  const { order, ranks } = draft.value;
  const now = await staff.send("order", { order, ranks, reason: reason.value.trim() });
  busy.value = false;
  if (!now) return;
  held.value = draft.value = now;
  reason.value = "";
  staff.tell("green", t("order.saved"));
}

function Main() {
  return html`<form class="rules" onSubmit=${save}>
    <section aria-labelledby="presets"><h2 id="presets">${t("order.presets")}</h2>
      <div class="presets" role="radiogroup" aria-labelledby="presets">${PRESETS.map((name) => html`<${Preset} name=${name} key=${name} />`)}</div></section>
    <section class="caps" aria-labelledby="caps"><h2 id="caps">${t("order.caps")}</h2>
      <${Figure} name="max_overtakes" /><${Figure} name="max_wait_minutes" /><${Figure} name="reinstated_every" /></section>
    <details open=${Boolean(draft.value.order.weights)}><summary>${t("order.expert")}</summary>
      <p class="quiet-words">${t("order.weights_words")}</p>
      <div class="weights">${CLASSES.map((name) => html`<${Weight} name=${name} key=${name} />`)}</div>
      <h3>${t("order.ranks")}</h3><p class="quiet-words">${t("order.ranks_words")}</p>
      <${Ranks} /></details>
    <${Keep} /></form>`;
}

function Preset({ name }) {
  const { preset, priority_every: every } = draft.value.order;
  return html`<label class="preset ${preset === name ? "chosen" : ""}">
    <input type="radio" name="preset" value=${name} checked=${preset === name} onChange=${() => choose(name)} />
    <strong>${t(`order.${name}`, { n: every })}</strong><span>${t(`order.${name}_words`, { n: every })}</span>
    ${name === "one_priority_after" && html`<${Stepper} name="priority_every" label=${t("order.priority_every")} />`}
  </label>`;
}

function Figure({ name }) {
  return html`<div class="figure"><div><strong id=${name}>${t(`order.${name}`)}</strong>
    <p class="quiet-words">${t(`order.${name}_words`, { n: draft.value.order[name] })}</p></div>
    <${Stepper} name=${name} label=${t(`order.${name}`)} /></div>`;
}

function Stepper({ name, label }) {
  const [least, most] = LIMITS[name];
  return html`<${Number} label=${label} least=${least} most=${most} value=${draft.value.order[name]} onSet=${(value) => set({ [name]: value })} />`;
}

function Weight({ name }) {
  const weights = weightsOf(draft.value.order);
  return html`<div class="figure"><strong>${t(`order.class_${name}`)}</strong>
    <${Number} label=${t(`order.class_${name}`)} least=${1} most=${9} value=${weights[name]}
      onSet=${(value) => set({ weights: { ...weights, [name]: value } })} /></div>`;
}

// A number with a key on either side; typing works too.
function Number({ label, least, most, value, onSet }) {
  const bound = (asked) => Number_.isInteger(asked) && onSet(Math.min(most, Math.max(least, asked)));
  return html`<span class="number-field">
    <button type="button" aria-label=${t("order.less", { what: label })} disabled=${value <= least} onClick=${() => bound(value - 1)}>−</button>
    <input type="number" inputmode="numeric" aria-label=${label} min=${least} max=${most} value=${value} onChange=${(event) => bound(event.target.valueAsNumber)} />
    <button type="button" aria-label=${t("order.more", { what: label })} disabled=${value >= most} onClick=${() => bound(value + 1)}>+</button></span>`;
}
const Number_ = globalThis.Number;

function Ranks() {
  const lines = staff.catalogue.value.lines.filter((line) => windows.value.some((one) => one.id in draft.value.ranks && line.id in draft.value.ranks[one.id]));
  return html`<ul class="ranks">${windows.value.map((window) => html`<li class="card" key=${window.id}>
    <h4>${t("order.window", { name: window.name })}</h4>
    ${lines.filter((line) => line.id in draft.value.ranks[window.id]).map((line) => html`<div class="figure" key=${line.id}>
      <span>${line.name}</span><${Number} label=${`${window.name} ${line.name}`} least=${1} most=${9} value=${draft.value.ranks[window.id][line.id]}
        onSet=${(rank) => setRank(window.id, line.id, rank)} /></div>`)}</li>`)}</ul>`;
}

function Keep() {
  return html`<footer class="keep"><p>${t(changed.value ? "order.changed" : "order.unchanged")}</p>
    ${changed.value && html`<label>${t("order.reason")}<input required maxlength="200" value=${reason.value} onInput=${(event) => (reason.value = event.target.value)} /></label>
      <${Key} kind="quiet" onPress=${() => (draft.value = held.value)}>${t("order.discard")}<//>
      <button type="submit" class="key primary" aria-busy=${busy.value ? "true" : undefined} disabled=${!reason.value.trim()}>${t("order.save")}</button>`}
  </footer>`;
}

await open({ title: "order.title", domains: ["order"], refresh, ready: () => draft.value !== null, Main });
