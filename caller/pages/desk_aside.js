// What waits for someone of the desk: the alarms above, and the lists beside.
import { clockText, now } from "web/clock.js";
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import * as staff from "web/staff.js";
import * as desk from "./desk_store.js";
import { standing } from "./desk_story.js";

export function Alarms() {
  const all = desk.ringing.value;
  return html`<div class="alarms" role="alert">${all.slice(0, 3).map((one, place) => html`<p class="alarm ${one.kind}" key=${one.key}>
    <span>${words(one)}</span><button type="button" class="key" onClick=${() => desk.answerAlarm(one)}>
      ${t(one.kind === "wanted" ? "desk.i_go" : "desk.known")}${place === 0 && html`<kbd>F9</kbd>`}</button></p>`)}
    ${all.length > 3 && html`<p class="alarm more">${t("desk.more_alarms", { n: all.length - 3 })}</p>`}</div>`;
}

function words(one) {
  if (one.kind === "wanted") return t("desk.alarm_wanted", { name: one.name });
  const { ticket } = one;
  const window = ticket.windows.map((at) => at.name).join("、");
  return t(`desk.alarm_${one.kind}`, { number: ticket.number, n: ticket.ahead ?? 0, window });
}

export function Aside() {
  return html`<aside class="aside" aria-label=${t("desk.aside")}>
    ${staff.cutOff.value && html`<p class="notice amber dated" role="alert">${t("desk.cut_off", { time: dated() })}</p>`}
    <${List} name="wanted" all=${desk.wanted.value} row=${WantedRow} />
    <${List} name="unprinted" all=${desk.unprinted.value} row=${UnprintedRow} />
    <${List} name="guided" all=${desk.guided.value} row=${GuidedRow} />
  </aside>`;
}

const dated = () => (staff.askedAt.value ? clockText(staff.askedAt.value, staff.zone.value) : "");

function List({ name, all, row }) {
  return html`<section class="list ${name}" aria-labelledby=${`${name}-title`}>
    <h2 id=${`${name}-title`}>${t(`desk.list_${name}`)}<span>${all.length || ""}</span></h2>
    ${all.length ? html`<ul class="card">${all.map((one) => html`<${row} key=${one.id ?? one.device} one=${one} />`)}</ul>`
      : html`<p class="quiet-words">${t(`desk.none_${name}`)}</p>`}
  </section>`;
}

function since(at) {
  const minutes = Math.floor((now.value - Date.parse(at)) / 60_000);
  return minutes > 0 ? t("desk.since", { n: minutes }) : t("desk.just_now");
}

const WantedRow = ({ one }) => html`<li><b>${one.name}</b><small>${since(one.at)}</small>
  <button type="button" class="key" onClick=${() => desk.answerAlarm({ kind: "wanted", ...one })}>${t("desk.i_go")}</button></li>`;

const UnprintedRow = ({ one }) => html`<li>
  <button type="button" class="opens" onClick=${() => desk.inWork("look", () => desk.openStory(one.ticket))}><b class="number">${one.number}</b>
    <small>${one.device_name} · ${reason(one)}</small></button>
  <button type="button" class="key" onClick=${() => again(one)}>${t("desk.act_reprint")}</button>
  <button type="button" class="key plain" onClick=${() => desk.dismiss(one)}>${t("desk.dismiss")}</button></li>`;

const REASONS = ["offline", "paper_out", "cover_open", "refused", "timeout", "not_found", "unconfirmed", "unprintable", "late"];
function reason(one) {
  if (one.status === "pending") return t("desk.reason_silent");
  return t(`desk.reason_${REASONS.includes(one.reason) ? one.reason : "unknown"}`);
}

// On the printer chosen for new numbers; where that is the one that failed, on another.
function again(one) {
  const other = desk.printers.value.find((at) => at.id !== one.device);
  const device = desk.printer.value && desk.printer.value.id !== one.device ? desk.printer.value : (other ?? desk.printer.value);
  if (device) desk.reprint({ id: one.ticket, number: one.number }, device.id, true);
  else staff.tell("amber", t("desk.no_printer_known"));
}

const GuidedRow = ({ one }) => html`<li class=${one.status === "called" ? "is-called" : ""}>
  <button type="button" class="opens" onClick=${() => desk.inWork("look", () => desk.openStory(one.id))}><b class="number">${one.number}</b>
    <small>${standing(one)}</small></button></li>`;
