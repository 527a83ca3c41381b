// A booking behind its code: what was booked, the code to check in with, and the ways to change or give it back.
import { signal } from "@preact/signals";
import { t } from "web/texts.js";
import { Dialog, html, Key, Notice } from "web/ui.js";
import { booking, busy, cancel, checkIn, desk, done, go, ticket } from "./booking_state.js";

const asking = signal(false);

export function Booking() {
  const own = booking.value;
  const live = own.status === "booked";
  const title = live && done.value !== "changed" ? (done.value === "made" ? "booking.made" : "booking.title_own") : `booking.is_${live ? "changed" : own.status}`;
  return html`<div class="question"><h1 tabindex="-1" class=${done.value && live ? "good" : ""}>${t(title)}</h1></div>
    ${ticket.value && html`<section class="given"><p>${t("booking.given")}</p><b class="number">${ticket.value.number}</b></section>`}
    <dl class="card rows">
      <div><dt>${t("booking.line")}</dt><dd>${own.line_name}</dd></div>
      <div><dt>${t("booking.time")}</dt><dd>${own.day_text}<br />${own.starts}–${own.ends}</dd></div>
      ${live && html`<div><dt>${t("booking.check_in")}</dt><dd>${own.check_in_from}–${own.check_in_until}</dd></div>`}
      ${own.tail && html`<div><dt>${t("booking.tail")}</dt><dd>${own.tail}</dd></div>`}
    </dl>
    ${live ? html`<${Code} own=${own} /><${Ways} own=${own} />` : html`<${Over} own=${own} />`}
    ${asking.value && html`<${Ask} own=${own} />`}`;
}

const Code = ({ own }) => html`<section class="code">
  <img src=${own.qr} alt=${t("booking.qr")} width="216" height="216" /><p>${t("booking.how")}</p>
  <p class="letters" translate="no"><span class="unseen">${t("booking.code")}</span>${own.code}</p></section>`;

function Ways({ own }) {
  return html`<div class="ways">
    ${desk() && html`<${Key} kind="primary" busy=${busy.value} onPress=${checkIn}>${t("booking.check_in_now")}<//>`}
    <${Key} onPress=${() => go({ code: own.code, change: "yes", line: own.line })}>${t("booking.change")}<//>
    <${Key} class="print" onPress=${() => print()}>${t("booking.print")}<//>
    <${Key} kind="danger" onPress=${() => (asking.value = true)}>${t("booking.cancel")}<//></div>
    <p class="quiet-words small">${t("booking.keep")}</p>`;
}

const Over = ({ own }) => html`${!ticket.value && html`<${Notice} kind=${own.status === "no_show" ? "amber" : "blue"}>${t(`booking.after_${own.status}`)}<//>`}
  <div class="ways"><${Key} kind="primary" onPress=${() => go({})}>${t("booking.another")}<//></div>`;

function Ask({ own }) {
  const close = () => (asking.value = false);
  const yes = () => {
    close();
    cancel();
  };
  return html`<${Dialog} title=${t("booking.cancel_title")} onClose=${close}>
    <p>${own.day_text} ${own.starts} · ${own.line_name}</p>
    <div class="keys"><${Key} kind="danger" onPress=${yes}>${t("booking.cancel_yes")}<//>
    <${Key} kind="quiet" onPress=${close}>${t("booking.cancel_no")}<//></div><//>`;
}
