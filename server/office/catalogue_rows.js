// Lists in the draft: spans and days, papers, a route, the ranked lines of a window, quotas, the categories of a set.
import { useState } from "preact/hooks";
import { dayText } from "web/clock.js";
import { t } from "web/texts.js";
import { html, Key } from "web/ui.js";
import { asId, at, dialog, put } from "./catalogue_draft.js";
import { Choice, Group, Names, Out, Text, Whole } from "./catalogue_fields.js";
import { LANGUAGES, layout, nameIn, nameOf } from "./catalogue_state.js";

const without = (list, place) => list.filter((_, index) => index !== place);
const wrongAt = (path) => Object.entries(dialog.value.wrong).find(([one]) => one === path || one.startsWith(`${path}.`))?.[1];
const Wrong = ({ path }) => wrongAt(path) && html`<p class="wrong" data-field=${path}>${wrongAt(path)}</p>`;

/** From when until when; the server's "08:00-16:30". */
function Span({ value, onSet, what }) {
  const [from = "", until = ""] = value.split("-");
  const time = (now, words, made) => html`<label><span class="unseen">${`${what} ${words}`}</span><input type="time" required value=${now} onInput=${(event) => onSet(made(event.target.value))} /></label>`;
  return html`<span class="span">${time(from, t("catalogue.from"), (typed) => `${typed}-${until}`)}<span aria-hidden="true">–</span>${time(until, t("catalogue.until"), (typed) => `${from}-${typed}`)}</span>`;
}

export function Spans({ path, hint }) {
  const spans = at(path) ?? [];
  const what = t(`catalogue.field_${path}`);
  return html`<${Group} title=${what} hint=${hint}><ul class="rows">${spans.map((span, place) => html`<li key=${place}>
      <${Span} value=${span} what=${`${what} ${place + 1}`} onSet=${(made) => put(`${path}.${place}`, made)} />
      <${Out} what=${span} onPress=${() => put(path, without(spans, place))} /></li>`)}</ul><${Wrong} path=${path} />
    <div><${Key} onPress=${() => put(path, [...spans, "-"])}>${t("catalogue.add_span")}<//></div><//>`;
}

export function Days({ path, hint }) {
  const [day, setDay] = useState("");
  const days = at(path) ?? [];
  const add = () => {
    if (day && !days.includes(day)) put(path, [...days, day].sort());
    setDay("");
  };
  const enter = (event) => event.key === "Enter" && (event.preventDefault(), add());
  return html`<${Group} title=${t(`catalogue.field_${path.split(".").at(-1)}`)} hint=${hint}>
    <ul class="chips">${days.map((one) => html`<li key=${one}>${dayText(one)}<${Out} what=${dayText(one)} onPress=${() => put(path, days.filter((other) => other !== one))} /></li>`)}</ul><${Wrong} path=${path} />
    <div class="adds"><label class="field"><span class="unseen">${t("catalogue.add_day")}</span><input type="date" value=${day} onInput=${(event) => setDay(event.target.value)} onKeyDown=${enter} /></label><${Key} onPress=${add}>${t("catalogue.add_day")}<//></div><//>`;
}

export function Papers() {
  const papers = at("papers");
  const swap = (place) => put("papers", papers.map((one, index) => (index === place ? papers[place - 1] : index === place - 1 ? papers[place] : one)));
  return html`<${Group} title=${t("catalogue.field_papers")} hint=${t("catalogue.papers_hint")}><ol class="rows">${papers.map((paper, place) => html`<li key=${place}><b class="number">${place + 1}</b>
      <${Names} path=${`papers.${place}`} label=${t("catalogue.paper")} />
      <${Key} kind="quiet" disabled=${place === 0} aria-label=${t("catalogue.earlier", { what: nameIn(paper) })} onPress=${() => swap(place)}>↑<//>
      <${Out} what=${nameIn(paper) || place + 1} onPress=${() => put("papers", without(papers, place))} /></li>`)}</ol>
    <div><${Key} onPress=${() => put("papers", [...papers, { "zh-CN": "" }])}>${t("catalogue.add_paper")}<//></div><//>`;
}

const linesBesides = (taken) => layout.value.lines.filter((line) => !taken.includes(line.id)).map((line) => [line.id, `${line.prefix} ${nameIn(line.name)}`]);

/** A choice, and the key that puts what is chosen at the end of a list. */
function Adder({ label, options, onAdd }) {
  const [chosen, choose] = useState("");
  const add = () => chosen && (onAdd(chosen), choose(""));
  if (options.length === 0) return null;
  return html`<div class="adds"><label class="field grows">${label}<select value=${chosen} onChange=${(event) => choose(event.target.value)}>
    <option value="">${t("office.choose")}</option>${options.map(([value, words]) => html`<option value=${value} key=${value}>${words}</option>`)}</select></label><${Key} onPress=${add}>${t("catalogue.add")}<//></div>`;
}

const Line = ({ id }) => html`<span class="line-name"><b class="number">${layout.value.lines.find((one) => one.id === id)?.prefix}</b> ${nameOf("lines", id)}</span>`;

export function Route() {
  const route = at("route") ?? { lines: [], any_order: false };
  const setLines = (lines) => put("route", lines.length ? { ...route, lines } : null);
  return html`<${Group} title=${t("catalogue.field_route")} hint=${t("catalogue.route_hint")}><ol class="rows">${route.lines.map((id, place) => html`<li key=${`${id} ${place}`}><b class="number">${place + 1}</b><${Line} id=${id} />
      <${Out} what=${nameOf("lines", id)} onPress=${() => setLines(without(route.lines, place))} /></li>`)}</ol><${Wrong} path="route" />
    <${Adder} label=${t("catalogue.add_leg")} options=${linesBesides([])} onAdd=${(id) => setLines([...route.lines, id])} />
    ${route.lines.length > 1 && html`<label class="tick"><input type="checkbox" checked=${route.any_order} onChange=${(event) => put("route.any_order", event.target.checked)} /><span>${t("catalogue.any_order")}</span></label>`}<//>`;
}

/** The lines of a window, the best rank first; lines of one rank are called by who has waited longest. */
export function Ranks() {
  const ranks = at("lines");
  const rankOf = (id, rank) => put("lines", { ...ranks, [id]: Math.min(9, Math.max(1, rank)) });
  const sorted = Object.keys(ranks).sort((one, other) => ranks[one] - ranks[other]);
  const last = Math.max(1, ...Object.values(ranks));
  return html`<${Group} title=${t("catalogue.field_lines")} hint=${t("catalogue.ranks_hint")}><ul class="rows ranks">${sorted.map((id) => html`<li key=${id}>
      <${Rank} what=${nameOf("lines", id)} value=${ranks[id]} onSet=${(rank) => rankOf(id, rank)} /><${Line} id=${id} />
      <${Out} what=${nameOf("lines", id)} onPress=${() => put("lines", Object.fromEntries(Object.entries(ranks).filter(([other]) => other !== id)))} /></li>`)}</ul><${Wrong} path="lines" />
    <${Adder} label=${t("catalogue.add_line")} options=${linesBesides(sorted)} onAdd=${(id) => rankOf(id, last)} /><//>`;
}

function Rank({ what, value, onSet }) {
  return html`<span class="number-field"><button type="button" aria-label=${t("catalogue.sooner", { what })} disabled=${value <= 1} onClick=${() => onSet(value - 1)}>−</button>
    <input type="number" inputmode="numeric" aria-label=${t("catalogue.rank_of", { what })} min="1" max="9" value=${value} onChange=${(event) => Number.isInteger(event.target.valueAsNumber) && onSet(event.target.valueAsNumber)} />
    <button type="button" aria-label=${t("catalogue.later", { what })} disabled=${value >= 9} onClick=${() => onSet(value + 1)}>+</button></span>`;
}

export function SlotQuotas() {
  const quotas = at("slot_quotas");
  const what = t("catalogue.field_slot_quotas");
  return html`<${Group} title=${what} hint=${t("catalogue.slot_quotas_hint")}><ul class="rows">${quotas.map(({ span }, place) => html`<li key=${place}>
      <${Span} value=${span} what=${`${what} ${place + 1}`} onSet=${(made) => put(`slot_quotas.${place}.span`, made)} /><${Whole} path=${`slot_quotas.${place}.numbers`} label=${t("catalogue.numbers")} required />
      <${Out} what=${span} onPress=${() => put("slot_quotas", without(quotas, place))} /></li>`)}</ul><${Wrong} path="slot_quotas" />
    <div><${Key} onPress=${() => put("slot_quotas", [...quotas, { span: "-", numbers: null }])}>${t("catalogue.add_span")}<//></div><//>`;
}

/** The categories of one set; those of every other set may be what took a category's place. */
export function Categories({ path }) {
  const categories = at(`${path}.categories`);
  const successors = at("category_sets").filter((one) => one !== at(path)).flatMap((one) => one.categories.map(({ id, name }) => [id, t("catalogue.of_set", { name: nameIn(name), set: nameIn(one.name) || one.id })]));
  const kept = dialog.value.before.category_sets[path.split(".")[1]]?.categories.length ?? 0; // these stand in matters: they keep their ids
  const add = () => put(`${path}.categories`, [...categories, { id: "", name: Object.fromEntries(LANGUAGES.map(([code]) => [code, ""])), maps_to: null }]);
  return html`<${Group} title=${t("catalogue.categories_of")} hint=${t("catalogue.categories_hint")}><ul class="rows categories">${categories.map((one, place) => html`<li key=${place}>
      <${Names} path=${`${path}.categories.${place}.name`} label=${t("catalogue.category")} />
      <div class="pair"><${Text} path=${`${path}.categories.${place}.id`} label=${t("catalogue.field_id")} max=40 required pattern="[a-z0-9][a-z0-9\\-]*" disabled=${place < kept} onType=${(where, typed) => put(where, asId(typed))} />
        ${successors.length > 0 && html`<${Choice} path=${`${path}.categories.${place}.maps_to`} label=${t("catalogue.maps_to")} none=${t("catalogue.maps_to_none")} options=${successors} />`}</div>
      ${place >= kept && html`<${Out} what=${nameIn(one.name) || one.id} onPress=${() => put(`${path}.categories`, without(categories, place))} />`}</li>`)}</ul>
    <div><${Key} onPress=${add}>${t("catalogue.add_category")}<//></div><//>`;
}
