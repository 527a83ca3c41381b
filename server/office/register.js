// What should be in the hall (应进必进): the figure, decisions and signatures, each unit, every matter, the daily check.
import { dayText } from "web/clock.js";
import { language, t } from "web/texts.js";
import { html, Key, Tag } from "web/ui.js";
import * as staff from "web/staff.js";
import { is, open } from "./shell.js";
import { Dialogs } from "./register_dialogs.js";
import { Check, Figures, Units, Waiting } from "./register_parts.js";
import { ask, asked, isAll, more, openDialog, overview, page, refresh } from "./register_state.js";

const ENTRIES = ["in_hall", "pending", "consultation", "separate", "exempt"];
const COLOURS = { in_hall: "green", pending: "amber", consultation: "blue" };
const REVIEWS = { overdue: "red", soon: "amber", later: "" };
const kindOf = (unit) => overview.value.units.find((one) => one.id === unit)?.kind;

function Main() {
  const troubled = overview.value.checked?.count > 0;
  return html`<${Figures} /><${Waiting} />${troubled && html`<${Check} />`}<${Units} /><${Matters} />${!troubled && html`<${Check} />`}<${Dialogs} />`;
}

function Matters() {
  const { matters, after } = page.value;
  return html`<section aria-labelledby="matters"><h2 id="matters">${t("register.matters")}</h2><${Tools} />
    ${matters.length === 0 ? html`<p class="notice">${t("register.none_found")}</p>` : html`<div class="sheet-frame" tabindex="0" role="region" aria-labelledby="matters"><table class="sheet">
      <thead><tr>${["matter", "entry", "where", "record"].map((name) => html`<th scope="col" key=${name}>${t(`register.${name}`)}</th>`)}<th></th></tr></thead>
      <tbody>${matters.map((one) => html`<${Row} one=${one} key=${one.id} />`)}</tbody></table></div>`}
    ${after && (isAll() ? html`<p class="quiet-words">${t("register.narrow")}</p>` : html`<p><${Key} onPress=${more}>${t("register.more")}<//></p>`)}</section>`;
}

function Tools() {
  const { text, unit, entry } = asked.value;
  const file = (form) => `/api/v1${staff.path(`register/matters?${new URLSearchParams({ form, language: language.value, ...(unit && { unit }), ...(entry && { entry }), ...(text && { text }) })}`)}`;
  return html`<div class="toolbar"><label class="field grows">${t("register.search")}<input type="search" maxlength="80" value=${text} onInput=${(event) => ask({ text: event.target.value })} /></label>
    ${overview.value.units.length > 1 && html`<label class="field">${t("register.unit")}<select value=${unit} onChange=${(event) => ask({ unit: event.target.value })}>
      <option value="">${t("register.every_unit")}</option>${overview.value.units.map((one) => html`<option value=${one.id} key=${one.id}>${one.name}</option>`)}</select></label>`}
    <label class="field">${t("register.entry")}<select value=${entry} onChange=${(event) => ask({ entry: event.target.value })}>
      <option value="">${t("register.every_entry")}</option>${ENTRIES.map((one) => html`<option value=${one} key=${one}>${t(`register.entry_${one}`)}</option>`)}</select></label>
    ${["csv", "xlsx"].map((form) => html`<a class="key" key=${form} href=${file(form)} download>${t(`register.${form}`)}</a>`)}</div>`;
}

function Row({ one }) {
  return html`<tr><th scope="row">${one.name}<small>${one.unit_name}</small></th>
    <td><${Tag} kind=${COLOURS[one.entry] ?? ""}>${t(`register.entry_${one.entry}`)}<//></td>
    <td>${one.line_name}<small>${one.windows.length ? t("register.windows", { windows: one.windows.join(language.value === "en" ? ", " : "、") }) : t("register.no_windows")}</small></td>
    <td><${Record} one=${one} /></td><td class="acts"><${Acts} one=${one} /></td></tr>`;
}

function Record({ one: { exemption, consultation } }) {
  if (exemption?.status === "approved") return html`${t("register.document", { number: exemption.document_number, day: dayText(exemption.decided_on) })}
    <small><${Tag} kind=${REVIEWS[exemption.review]}>${t(`register.review_${exemption.review}`, { day: dayText(exemption.review_due) })}<//></small>`;
  if (exemption?.status === "proposed") return t("register.proposed_wait");
  if (consultation?.status === "open") return t("register.consultation_open");
  if (exemption?.status === "rejected") return html`<span class="quiet-words">${t("register.rejected", { reason: exemption.rejected_because })}</span>`;
  if (exemption?.status === "ended") return html`<span class="quiet-words">${t("register.ended", { reason: exemption.ended_because })}</span>`;
  return consultation?.status === "signed" ? t("register.consultation_signed") : "";
}

/** What this person may do with a matter as it stands; the server decides in the end. */
function ways({ entry, exemption, unit }) {
  const approved = exemption?.status === "approved";
  const found = [];
  if (is("government") && approved) found.push("review", "end");
  if (is("supervisor", "system_admin") && entry !== "in_hall" && entry !== "consultation") found.push("enter");
  if (is("supervisor") && entry === "pending" && kindOf(unit) !== "local") found.push("consult");
  if (is("unit_head", "supervisor", "system_admin") && !approved && exemption?.status !== "proposed") found.push("propose");
  return found;
}

function Acts({ one }) {
  const given = { matter: one.id, id: one.exemption?.id, title: one.name, kind: "exempt", replaces: one.exemption?.status === "approved" ? one.exemption.document_number : null };
  return ways(one).map((name) => html`<${Key} kind="quiet" key=${name} aria-label=${`${t(`register.do_${name}`)} ${one.name}`} onPress=${() => openDialog(name, given)}>${t(`register.do_${name}`)}<//>`);
}

await open({ title: "register.title", domains: ["register"], refresh, ready: () => overview.value !== null && page.value !== null, Main });
