// Complaints and bad ratings: what is due, one case with its story, and what may be done in it.
import { computed, signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { dayText, momentText } from "web/clock.js";
import { serverNow } from "web/live.js";
import { language, t } from "web/texts.js";
import { Dialog, html, Key, Tag } from "web/ui.js";
import * as staff from "web/staff.js";
import { is, open, Refused } from "./shell.js";

const STATUSES = ["open", "answered", "closed", ""];
const asked = signal({ status: "open", unit: "", overdue: false });
const list = signal(null);
const windows = signal([]);
const chosen = signal(null); // its id
const whole = signal(null);
const drafts = signal({}); // what was typed, by case and kind of words: looking at another case loses nothing
const taking = signal(null); // the complaint that is taken down: a draft, or {code}
const EMPTY = { words: "", unit: "", window: "", contact: "" };
let begun = EMPTY; // the draft that Escape put aside
const busy = signal(false);

const units = computed(() => staff.catalogue.value?.units ?? []);
const unitName = (id) => (id ? units.value.find((one) => one.id === id)?.name ?? id : t("cases.center"));
const windowName = (id) => windows.value.find((one) => one.id === id)?.name ?? id;
const mayTakeDown = () => is("desk", "supervisor");

async function refresh(get) {
  const { status, unit, overdue } = asked.value;
  const query = new URLSearchParams({ limit: "200", ...(status && { status }), ...(unit && { unit }), ...(overdue && { overdue: "true" }) });
  const [found, there] = await Promise.all([get(`cases?${query}`), windows.value.length ? { windows: windows.value } : get("windows")]);
  windows.value = there.windows;
  list.value = found;
  const { value: id } = chosen;
  if (id) take((await get(`cases/${id}`)).case);
}

function choose(id) {
  chosen.value = id;
  whole.value = null;
  staff.refreshSoon(0);
}

function backToList() {
  const place = list.value.cases.findIndex((one) => one.id === chosen.value);
  choose(null);
  requestAnimationFrame(() => document.querySelectorAll(".item")[place]?.focus());
}

// An answer about a case that is no longer looked at would stand under the keys of another.
function take(found) {
  if (found.id === chosen.value) whole.value = found;
}

const write = (key, words) => (drafts.value = { ...drafts.value, [key]: words });

async function act(name, body, done) {
  if (busy.value) return;
  busy.value = true;
  const answer = await staff.send(`cases/${chosen.value}/${name}`, body);
  busy.value = false;
  if (!answer) return false;
  take(answer.case);
  staff.tell("green", t(`cases.${done}`));
  return true;
}

function ask(changed) {
  asked.value = { ...asked.value, ...changed };
  staff.refreshSoon(0);
}

const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: staff.zone.value }).format(new Date(serverNow()));

// By when, in days: late in red words, today in amber.
function Due({ one }) {
  if (one.status === "closed") return html`<${Tag} kind="green">${t("cases.closed")}<//>`;
  const by = one.status === "open" ? one.answer_by : one.right_by;
  const n = Math.round((new Date(by) - new Date(today())) / 86400000);
  const words = n < 0 ? "late" : n === 0 ? "due_today" : one.status === "open" ? "answer_in" : "right_in";
  return html`<${Tag} kind=${n < 0 ? "red" : n === 0 ? "amber" : "blue"}>${t(`cases.${words}`, { n: Math.abs(n) })}<//>`;
}

const about = (one) => [unitName(one.unit), one.window && t("cases.window", { name: windowName(one.window) })].filter(Boolean).join(" · ");

function Main() {
  return html`<${Bar} /><div class=${`two ${chosen.value ? "one-chosen" : ""}`}><${List} /><${Case} /></div><${TakeDown} />`;
}

function Bar() {
  const { counts } = list.value;
  return html`<div class="toolbar"><ul class="tabs" aria-label=${t("cases.status")}>${STATUSES.map((status) => html`<li key=${status}>
      <button type="button" aria-pressed=${asked.value.status === status ? "true" : "false"} onClick=${() => ask({ status })}>${t(`cases.tab_${status || "all"}`)}
        ${status && html` <b class="number">${counts[status]}</b>`}</button></li>`)}</ul>
    ${!is("unit_head") && html`<label class="field"><span>${t("cases.unit")}</span><select value=${asked.value.unit} onChange=${(event) => ask({ unit: event.target.value })}>
      <option value="">${t("cases.every_unit")}</option>${units.value.map((one) => html`<option value=${one.id} key=${one.id}>${one.name}</option>`)}</select></label>`}
    <label class="only"><input type="checkbox" checked=${asked.value.overdue} onChange=${(event) => ask({ overdue: event.target.checked, status: "" })} /><span>${t("cases.only_late", { n: counts.overdue })}</span></label>
    ${mayTakeDown() && html`<${Key} kind="primary" class="take-down" onPress=${() => (taking.value = begun)}>${t("cases.take_down")}<//>`}</div>`;
}

function List() {
  const { cases, after } = list.value;
  return html`<section class="list" aria-label=${t("cases.title")}>${cases.length === 0 && html`<p class="notice green">${t("cases.none")}</p>`}
    <ul>${cases.map((one) => html`<li key=${one.id}><button type="button" class="item" aria-pressed=${chosen.value === one.id ? "true" : "false"} onClick=${() => choose(one.id)}>
      <span class="top"><strong>${about(one)}</strong><${Due} one=${one} /></span>
      <span class="quiet-words">${t(`cases.kind_${one.kind}`)} · ${t("cases.opened_on", { day: dayText(one.opened_on) })}</span>
      <span class="said">${one.words ?? reasons(one)}</span></button></li>`)}</ul>
    ${after && html`<p class="quiet-words">${t("cases.more")}</p>`}</section>`;
}

const reasons = (one) => one.reasons.map((reason) => t(`rating.reason_${reason}`)).join(language.value === "en" ? ", " : "、");

function Case() {
  const { value: one } = whole;
  const own = useRef(null);
  useLayoutEffect(() => {
    own.current?.focus({ preventScroll: true });
    const top = own.current?.getBoundingClientRect().top;
    if (top < 0 || top > innerHeight / 2) own.current.scrollIntoView(); // on a phone it stands where the list began
  }, [one?.id]); // past the rest of the list, which may be long
  const back = html`<${Key} kind="quiet" class="to-list" onPress=${backToList}>${t("cases.to_list")}<//>`;
  if (!one) return html`<section class="case empty">${chosen.value && back}<p class="quiet-words">${t(chosen.value ? "office.loading" : "cases.choose")}</p></section>`;
  const rows = [
    ["opened", `${dayText(one.opened_on)}${one.opened_by ? ` · ${t("cases.taken_by", { name: one.opened_by })}` : ""}`],
    ["answer_by", dayText(one.answer_by)], ["right_by", dayText(one.right_by)],
    ["owner", one.owner ?? t("cases.on_duty")],
    ["line", one.line && staff.lineName(one.line)], ["level", one.level && t(`rating.level_${one.level}`)], ["reasons", reasons(one)],
    ["number", one.number], ["contact", one.contact], ["follow_up", one.follow_up && t(`rating.level_${one.follow_up}`)],
  ].filter(([, value]) => value);
  return html`<section class="case" ref=${own} tabindex="0" aria-labelledby="case">${back}<div class="section-head"><h2 id="case">${about(one)}</h2><${Due} one=${one} /></div>
    ${one.words && html`<blockquote>${one.words}</blockquote>`}
    <dl class="facts">${rows.map(([name, value]) => html`<div key=${name}><dt>${t(`cases.${name}`)}</dt><dd>${value}</dd></div>`)}</dl>
    ${one.may.includes("assign") && html`<${Assign} one=${one} />`}
    <h3>${t("cases.story")}</h3><${Story} one=${one} />
    ${one.may.includes("answer") && html`<${Write} name="answer" field="answer" path="answer" primary />`}
    ${one.may.includes("state") && html`<${Write} name=${is("unit_head") ? "state" : "note"} field="words" path="statement" />`}
    ${one.may.includes("close") && html`<div class="keys"><${Key} kind="primary" busy=${busy.value} onPress=${() => act("close", {}, "closed_now")}>${t("cases.close")}<//>
      <p class="quiet-words">${t("cases.close_words")}</p></div>`}</section>`;
}

function Assign({ one }) {
  return html`<label class="field assign"><span>${t("cases.assign")}</span><select value=${one.owner ?? ""} onChange=${(event) => act("assign", { owner: event.target.value || null }, "assigned_now")}>
    <option value="">${t("cases.on_duty")}</option>${one.people.map((name) => html`<option value=${name} key=${name}>${name}</option>`)}</select></label>`;
}

function Story({ one }) {
  return html`<ol class="story"><li><time>${dayText(one.opened_on)}</time><p>${t(one.kind === "rating" ? "cases.step_rated_badly" : "cases.step_opened")}</p></li>
    ${one.steps.map((step) => html`<li key=${step.at + step.what}><time>${momentText(step.at, staff.zone.value)}</time>
      <p>${t(`cases.step_${step.what}`, { by: step.what === "rated" ? t("cases.visitor") : step.by })}${step.what === "assigned" ? ` ${step.words ?? t("cases.on_duty")}` : ""}</p>
      ${step.words && step.what !== "assigned" && html`<p class="said">${step.words}</p>`}</li>`)}</ol>`;
}

function Write({ name, field, path, primary }) {
  const key = `${whole.value.id} ${name}`;
  const words = drafts.value[key] ?? "";
  const submit = async (event) => {
    event.preventDefault();
    if (words.trim() && (await act(path, { [field]: words.trim() }, `${name}_kept`))) write(key, "");
  };
  return html`<form class="form" onSubmit=${submit}><label class="field"><span>${t(`cases.${name}`)}</span><small>${t(`cases.${name}_words`)}</small>
    <textarea rows="3" maxlength="1000" value=${words} onInput=${(event) => write(key, event.target.value)}></textarea></label>
    <div class="keys"><button type="submit" class=${`key ${primary ? "primary" : ""}`} disabled=${!words.trim()} aria-busy=${busy.value ? "true" : undefined}>${t(`cases.${name}_send`)}</button></div></form>`;
}

function TakeDown() {
  const { value: draft } = taking;
  if (!draft) return null;
  const close = () => (taking.value = null);
  const putAside = () => ((begun = draft), close());
  const dismiss = () => ((begun = EMPTY), close());
  if (draft.code) return html`<${Dialog} key="code" title=${t("cases.taken_down")}><p>${t("cases.tell_code")}</p><p class="code number">${draft.code}</p>
    <div class="keys"><${Key} kind="primary" onPress=${close}>${t("cases.done")}<//></div><//>`;
  const set = (name) => (event) => (taking.value = { ...taking.value, [name]: event.target.value });
  const submit = async (event) => {
    event.preventDefault();
    const { words, unit, window, contact } = taking.value;
    const made = words.trim() && (await staff.send("cases", { words: words.trim(), unit: unit || null, window: window || null, contact: contact.trim() || null }));
    if (!made) return;
    [taking.value, begun] = [{ code: made.code }, EMPTY];
    choose(made.case.id);
  };
  return html`<${Dialog} key="draft" title=${t("cases.take_down")} onClose=${putAside}><form class="form" onSubmit=${submit}>
    <div class="pair"><label class="field"><span>${t("cases.of_unit")}</span><select value=${draft.unit} onChange=${set("unit")}><option value="">${t("cases.center")}</option>
      ${units.value.map((one) => html`<option value=${one.id} key=${one.id}>${one.name}</option>`)}</select></label>
    <label class="field"><span>${t("cases.of_window")}</span><select value=${draft.window} onChange=${set("window")}><option value="">${t("cases.no_window")}</option>
      ${windows.value.map((one) => html`<option value=${one.id} key=${one.id}>${one.name}</option>`)}</select></label></div>
    <label class="field"><span>${t("cases.what_happened")}</span><textarea rows="5" required maxlength="1000" value=${draft.words} onInput=${set("words")}></textarea></label>
    <label class="field"><span>${t("cases.contact_optional")}</span><small>${t("cases.contact_words")}</small><input maxlength="120" value=${draft.contact} onInput=${set("contact")} /></label>
    <${Refused} /><div class="keys"><button type="submit" class="key primary" disabled=${!draft.words.trim()}>${t("cases.keep")}</button><${Key} kind="quiet" onPress=${dismiss}>${t("cases.dismiss")}<//></div></form><//>`;
}

await open({ title: "cases.title", domains: ["cases", "rating"], refresh, ready: () => list.value !== null, Main });
