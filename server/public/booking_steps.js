// The questions of booking: which line, which day, which time, whose number.
import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { language, t } from "web/texts.js";
import { html, Key, Notice, pageData, setMode } from "web/ui.js";
import {
  at, book, booking, busy, change, choose, chosenDay, chosenSlot, desk, find, go, lineName, offer, ownCodes, speak,
} from "./booking_state.js";

const large = signal(false);
const NOON = "12:00";

export function Header() {
  const other = Object.entries(pageData.languages).find(([code]) => code !== language.value);
  const toggle = () => setMode({ large: (large.value = !large.value) });
  return html`<header><span class="hall">${offer.value?.hall.name}</span>
    <span class="modes"><${Key} kind="quiet" aria-pressed=${large.value ? "true" : "false"} onPress=${toggle}>${t("common.large")}<//>
    ${other && html`<${Key} kind="quiet" lang=${other[0]} onPress=${() => speak(other[0])}>${other[1]}<//>`}</span></header>`;
}

/** The question, what was answered before it, and the way back. */
function Question({ title, said = [], hint }) {
  return html`<div class="question">
    ${at.value.line && html`<a href="#" class="back" onClick=${back}>${t("common.back")}</a>`}
    ${said.length > 0 && html`<p class="said">${said.map((one, place) => html`${place > 0 && " · "}<span>${one}</span>`)}</p>`}
    <h1 tabindex="-1">${title}</h1>${hint && html`<p class="quiet-words">${hint}</p>`}</div>`;
}

function back(event) {
  event.preventDefault();
  const { code, line, day, slot, ask } = at.value;
  if (ask || (slot && !code)) return go({ code, change: at.value.change, line, day });
  if (day) return go({ code, change: at.value.change, line });
  return go(code ? { code } : {});
}

export function Lines() {
  const { lines } = offer.value;
  const own = desk() ? [] : ownCodes();
  return html`<${Question} title=${t("booking.choose_line")} hint=${lines.length ? t("booking.lead") : null} />
    ${lines.length === 0 && html`<${Notice}>${t("booking.none")}<//>`}
    <ul class="lines">${lines.map((line) => html`<li key=${line.id}>
      <${Key} class="choice" onPress=${() => go({ line: line.id })}>${line.name}<span aria-hidden="true">›</span><//></li>`)}</ul>
    ${own.length > 0 && html`<section class="own"><h2>${t("booking.yours")}</h2>
      <${Key} onPress=${() => go({ code: own[0] })}>${t("booking.open_last")}<//></section>`}
    ${desk() && html`<${Find} />`}`;
}

/** At the desk: who has no code at hand is found by the number. */
function Find() {
  return html`<section class="own"><h2>${t("booking.find")}</h2>
    <${NumberForm} label=${t("booking.find_label")} action=${t("common.search")} onNumber=${find} /></section>`;
}

export function Days() {
  const { days } = offer.value;
  return html`<${Question} title=${t("booking.choose_day")} said=${[lineName()]} />
    ${days.length === 0 && html`<${Notice}>${t("booking.no_days")}<//>`}
    <ul class="grid days">${days.map(({ day, text, left }) => html`<li key=${day}>
      <${Key} disabled=${left === 0} onPress=${() => go({ ...at.value, day })}><b>${text}</b><${Left} n=${left} /><//></li>`)}</ul>`;
}

const Left = ({ n }) => html`<small>${n ? t("booking.left", { n }) : t("booking.full")}</small>`;

export function Slots() {
  const { slots } = offer.value;
  const parts = [["booking.morning", slots.filter((one) => one.starts < NOON)], ["booking.afternoon", slots.filter((one) => one.starts >= NOON)]];
  return html`<${Question} title=${t("booking.choose_time")} said=${[lineName(), chosenDay()?.text ?? at.value.day]} />
    ${slots.length === 0 && html`<${Notice}>${t("booking.no_slots")}<//>`}
    ${parts.filter(([, some]) => some.length).map(([name, some]) => html`<section key=${name}><h2>${t(name)}</h2>
      <ul class="grid slots">${some.map((one) => html`<li key=${one.at}><${Slot} slot=${one} /></li>`)}</ul></section>`)}`;
}

function Slot({ slot }) {
  const own = at.value.code && slot.at === booking.value.at;
  return html`<${Key} disabled=${slot.left === 0 || own} busy=${busy.value && at.value.slot === slot.at} onPress=${() => choose(slot.at)}>
    <b>${slot.starts}</b>${own ? html`<small>${t("booking.now")}</small>` : html`<${Left} n=${slot.left} />`}<//>`;
}

export function WhoseNumber() {
  const again = Boolean(at.value.code);
  const slot = chosenSlot();
  const time = slot ? `${slot.starts}–${slot.ends}` : "";
  return html`<${Question} title=${t(again ? "booking.number_again" : "booking.number")} said=${[lineName(), chosenDay()?.text, time]} />
    <${NumberForm} label=${t("booking.number_label")} hint=${t("booking.number_hint")}
      action=${t(again ? "booking.confirm_change" : "booking.confirm")} onNumber=${again ? change : book} />`;
}

function NumberForm({ label, hint, action, onNumber }) {
  const own = useRef(null);
  const send = (event) => {
    event.preventDefault();
    onNumber(own.current.value.trim());
  };
  return html`<form class="number-form" onSubmit=${send}>
    <label>${label}<input ref=${own} name="person" required minlength="5" maxlength="40" autocomplete="off"
      autocapitalize="characters" spellcheck=${false} aria-describedby=${hint ? "hint" : undefined} /></label>
    ${hint && html`<p id="hint" class="quiet-words">${hint}</p>`}
    <button type="submit" class="key primary" aria-busy=${busy.value ? "true" : undefined}>${action}</button></form>`;
}
