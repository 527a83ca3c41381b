// The one field: a number opens its story, a scanned slip does what it is for, a name or unit finds what to take a number for.
import { signal } from "@preact/signals";
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import * as staff from "web/staff.js";
import * as desk from "./desk_store.js";
import { choices, meant } from "./desk_rules.js";
import { lineWords, openIssue } from "./desk_issue.js";

const chosen = signal(0);

const listed = () => choices(staff.catalogue.value, meant(desk.typed.value).text);

function type(event) {
  desk.typed.value = event.target.value;
  chosen.value = 0;
  if (desk.view.value.name !== "home") desk.view.value = { name: "home" };
}

function enter(event) {
  event.preventDefault();
  if (desk.look()) return;
  const one = listed()[chosen.value];
  if (one) take(one);
}

function take(one) {
  const line = one.line ?? staff.lineOf(one.matter.line);
  if (!line.open) return staff.tell("amber", line.reason_text ?? t("desk.line_closed"));
  openIssue(one);
}

const choice = (place) => document.getElementById(`choice-${place}`);
const columns = () => getComputedStyle(document.getElementById("choices") ?? document.body).gridTemplateColumns.split(" ").length;

function move(event) {
  const step = { ArrowDown: columns(), ArrowUp: -columns(), ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const inWords = desk.typed.value && ["ArrowLeft", "ArrowRight"].includes(event.key);
  if (event.key === "Escape") desk.goHome();
  else if (!step || inWords || event.isComposing) return;
  else chosen.value = Math.max(0, Math.min(listed().length - 1, chosen.value + step));
  choice(chosen.value)?.scrollIntoView({ block: "nearest" });
  event.preventDefault();
}

export function Find() {
  const open = desk.view.value.name === "home" && !("number" in meant(desk.typed.value));
  return html`<form class="find" role="search" onSubmit=${enter}>
    <label for="find">${t("desk.find")}</label>
    <input id="find" name="find" type="text" autocomplete="off" autocapitalize="off" spellcheck=${false} autofocus placeholder=${t("desk.find_hint")}
      value=${desk.typed.value} onInput=${type} onKeyDown=${move} role="combobox" aria-expanded=${open ? "true" : "false"}
      aria-controls="choices" aria-activedescendant=${open && listed()[chosen.value] ? `choice-${chosen.value}` : undefined} />
    <kbd>F2</kbd></form>`;
}

export function Choices() {
  const { number, code } = meant(desk.typed.value);
  if (number || code) return html`<p class="lead">${t(number ? "desk.enter_opens" : "desk.enter_scans", { number })}</p>`;
  const all = listed();
  const linked = desk.linkedTo.value;
  return html`${linked && html`<p class="notice blue linked">${t("desk.linked", { number: linked.number })}
      <button type="button" class="key quiet" onClick=${() => (desk.linkedTo.value = null)}>${t("desk.unlink")}</button></p>`}
    <h2 class="lead" id="choices-title">${t(desk.typed.value ? "desk.found" : "desk.for_whom", { n: all.length })}</h2>
    <ul id="choices" class="choices" role="listbox" aria-labelledby="choices-title">
      ${all.map((one, place) => html`<${Choice} key=${one.line ? one.line.id : `m-${one.matter.id}`} one=${one} place=${place} />`)}
    </ul>`;
}

function Choice({ one, place }) {
  const line = one.line ?? staff.lineOf(one.matter.line);
  return html`<li id=${`choice-${place}`} role="option" aria-selected=${place === chosen.value ? "true" : "false"}
    aria-disabled=${line.open ? undefined : "true"} class="card choice" onClick=${() => take(one)}>
    <i aria-hidden="true">${line.prefix}</i><b>${(one.matter ?? line).name}</b>
    <small>${one.matter ? `${line.name} · ` : ""}${lineWords(line)}</small></li>`;
}
