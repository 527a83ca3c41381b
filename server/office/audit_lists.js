// Events in words and the access log: each searched, read a page at a time, and taken as a file.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "web/texts.js";
import { Dialog, html, Key, Notice } from "web/ui.js";
import * as staff from "web/staff.js";
import { Files, known, listOf, momentText } from "./audit_words.js";

const events = listOf("audit/events", "events", "seq");
const lines = listOf("access-log", "lines", "id");
const whole = signal(null); // the event shown as it was written

const formOf = (event) => (event.preventDefault(), Object.fromEntries(new FormData(event.target)));

export function Events() {
  useEffect(() => void (events.rows.value ?? events.ask({ day: staff.catalogue.value.day })), []);
  return html`<form class="toolbar" onSubmit=${(event) => events.ask(formOf(event))}>
      <label class="field">${t("audit.day")}<input type="date" name="day" required defaultValue=${staff.catalogue.value.day} max=${staff.catalogue.value.day} /></label>
      <label class="field">${t("audit.number")}<input name="number" maxlength="12" size="8" /></label>
      <label class="field grows">${t("audit.type")}<input name="type" maxlength="40" placeholder="ticket.called" /></label>
      <label class="field grows">${t("audit.by")}<input name="by" maxlength="40" /></label>
      <${Ends} list=${events} /></form>
    <${Rows} list=${events} none="no_events" columns=${["row", "time", "what_happened", "number", "window", "by", ""]} Row=${EventRow} />
    ${whole.value && html`<${Dialog} title=${t("audit.whole_event_of", { seq: whole.value.seq })} onClose=${() => (whole.value = null)}>
      <pre class="body" tabindex="0">${JSON.stringify(JSON.parse(whole.value.body), null, 2)}</pre>
      <div class="keys"><${Key} kind="primary" onPress=${() => (whole.value = null)}>${t("audit.close")}<//></div><//>`}`;
}

function EventRow({ one }) {
  return html`<tr><th scope="row" class="figures">${one.seq.toLocaleString("en")}</th><td class="moment">${momentText(one.at)}</td><td>${one.text}<small><code>${one.type}</code></small></td>
    <td>${one.number}</td><td>${one.window}</td><td>${one.by}</td><td class="acts"><${Key} kind="bare" aria-label=${t("audit.whole_event_of", { seq: one.seq })} onPress=${() => (whole.value = one)}>${t("audit.whole_event")}<//></td></tr>`;
}

export function Log() {
  useEffect(() => void (lines.rows.value ?? lines.ask({})), []);
  const kinds = lines.extra.value.kinds ?? [];
  return html`<p class="quiet-words">${t("audit.log_words")}</p><form class="toolbar" onSubmit=${(event) => lines.ask(formOf(event))}>
      <label class="field">${t("audit.what")}<select name="what"><option value="">${t("audit.any")}</option><option value="account">${t("audit.what_account")}</option>${kinds.map((kind) => html`
        <option value=${kind} key=${kind}>${known(`audit.what_${kind}`, kind)}</option>`)}</select></label>
      <label class="field grows">${t("audit.actor")}<input name="actor" maxlength="40" /></label>
      <label class="field">${t("audit.since")}<input type="date" name="since" /></label><label class="field">${t("audit.until")}<input type="date" name="until" /></label>
      <${Ends} list=${lines} /></form>
    <${Rows} list=${lines} none="no_lines" columns=${["time", "what", "actor", "detail"]} Row=${LogRow} />`;
}

const rights = listOf("access-log", "lines", "id");
const ROLES = /\b(clerk|desk|unit_head|supervisor|system_admin|security_admin|auditor|government|leadership)\b/g;
// What was refused begins with its code: the reason is said in words, and what was written stands below it.
function Detail({ one: { what, detail } }) {
  const code = detail.split(" ")[0];
  const why = /refused$/.test(what) ? known(`audit.why_${code}`, "") : what === "verified" && /faults$/.test(detail) && t("audit.state_broken");
  if (why) return html`${why}<small><code>${detail}</code></small>`;
  if (what === "verified") return known(`audit.state_${detail}`, detail);
  return /^(account|token)_/.test(what) ? detail.replace(ROLES, (role) => t(`office.role_${role}`)) : detail;
}

/** Who was given which right, the last few: what a security administrator does is seen by the auditor without asking. */
export function Rights({ onAll }) {
  useEffect(() => void rights.ask({ what: "account", limit: 5 }), []);
  return html`<section aria-labelledby="rights"><div class="section-head"><h2 id="rights">${t("audit.rights")}</h2><p class="quiet-words">${t("audit.rights_words")}</p></div>
    <${Rows} list=${rights} none="rights_none" columns=${["time", "what", "actor", "detail"]} Row=${LogRow} goOn=${onAll} all="rights_all" /></section>`;
}

function LogRow({ one }) {
  return html`<tr><td class="moment">${momentText(one.at)}</td><th scope="row">${known(`audit.what_${one.what}`, one.what)}</th>
    <td>${one.name ?? one.actor ?? html`<span class="quiet-words">${t("audit.nobody")}</span>`}${one.role && html`<small>${known(`office.role_${one.role}`, one.role)}</small>`}</td><td class="detail"><${Detail} one=${one} /></td></tr>`;
}

const Ends = ({ list }) => html`<button type="submit" class="key primary">${t("audit.search")}</button><${Files} list=${list} />`;

function Rows({ list, none, columns, Row, goOn = list.goOn, all = "more" }) {
  const { value: rows } = list.rows;
  if (rows === null) return html`<${Notice}>${t("office.loading")}<//>`;
  if (!rows.length) return html`<${Notice}>${t(`audit.${none}`)}<//>`;
  return html`<div class="sheet-frame" tabindex="0" role="group" aria-label=${t("audit.found")}><table class="sheet"><thead><tr>${columns.map((name) => html`<th scope="col" key=${name} class=${name === "row" ? "figures" : ""}>${name ? t(`audit.${name}`) : html`<span class="unseen">${t("audit.whole_event")}</span>`}</th>`)}</tr></thead>
    <tbody>${rows.map((one) => html`<${Row} one=${one} key=${one.seq ?? one.id} />`)}</tbody></table></div>
    ${list.more.value && html`<${Key} kind="quiet" onPress=${goOn}>${t(`audit.${all}`)}<//>`}`;
}
