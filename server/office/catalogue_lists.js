// The lists of the catalogue: what is searched for, a row a part in the columns of its kind, a page of them at a time.
import { dayText } from "web/clock.js";
import { t } from "web/texts.js";
import { html, Key, Notice, Tag } from "web/ui.js";
import * as staff from "web/staff.js";
import { openEdit, openImport, openNew, openView } from "./catalogue_draft.js";
import { ask, asked, categoryName, choose, fileOf, firstShown, goBack, goOn, layout, listed, may, nameIn, nameOf, page, part, titleOf, windowName, windowsOf } from "./catalogue_state.js";
import { byRank } from "./catalogue_words.js";
import { is } from "./shell.js";

export function List() {
  return html`<section aria-labelledby="list"><div class="section-head"><h2 id="list">${t(`catalogue.view_${part.value}`)}</h2><${Acts} /></div><${Tools} />
    ${page.value?.part === part.value ? html`<${Rows} />` : html`<${Notice}>${t("office.loading")}<//>`}</section>`;
}

function Acts() {
  const { value: of } = part;
  return html`<div class="keys">${["csv", "xlsx"].map((form) => html`<a class="key" key=${form} href=${fileOf(form)} download>${t(`catalogue.${form}`)}</a>`)}
    ${is("system_admin") && html`<${Key} onPress=${() => openImport(of)}>${t("catalogue.import")}<//>`}
    ${may(of) && html`<${Key} kind="primary" onPress=${() => openNew(of)}>${t(`catalogue.new_${of}`)}<//>`}</div>`;
}

const OF_UNITS = ["matters", "assignments"];

function Tools() {
  const { text, unit, line, state } = asked.value;
  const { value: of } = part;
  const filter = (key, value, what) => html`<label class="field">${t(`catalogue.field_${key}`)}<select value=${value} onChange=${(event) => ask({ [key]: event.target.value })}>
    <option value="">${t("catalogue.every")}</option>${what.map((one) => html`<option value=${one.id} key=${one.id}>${nameIn(one.name)}</option>`)}</select></label>`;
  return html`<div class="toolbar"><label class="field grows">${t("catalogue.search")}<input type="search" maxlength="80" placeholder=${t(`catalogue.search_${of === "matters" || of === "assignments" ? of : "others"}`)} value=${text} onInput=${(event) => ask({ text: event.target.value })} /></label>
    ${OF_UNITS.includes(of) && filter("unit", unit, layout.value.units)}${of === "matters" && filter("line", line, layout.value.lines)}
    <label class="field">${t("catalogue.state")}<select value=${state} onChange=${(event) => ask({ state: event.target.value })}>${["open", "closed"].map((one) => html`<option value=${one} key=${one}>${t(`catalogue.state_${one}`)}</option>`)}</select></label></div>`;
}

function Rows() {
  const { parts, total, after } = page.value;
  const { value: of } = part;
  if (parts.length === 0) return html`<${Notice}>${t(whyNone())}<//>`;
  const columns = COLUMNS[of];
  const first = firstShown();
  return html`<div class="sheet-frame" tabindex="0" role="region" aria-labelledby="list"><table class=${`sheet ${of}`}><thead><tr>${Object.keys(columns).map((name) => html`<th scope="col" key=${name}>${t(`catalogue.column_${name}`)}</th>`)}<th><span class="unseen">${t("catalogue.acts")}</span></th></tr></thead>
      <tbody>${parts.map((one) => html`<tr key=${one.value.id} data-id=${one.value.id} class=${one.closed ? "off" : ""}>${Object.entries(columns).map(([name, Cell], place) => (place === 0 ? html`<th scope="row" key=${name}>${Cell(one.value)}</th>` : html`<td key=${name}>${Cell(one.value)}</td>`))}
        <td class="acts"><${RowActs} one=${one} /></td></tr>`)}</tbody></table></div>
    <div class="pages"><p class="quiet-words">${t("catalogue.shown", { from: first, to: first + parts.length - 1, n: total })}</p>
      ${(first > 1 || after) && html`<div class="keys"><${Key} disabled=${first === 1} onPress=${goBack}>${t("catalogue.earlier_page")}<//><${Key} disabled=${!after} onPress=${goOn}>${t("catalogue.later_page")}<//></div>`}</div>`;
}

function whyNone() {
  const { state, text, unit, line } = asked.value;
  if (state === "closed") return "catalogue.none_closed";
  return text.trim() || unit || line ? "catalogue.none_found" : "catalogue.none_yet";
}

function RowActs({ one }) {
  const { value: of } = part;
  const name = titleOf(of, one.value);
  const [words, act] = !may(of) ? ["do_view", openView] : one.closed ? ["do_reopen", openEdit] : ["do_edit", openEdit];
  return html`<${Key} kind="quiet" aria-label=${`${t(`catalogue.${words}`)} ${name}`} onPress=${() => act(of, one)}>${t(`catalogue.${words}`)}<//>`;
}

const Id = ({ id }) => html`<small><code>${id}</code></small>`;
const Named = ({ id, name }) => html`${nameIn(name)}<${Id} id=${id} />`;
const COLOURS = { in_hall: "green", pending: "amber", consultation: "blue" };
const windows = (line) => listed(windowsOf(line).map((one) => one.name));

const COLUMNS = {
  matters: {
    matter: Named,
    unit: ({ unit }) => nameOf("units", unit),
    line: ({ line }) => html`${nameOf("lines", line)}<small>${windows(line) ? t("catalogue.windows", { windows: windows(line) }) : t("catalogue.no_window")}</small>`,
    category: ({ category }) => categoryName(category),
    entry: ({ entry }) => html`<${Tag} kind=${COLOURS[entry] ?? ""}>${t(`catalogue.entry_${entry}`)}<//>`,
  },
  lines: {
    line: ({ id, name, prefix, common }) => html`<span class="prefixed"><b class="number prefix">${prefix}</b><span>${nameIn(name)} ${common && html`<${Tag} kind="blue">${t("catalogue.common_short")}<//>`}<${Id} id=${id} /></span></span>`,
    windows: ({ id }) => windows(id) || html`<${Tag} kind="amber">${t("catalogue.no_window")}<//>`,
    hours: ({ issuing }) => (issuing ? listed(issuing.map((span) => span.replace("-", "–"))) : html`<span class="quiet-words">${t("catalogue.as_hall")}</span>`),
    limits: (line) => html`<ul class="limits">${limits(line).map((words) => html`<li key=${words}>${words}</li>`)}</ul>`,
  },
  windows: {
    window: ({ id, name }) => html`<b class="number sign">${name}</b><${Id} id=${id} />`,
    zone: ({ zone }) => nameOf("zones", zone),
    lines: ({ lines }) => html`<ol class="ranked">${byRank(lines).map(([rank, ids]) => html`<li key=${rank}><b class="number">${rank}</b> ${listed(ids.map((id) => nameOf("lines", id)))}</li>`)}</ol>`,
  },
  units: {
    unit: Named,
    kind: ({ kind }) => html`<${Tag} kind=${kind === "local" ? "" : "blue"}>${t(`catalogue.kind_${kind}`)}<//>`,
    matters: ({ id, name }) => html`<${Key} kind="quiet" aria-label=${`${t("catalogue.its_matters")} ${nameIn(name)}`} onPress=${() => choose("matters", { unit: id })}>${t("catalogue.its_matters")}<//>`,
  },
  zones: {
    zone: Named,
    floor: ({ floor }) => t("catalogue.floor_n", { n: floor }),
    windows: ({ id }) => listed(layout.value.windows.filter((one) => one.zone === id).map((one) => one.name)) || "–",
  },
  assignments: {
    clerk: ({ clerk }) => html`<span class="number">${clerk}</span>`,
    window: ({ window }) => (window ? windowName(layout.value.windows.find((one) => one.id === window)?.name ?? window) : t("catalogue.any_window")),
    unit: ({ unit }) => (unit ? nameOf("units", unit) : t("catalogue.center")),
    days: ({ from_day: from, to_day: to }) => (to ? t("catalogue.from_to", { from: dayText(from), to: dayText(to) }) : t("catalogue.from_on", { from: dayText(from) })),
    now: (one) => html`<${Tag} kind=${{ now: "green", later: "blue" }[when(one)] ?? ""}>${t(`catalogue.when_${when(one)}`)}<//>`,
  },
};

function when({ from_day: from, to_day: to }) {
  const today = staff.catalogue.value.day;
  return from > today ? "later" : to && to < today ? "over" : "now";
}

function limits({ daily_quota: quota, slot_quotas: slots, capacity_quota: capacity, booking, remote_share: remote, batch_limit: batch, identity }) {
  return [
    quota && t("catalogue.short_quota", { n: quota }), slots.length > 0 && t("catalogue.short_slots"), capacity && t("catalogue.short_capacity", { n: capacity }), booking && t("catalogue.short_booking"),
    remote > 0 && t("catalogue.short_remote", { n: remote }), batch && t("catalogue.short_batch", { n: batch }), identity !== "none" && t("catalogue.short_identity"),
  ].filter(Boolean);
}
