// A part in words: each of its fields as a fact to read, and what a change makes of them, before and after.
import { dayText } from "web/clock.js";
import { language, t } from "web/texts.js";
import { categoryName, LANGUAGES, listed, nameIn, nameOf } from "./catalogue_state.js";

const label = (field) => t(`catalogue.field_${field}`);
const one = (text) => (value, field) => [[field, label(field), value === null || value === undefined ? "" : text(value, field)]];
const plain = one(String);
const yes = one((value) => t(value ? "catalogue.yes" : "catalogue.no"));
const choice = one((value, field) => t(`catalogue.${field}_${value}`));
const named = (part) => one((id) => nameOf(part, id));
const lines = (texts) => texts.join("\n");

/** 中国 of CN; a part of a country as its code says it. */
const countryName = (code) => new Intl.DisplayNames(language.value, { type: "region" }).of(code.slice(0, 2)) + code.slice(2);

/** Each language of a text is a fact of its own. */
function names(value, field, said = label(field)) {
  if (typeof value === "string") return [[field, said, value]];
  const codes = new Set([...LANGUAGES.map(([code]) => code), ...Object.keys(value ?? {})]);
  return [...codes].map((code) => [`${field}.${code}`, t("catalogue.in_language", { what: said, language: languageName(code) }), value?.[code] ?? ""]);
}

const languageName = (code) => Object.fromEntries(LANGUAGES)[code] ?? code;
const both = (text) => LANGUAGES.map(([code]) => text[code]).filter(Boolean).join(" / ");
const spans = one((value) => listed(value.map((span) => span.replace("-", "–"))));
const days = one((value) => listed(value.map(dayText)));
const within = (kinds) => (value, field) => Object.entries(kinds).flatMap(([key, kind]) => kind(value?.[key], key).map(([at, ...rest]) => [`${field}.${at}`, ...rest]));
const GUIDE = ["handled_by", "conditions", "basis", "fee", "fee_basis", "time_limit", "complaints"];

/** [[rank, [line, …]], …], the best first. */
export const byRank = (ranks) => [...new Set(Object.values(ranks))].sort((a, b) => a - b).map((rank) => [rank, Object.keys(ranks).filter((line) => ranks[line] === rank)]);

export function rankedText(ranks) {
  return lines(byRank(ranks).map(([rank, ids]) => t("catalogue.ranked", { rank, lines: listed(ids.map((id) => nameOf("lines", id))) })));
}

function booking(value, field) {
  return [[field, label(field), value ? t("catalogue.booking_words", { minutes: value.slot_minutes, n: value.capacity, days: value.days_ahead }) : ""]];
}

const route = one((value) => (value.any_order ? t("catalogue.route_any", { lines: listed(value.lines.map((id) => nameOf("lines", id))) }) : value.lines.map((id) => nameOf("lines", id)).join(" → ")));
const papers = one((value) => lines(value.map((text, at) => `${at + 1}. ${both(text)}`)));
const slotQuotas = one((value) => lines(value.map(({ span, numbers }) => t("catalogue.slot_quota", { span: span.replace("-", "–"), n: numbers }))));

/** The name of each set is a fact, and each of its categories: its names, and what took its place. */
function categorySets(value) {
  return (value ?? []).flatMap((set) => [
    [`category_sets.${set.id}`, t("catalogue.version_of", { id: set.id }), both(set.name)],
    ...set.categories.map(({ id, name, maps_to: to }) => [`category_sets.${set.id}.${id}`, t("catalogue.category_of", { set: nameIn(set.name) || set.id, id }), `${both(name)}${to ? ` → ${categoryName(to, value)}` : ""}`]),
  ]);
}

const RULES = {
  amber_wait_minutes: plain, red_wait_minutes: plain, no_show_calls: plain, no_show_seconds: plain, no_show_seconds_priority: plain,
  automatic_no_show: yes, reinstate_policy: choice, reinstate_within_minutes: plain, reinstate_after: plain, undo_seconds: plain, rating: choice,
};

// In the order in which they are read.
const KINDS = {
  name: names, clerk: plain, unit: named("units"), line: named("lines"), window: named("windows"), zone: named("zones"), kind: choice, floor: plain, prefix: plain,
  category: one((id) => categoryName(id)), entry: choice, common: yes, lines: one(rankedText), from_day: one(dayText), to_day: one(dayText), papers, route, guide: within(Object.fromEntries(GUIDE.map((key) => [key, names]))),
  issuing: spans, calling: spans, calendar: within({ holidays: one((code) => t("catalogue.by_holidays", { country: countryName(code) })), closed: days, open: days }), daily_quota: plain, slot_quotas: slotQuotas, capacity_quota: plain, booking, remote_share: plain,
  batch_limit: plain, identity: choice, agent_limit: plain, guide_line: named("lines"), complaint_line: named("lines"), rules: within(RULES), category_sets: categorySets,
};

/** [[key, label, text]] of a part, or of as much of it as is given; a field that is not set has the text "". */
export const facts = (value) => Object.keys(KINDS).filter((field) => field in value).flatMap((field) => KINDS[field](value[field], field));

/** What would read differently: [{key, label, before, after}]. */
export function differences(before, after) {
  const [was, is] = [facts(before ?? {}), facts(after ?? {})];
  const old = new Map(was.map(([key, , text]) => [key, text]));
  const now = new Set(is.map(([key]) => key));
  const changed = is.filter(([key, , text]) => (old.get(key) ?? "") !== text).map(([key, said, text]) => ({ key, label: said, before: old.get(key) ?? "", after: text }));
  return [...changed, ...was.filter(([key, , text]) => text && !now.has(key)).map(([key, said, text]) => ({ key, label: said, before: text, after: "" }))];
}

/** One side of a change that the server tells: 0 before, 1 after. */
export const sideOf = ({ fields }, at) => Object.fromEntries(Object.entries(fields).map(([field, pair]) => [field, pair[at]]));

/** What the field at a path such as "guide.fee.en" or "papers.1" is called. */
export function labelAt(path, value) {
  const [first] = path.split(".");
  const found = facts(value).find(([key]) => key === path || path.startsWith(`${key}.`) || key.startsWith(`${path}.`));
  return found?.[1] ?? (first === "category_sets" ? t("catalogue.group_categories") : first in KINDS || first === "id" ? label(first) : path);
}
