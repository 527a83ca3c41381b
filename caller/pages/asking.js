// A question before a command: one key answers it; or words are typed, or one of a list is picked.
import { useEffect, useRef } from "preact/hooks";
import { t } from "web/texts.js";
import { Dialog, html, Key } from "web/ui.js";
import * as job from "./job.js";
import { keepFocus } from "./keyboard.js";
import { keyName } from "./keymap.js";
import { heldFor } from "./marks.js";
import { HOLD_REASONS } from "./moves.js";
import { CALL_REASONS } from "./rules.js";
import * as truth from "./truth.js";
import { listed, nameOf, place, submit } from "./writing.js";

// ——— one key ———

export function Question() {
  const { ask, values, answers, warn } = job.question.value;
  return html`<div class="card asked" role="alertdialog" aria-label=${t(ask, values)}>
    ${warn && html`<p class="warned">${t(warn.message, warn.values)}</p>`}
    <p aria-live="assertive">${t(ask, values)}</p>
    <div class="answers ${Object.keys(answers).length > 3 ? "many" : ""}">
      ${Object.keys(answers).map((key) => html`<button type="button" class="key answer" key=${key} onMouseDown=${keepFocus}
        onClick=${() => job.inTurn((pressedAt) => job.answer(key, pressedAt))}><kbd>${keyName(t, key)}</kbd>
        <span>${words(job.question.value, key)}</span></button>`)}
      <button type="button" class="key answer plain" onMouseDown=${keepFocus} onClick=${job.putAside}>
        <kbd>Esc</kbd><span>${t("caller.back")}</span></button>
    </div></div>`;
}

function words({ ask, values, labels = {} }, key) {
  const base = ask.replace(/_(after|calls)$/, "");
  if (base === "caller.ask_take_back") return heldLine(labels[key]);
  if (key in labels) return labels[key];
  if (base === "caller.ask_pause") return t(`caller.pause_${key}`, values);
  if (base === "caller.ask_reason") return t(`caller.reason_${CALL_REASONS[key - 1]}`);
  if (base === "caller.ask_hold" && HOLD_REASONS[key - 1]) return t(`caller.hold_${HOLD_REASONS[key - 1]}`);
  return t(`${base}_${key}`, values);
}

function heldLine(number) {
  const ticket = truth.held.value.find((one) => one.number === number);
  return [number, ticket && heldFor(ticket)].filter(Boolean).join(" · ");
}

// ——— words, and one of a list ———

export function Asking() {
  const asked = job.question.value;
  const form = (event) => {
    event.preventDefault();
    job.inTurn(submit);
  };
  return html`<${Dialog} key=${asked.ask} title=${t(asked.ask, asked.values)} onClose=${job.putAside}>
    <form class="typing" onSubmit=${form}>
      <${Field} asked=${asked} />
      ${asked.pick && html`<${List} />`}
      <div class="keys">
        ${asked.type && html`<button type="submit" class="key primary">${t(`${asked.ask}_enter`)}<kbd>${t("caller.key_enter")}</kbd></button>`}
        <${Key} kind="quiet" onPress=${job.putAside}>${t("caller.back")}<kbd>Esc</kbd><//>
      </div>
    </form><//>`;
}

const LENGTHS = { number: 12, reason: 200, note: 200, case_number: 40 };

function Field({ asked }) {
  const move = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !asked.pick || event.isComposing) return;
    place.value = Math.max(0, Math.min(listed.value.length - 1, place.value + step));
    event.preventDefault();
  };
  const list = asked.pick && { role: "combobox", "aria-expanded": "true", "aria-controls": "picks", "aria-activedescendant": `pick-${place.value}` };
  return html`<label><span>${t(asked.pick ? `caller.search_${asked.pick}` : `${asked.ask}_typed`)}</span>
    <input name=${asked.type ?? "search"} class=${asked.type === "number" ? "capitals" : ""} autofocus autocomplete="off" spellcheck=${false}
      maxlength=${LENGTHS[asked.type] ?? 40} value=${job.typed.value} onInput=${(event) => (job.typed.value = event.target.value)}
      onKeyDown=${move} ...${list} /></label>`;
}

function List() {
  const all = listed.value;
  const own = useRef(null);
  useEffect(() => own.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
  if (!all.length) return html`<p class="quiet-words">${t("caller.none_found")}</p>`;
  return html`<ul class="picks" id="picks" role="listbox" ref=${own} aria-label=${t("caller.found")}>
    ${all.map((one, index) => html`<li key=${one.key} id=${`pick-${index}`} role="option" aria-selected=${index === place.value ? "true" : "false"}
      onClick=${() => ((place.value = index), job.inTurn(submit))}><b>${nameOf(one)}</b><small>${aboutOf(one)}</small></li>`)}</ul>`;
}

function aboutOf({ kind, more }) {
  if (kind === "matter") return truth.lineName(more.line);
  const waiting = t("caller.waiting_there", { n: more.waiting });
  if (kind === "line") return [waiting, t("caller.windows_open", { n: more.windows })].join(" · ");
  const paused = more.status === "paused" && t("caller.state_paused");
  const beside = kind === "window" ? more.clerk && truth.staffName(more.clerk) : t("caller.window", { name: more.window });
  return [beside, paused, waiting].filter(Boolean).join(" · ");
}
