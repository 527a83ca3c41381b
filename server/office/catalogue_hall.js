// What belongs to the whole hall: its hours and days, names and rules as cards; the sets of categories side by side.
import { t } from "web/texts.js";
import { html, Key, Tag } from "web/ui.js";
import * as staff from "web/staff.js";
import { openSettings } from "./catalogue_draft.js";
import { Facts } from "./catalogue_shown.js";
import { categoryName, latestSet, layout, may, nameIn, sets } from "./catalogue_state.js";

const Change = ({ what, onPress }) => may("settings") && html`<${Key} aria-label=${`${t("catalogue.do_edit")} ${what}`} onPress=${onPress}>${t("catalogue.do_edit")}<//>`;

function Card({ group, value, children }) {
  return html`<section class="card" aria-labelledby=${group}><div class="section-head"><h3 id=${group}>${t(`catalogue.group_${group}`)}</h3><${Change} what=${t(`catalogue.group_${group}`)} onPress=${() => openSettings(group)} /></div>
    ${children}<${Facts} value=${value} /></section>`;
}

export function Hours() {
  const { issuing, calling, calendar, name, guide_line, complaint_line, rules, time_zone: zone } = layout.value.settings;
  return html`<section aria-labelledby="hours-view"><h2 id="hours-view">${t("catalogue.view_hours")}</h2><div class="cards">
    <${Card} group="hours" value=${{}}><dl class="spans">${[["issuing", issuing], ["calling", calling]].map(([key, spans]) => html`<div key=${key}><dt>${t(`catalogue.field_${key}`)}</dt>${spans.map((span) => html`<dd class="number" key=${span}>${span.replace("-", "–")}</dd>`)}</div>`)}</dl><p class="quiet-words">${t("catalogue.zone", { zone })}</p><//>
    <${Card} group="calendar" value=${{ calendar }}>${!calendar.holidays && html`<p>${t("catalogue.every_day")}</p>`}<//>
    <${Card} group="hall" value=${{ name, guide_line, complaint_line }} /><${Card} group="rules" value=${{ rules }} /></div></section>`;
}

/** A new set begins as a copy of the latest, each of whose categories leads to its copy. */
function newSet() {
  const latest = latestSet();
  const year = staff.catalogue.value.day.slice(0, 4);
  const taken = new Set(sets().flatMap((one) => one.categories.map(({ id }) => id)));
  const copyId = (id) => [`${id.replace(/-\d{4}$/, "")}-${year}`, `${id}-${year}`].find((made) => !taken.has(made)) ?? `${id}-2`;
  const copied = (latest?.categories ?? []).map((one) => ({ ...one, id: copyId(one.id), maps_to: null }));
  const left = sets().map((one) => (one === latest ? { ...one, categories: one.categories.map((each, at) => ({ ...each, maps_to: each.maps_to ?? copied[at].id })) } : one));
  openSettings("categories", { category_sets: [...left, { id: year, name: { "zh-CN": "", en: "" }, categories: copied }] }, { index: sets().length, title: t("catalogue.new_set") });
}

export function Categories() {
  return html`<section aria-labelledby="categories-view"><div class="section-head"><h2 id="categories-view">${t("catalogue.view_categories")}</h2>
      ${may("settings") && html`<${Key} kind="primary" onPress=${newSet}>${t("catalogue.new_set")}<//>`}</div>
    <p class="quiet-words">${t("catalogue.sets_words")}</p>
    <div class="cards">${sets().map((one, index) => html`<${Set_} one=${one} index=${index} key=${one.id} />`).reverse()}</div></section>`;
}

function Set_({ one, index }) {
  const title = nameIn(one.name);
  return html`<section class="card" aria-labelledby=${`set-${one.id}`}><div class="section-head"><h3 id=${`set-${one.id}`}>${title} ${one === latestSet() ? html`<${Tag} kind="green">${t("catalogue.latest")}<//>` : html`<${Tag}>${t("catalogue.earlier_set")}<//>`}</h3>
      <${Change} what=${title} onPress=${() => openSettings("categories", {}, { index, title: `${t("catalogue.do_edit")} · ${title}` })} /></div>
    <ul class="mapping">${one.categories.map(({ id, name, maps_to: to }) => html`<li key=${id}><span>${nameIn(name)}<small><code>${id}</code></small></span>
      ${to ? html`<span class="to"><span aria-hidden="true">→</span><span class="unseen">${t("catalogue.maps_to")}</span> ${categoryName(to)}</span>` : one !== latestSet() && html`<span class="to quiet-words">${t("catalogue.maps_to_none")}</span>`}</li>`)}</ul></section>`;
}
