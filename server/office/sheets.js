// Day and month sheets: the figures in all, a chart of the day or month, every line, unit and window; files and print.
import { computed, signal } from "@preact/signals";
import { api } from "web/api.js";
import { momentText } from "web/clock.js";
import { language, t } from "web/texts.js";
import { html, Key } from "web/ui.js";
import * as staff from "web/staff.js";
import { serverNow } from "web/live.js";
import { open } from "./shell.js";
import { Chart } from "./sheets_chart.js";
import { COUNTS, dayText, HOW_LONG } from "./sheets_words.js";

const AGAIN = 60_000; // ms after which the figures of a day that is not over are asked for again
const A_MONTH = 30_000; // ms that a busy server may take over a month of a hundred thousand numbers
const asked = new URLSearchParams(location.search);
const chosen = signal(asked.has("month") ? { kind: "month", value: asked.get("month") } : { kind: "day", value: asked.get("day") });
const sheet = signal(null);
const today = computed(() => staff.catalogue.value?.day);
let read = { of: null, at: -Infinity };

const address = () => {
  const { kind, value } = chosen.value;
  return `sheets/${kind}/${value ?? today.value}?language=${language.value}`;
};

async function refresh() {
  const of = address();
  const fresh = sheet.value && !sheet.value.so_far ? Infinity : AGAIN;
  if (read.of === of && performance.now() - read.at < fresh) return;
  read = { of, at: performance.now() };
  try {
    const found = await api.get(staff.path(of), { timeout: A_MONTH });
    if (address() === of) sheet.value = found;
  } catch (error) {
    read.of = null;
    throw error;
  }
}

function choose(kind, value) {
  if (!value) return;
  chosen.value = { kind, value };
  history.replaceState(null, "", `?${new URLSearchParams({ language: language.value, [kind]: value })}`);
  staff.refreshSoon(0);
}

/** A day or month so many further on. */
function moved({ kind, value }, by) {
  const at = new Date(`${value ?? today.value}${kind === "month" ? "-01" : ""}T00:00:00Z`);
  if (kind === "month") at.setUTCMonth(at.getUTCMonth() + by);
  else at.setUTCDate(at.getUTCDate() + by);
  return at.toISOString().slice(0, kind === "month" ? 7 : 10);
}

const lastOf = (kind) => (kind === "month" ? today.value.slice(0, 7) : today.value);

function Main() {
  const { kind } = chosen.value;
  const { value: shown } = sheet;
  return html`<${Choice} /><article aria-labelledby="sheet">
    <${Heading} kind=${kind} />
    ${shown.total.issued === 0 ? html`<p class="notice">${t(kind === "day" ? "sheets.nothing" : "sheets.nothing_month")}</p>` : html`
      <${Totals} total=${shown.total} />
      <${Chart} kind=${shown.day ? "day" : "month"} times=${shown.times} />
      <${Table} part="lines" first="line" rows=${shown.lines} />
      <${Table} part="units" first="unit" rows=${shown.units} />
      <${Table} part="windows" first="window" rows=${shown.windows} />
      <${Table} part="times" first=${shown.day ? "hour" : "date"} rows=${shown.times} />`}
    <${Root} /><${Means} /><${Signed} /></article>`;
}

function Choice() {
  const { kind, value } = chosen.value;
  const now = value ?? today.value;
  const later = moved(chosen.value, 1);
  return html`<div class="toolbar choice">
    <div class="switch" role="group" aria-label=${t("sheets.title")}>${["day", "month"].map((one) => html`<button type="button" key=${one} aria-pressed=${one === kind}
      onClick=${() => one !== kind && choose(one, one === "month" ? now.slice(0, 7) : lastOf("day") < `${now}-31` ? lastOf("day") : `${now}-01`)}>${t(`sheets.${one}`)}</button>`)}</div>
    <${Key} onPress=${() => choose(kind, moved(chosen.value, -1))}>${t(`sheets.earlier_${kind}`)}<//>
    <label class="field"><span class="unseen">${t(`sheets.choose_${kind}`)}</span><input type=${kind === "month" ? "month" : "date"} value=${now} max=${lastOf(kind)}
      onChange=${(event) => event.target.value <= lastOf(kind) && choose(kind, event.target.value)} /></label>
    <${Key} disabled=${later > lastOf(kind)} onPress=${() => choose(kind, later)}>${t(`sheets.later_${kind}`)}<//>
    <span class="grows"></span>
    ${["csv", "xlsx"].map((form) => html`<a class="key" key=${form} href=${`/api/v1${staff.path(address())}&form=${form}`} download>${t(`sheets.${form}`)}</a>`)}
    <${Key} kind="primary" onPress=${() => window.print()}>${t("sheets.print")}<//></div>`;
}

function Heading({ kind }) {
  const { value: shown } = sheet;
  const own = staff.session.value.role === "unit_head";
  const words = t(kind === "day" ? "sheets.so_far_words" : "sheets.so_far_month");
  return html`<header class="heading"><p class="quiet-words on-paper">${shown.hall}</p>
    <h2 id="sheet">${dayText(shown.day ?? shown.month)} <span class=${`tag ${shown.so_far ? "amber" : "green"}`}>${shown.so_far ? t("sheets.so_far") : t(shown.day ? "sheets.closing" : "sheets.month")}</span></h2>
    <p class="quiet-words">${shown.so_far && words} ${own && t("sheets.unit_only")}</p></header>`;
}

function Totals({ total }) {
  const one = (name, value, kind = "") => html`<div class=${`total ${kind}`} key=${name}><dt>${t(`sheets.${name}`)}</dt><dd class="number">${value}</dd></div>`;
  const counts = COUNTS.filter((name) => name !== "unfinished" || sheet.value.so_far);
  return html`<dl class="totals">${counts.map((name) => one(name, total[name].toLocaleString(language.value), name === "issued" || name === "served" ? "main" : ""))}</dl>
    <dl class="totals waits">${HOW_LONG.map(([name, key, told]) => one(name, told(total[key]), name === "mean_wait" ? "main" : ""))}</dl>`;
}

function Table({ part, first, rows }) {
  const counts = COUNTS.filter((name) => (name !== "unfinished" || sheet.value.so_far) && (name !== "issued" || part !== "windows"));
  const name = (row) => (part === "times" ? (row.at.length > 5 ? dayText(row.at, "short") : row.at) : row.id === null ? t("sheets.no_unit") : part === "windows" ? t("sheets.window_name", { name: row.name }) : row.name);
  if (rows.length === 0) return null;
  return html`<section aria-labelledby=${`by-${part}`}><h3 id=${`by-${part}`}>${t(`sheets.${part}`)}</h3>
    <div class="sheet-frame" tabindex="0" role="region" aria-labelledby=${`by-${part}`}><table class="sheet"><thead><tr><th scope="col">${t(`sheets.${first}`)}</th>
      ${counts.map((key) => html`<th scope="col" class="figures" key=${key}>${t(`sheets.${key}`)}</th>`)}
      ${HOW_LONG.map(([key]) => html`<th scope="col" class="figures" key=${key}>${t(`sheets.${key}`)}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row.id ?? row.at}><th scope="row">${name(row)}</th>
      ${counts.map((key) => html`<td class=${`figures ${row[key] ? "" : "zero"}`} key=${key}>${row[key]}</td>`)}
      ${HOW_LONG.map(([key, of, told]) => html`<td class="figures" key=${key}>${told(row[of])}</td>`)}</tr>`)}</tbody></table></div></section>`;
}

function Root() {
  const { value: shown } = sheet;
  if (!shown.day) return null;
  return html`<section class="root" aria-labelledby="root"><h3 id="root">${t("sheets.root")}</h3>
    ${shown.root ? html`<p><code>${shown.root.hash}</code></p><p class="quiet-words">${t("sheets.root_words", { seq: shown.root.seq })}</p>` : html`<p class="quiet-words">${t(shown.so_far ? "sheets.root_none" : "sheets.root_gone")}</p>`}</section>`;
}

const MEANS = [
  ["means_issued", "issued"], ["means_served", "served"], ["means_missed", "missed"], ["means_cancelled", "cancelled"], ["means_expired", "expired"],
  ["means_unfinished", "unfinished"], ["means_called", "called"], ["means_wait", "mean_wait"], ["means_p90", "p90_wait"], ["means_within", "within_15"], ["means_service", "mean_service"], ["means_unit", "unit"],
];

function Means() {
  return html`<details class="means"><summary>${t("sheets.means")}</summary><dl>${MEANS.map(([words, name]) => html`
    <div key=${words}><dt>${t(`sheets.${name}`)}</dt><dd>${t(`sheets.${words}`)}</dd></div>`)}</dl></details>`;
}

// On paper alone: when it was printed, and where the supervisor signs.
function Signed() {
  const at = momentText(serverNow(), staff.zone.value);
  return html`<footer class="on-paper signed"><p>${t("sheets.printed", { at })}</p><p>${t("sheets.responsible")} <span></span></p></footer>`;
}

await open({ title: "sheets.title", domains: ["sheets"], refresh, ready: () => sheet.value !== null, Main });
