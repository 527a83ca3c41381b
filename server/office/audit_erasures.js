// Erasing what is personal: the supervisor asks, a security administrator erases, the auditor looks.
import { signal } from "@preact/signals";
import { t } from "web/texts.js";
import { Dialog, html, Key, Notice } from "web/ui.js";
import * as staff from "web/staff.js";
import { momentText } from "./audit_words.js";
import { is, Refused } from "./shell.js";

export const erasures = signal(null);
const KINDS = ["ticket", "booking", "case"];
const asking = signal(null); // its kind, while one is asked for
const doing = signal(null);

export function Erasures() {
  return html`<div class="section-head"><p class="quiet-words">${t("audit.erasures_words")}</p>
      ${is("supervisor") && html`<${Key} kind="primary" onPress=${() => (asking.value = "ticket")}>${t("audit.ask")}<//>`}</div>
    ${erasures.value.length ? html`<div class="sheet-frame" tabindex="0" role="group" aria-label=${t("audit.erasures")}><table class="sheet"><thead><tr>${["what", "reason", "asked_column", "done"].map((name) => html`
      <th scope="col" key=${name}>${t(`audit.${name}`)}</th>`)}</tr></thead><tbody>${erasures.value.map((one) => html`<${Row} one=${one} key=${one.id} />`)}</tbody></table></div>`
      : html`<${Notice}>${t("audit.no_erasures")}<//>`}
    ${asking.value && html`<${Asking} />`}${doing.value && html`<${Doing} one=${doing.value} />`}`;
}

function Row({ one }) {
  const by = (name, at) => html`<span>${name}</span><small>${momentText(at)}</small>`;
  return html`<tr><th scope="row">${t(`audit.of_${one.what}`)}<small>${one.named}</small></th><td class="detail">${one.reason}</td><td>${by(one.asked_by, one.asked_at)}</td>
    <td>${one.done_at ? by(one.done_by, one.done_at) : is("security_admin")
      ? html`<${Key} kind="danger" aria-label=${`${t("audit.do")} ${one.named}`} onPress=${() => (doing.value = one)}>${t("audit.do")}<//>` : html`<span class="tag amber"><span aria-hidden="true">▲</span> ${t("audit.waiting")}</span>`}</td></tr>`;
}

async function ask(event) {
  event.preventDefault();
  const { named, day, reason } = Object.fromEntries(new FormData(event.target));
  const body = { what: asking.value, named: named.trim(), reason: reason.trim(), ...(day && { day }) };
  if (await staff.send("erasures", body)) {
    asking.value = null;
    staff.tell("green", t("audit.asked"));
  }
}

function Asking() {
  const close = () => (asking.value = null);
  const { value: what } = asking;
  return html`<${Dialog} title=${t("audit.ask")} onClose=${close}><form class="form" onSubmit=${ask}>
    <fieldset class="kinds"><legend>${t("audit.what")}</legend>${KINDS.map((kind) => html`<label key=${kind}><input type="radio" name="what" checked=${kind === what} onChange=${() => (asking.value = kind)} /> ${t(`audit.of_${kind}`)}</label>`)}</fieldset>
    <div class="pair"><label class="field">${t(what === "ticket" ? "audit.number" : "audit.code")}<input name="named" required maxlength="40" autocomplete="off" /></label>
      ${what === "ticket" && html`<label class="field">${t("audit.day")}<input type="date" name="day" required defaultValue=${staff.catalogue.value.day} max=${staff.catalogue.value.day} /></label>`}</div>
    <label class="field">${t("audit.reason")}<textarea name="reason" required maxlength="200" rows="2"></textarea><small>${t("audit.reason_hint")}</small></label>
    <${Refused} /><div class="keys"><button type="submit" class="key primary">${t("audit.send")}</button><${Key} kind="quiet" onPress=${close}>${t("audit.back")}<//></div></form><//>`;
}

function Doing({ one }) {
  const close = () => (doing.value = null);
  async function erase() {
    close();
    if (await staff.send(`erasures/${one.id}/do`)) staff.tell("green", t("audit.erased"));
  }
  return html`<${Dialog} title=${t("audit.do_title", { named: one.named })} onClose=${close}><p>${one.reason}</p><p>${t("audit.do_words")}</p>
    <div class="keys"><${Key} kind="danger" onPress=${erase}>${t("audit.do")}<//><${Key} kind="quiet" onPress=${close}>${t("audit.back")}<//></div><//>`;
}
