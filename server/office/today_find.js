// A number looked up, and what the supervisor does with it for a reason: send it elsewhere, cancel it, reinstate it.
import { signal } from "@preact/signals";
import { t } from "web/texts.js";
import { html, Key } from "web/ui.js";
import * as staff from "web/staff.js";
import { Refused } from "./shell.js";
import { Reason, Way } from "./today_fields.js";
import { act, close, dialog, lineName, mayAct, openDialog, shown, time, windowName } from "./today_state.js";

const typed = signal("");

async function find(event) {
  event.preventDefault();
  const number = typed.value.trim().toUpperCase();
  if (!number) return;
  const answer = await staff.get(`tickets?number=${encodeURIComponent(number)}`).catch((error) => staff.tell("amber", error.message));
  if (!answer) return;
  if (!answer.tickets.length) return staff.tell("amber", t("today.find_none", { number }));
  openDialog("ticket", { ticket: answer.tickets[0], reason: "" });
  typed.value = "";
}

export function Find() {
  return html`<form class="find grows" role="search" onSubmit=${find}><label class="field"><span class="unseen">${t("today.find")}</span>
    <input type="search" placeholder=${t("today.find")} autocomplete="off" maxlength="12" value=${typed.value} onInput=${(event) => (typed.value = event.target.value)} /></label>
    <button type="submit" class="key">${t("today.find_do")}</button></form>`;
}

const MOVES = { waiting: ["move", "cancel_ticket"], called: ["cancel_ticket"], held: ["cancel_ticket"], no_show: ["reinstate"] };

export function TicketWay() {
  const { ticket, reason, move } = dialog.value;
  const moves = mayAct() ? (MOVES[ticket.status] ?? []) : [];
  const about = { line: lineName(ticket.line), time: time(ticket.issued_at), status: t(`today.status_${ticket.status}`) };
  return html`<${Way} title=${t("today.ticket_title", { number: ticket.number })}><p>${t("today.ticket_about", about)}</p>
    ${moves.length === 0 && html`<p class="quiet-words">${t("today.no_acts")}</p>`}
    ${moves.length > 0 && html`<form class="form" onSubmit=${(event) => done(event)}>
      <fieldset class="choices"><legend class="unseen">${t("today.act")}</legend>${moves.map((one) => html`<label key=${one}>
        <input type="radio" name="move" required checked=${move === one} onChange=${() => (dialog.value = { ...dialog.value, move: one })} />${t(`today.${one}`)}</label>`)}</fieldset>
      ${move === "move" && html`<${Target} ticket=${ticket} />`}
      <${Reason} value=${reason} />
      <${Refused} /><div class="keys"><button type="submit" class="key primary">${t("today.ok")}</button><${Key} kind="quiet" onPress=${close}>${t("today.dismiss")}<//></div></form>`}
    ${moves.length === 0 && html`<div class="keys"><${Key} kind="primary" onPress=${close}>${t("today.dismiss")}<//></div>`}<//>`;
}

function Target({ ticket }) {
  const { to } = dialog.value;
  const there = shown.value.windows.filter((one) => one.status !== "closed");
  return html`<label class="field">${t("today.target")}<select required value=${to ?? ""} onChange=${(event) => (dialog.value = { ...dialog.value, to: event.target.value })}>
    <option value="">${t("office.choose")}</option>
    <optgroup label=${t("today.by_lines")}>${shown.value.lines.filter((one) => one.id !== ticket.line).map((one) => html`<option value=${`line ${one.id}`} key=${one.id}>${one.name}</option>`)}</optgroup>
    <optgroup label=${t("today.by_windows")}>${there.map((one) => html`<option value=${`window ${one.id}`} key=${one.id}>${windowName(one.name)}</option>`)}</optgroup></select></label>`;
}

async function done(event) {
  event.preventDefault();
  const { ticket, reason, move, to = "" } = dialog.value;
  const path = `tickets/${ticket.id}`;
  if (move === "move") return act(`${path}/transfer`, { [to.split(" ")[0]]: to.slice(to.indexOf(" ") + 1), reason });
  return act(`${path}/${move === "reinstate" ? "reinstate" : "cancel"}`, { reason });
}
