// Importing a CSV or XLSX file: first only looked at; then what it would change, or every mistake; then done for a reason.
import { requestId } from "web/api.js";
import { language, t } from "web/texts.js";
import { Dialog, html, Key, Notice } from "web/ui.js";
import * as staff from "web/staff.js";
import { busy, close, dialog, post, set } from "./catalogue_draft.js";
import { Changes, Facts, Reason, Refused } from "./catalogue_shown.js";
import { fileOf, nameIn } from "./catalogue_state.js";
import { differences, sideOf } from "./catalogue_words.js";

const A_WHILE = { timeout: 60_000 }; // a file of thousands of rows

async function choose(event) {
  const [file] = event.target.files;
  event.target.value = ""; // the same file, mended, may be chosen again
  if (!file) return;
  set({ file: new File([await file.arrayBuffer()], file.name, { type: file.type }), found: null, mistakes: null, refused: null });
  await look();
}

function formOf(more) {
  const form = new FormData();
  for (const [key, value] of Object.entries({ language: language.value, request_id: requestId(), ...more })) form.append(key, value);
  form.append("file", dialog.value.file);
  return form;
}

const send = (more) => post(`import/${dialog.value.part}`, formOf(more), A_WHILE);

async function look() {
  const found = await send({ check: "true", reason: t("catalogue.only_looked") });
  if (found) set({ found });
}

async function take(event) {
  event.preventDefault();
  if (busy.value) return;
  const done = await send({ check: "false", reason: dialog.value.reason.trim() });
  if (!done) return;
  close();
  staff.tell("green", t("catalogue.imported", done));
}

export function ImportDialog() {
  const { part, file, found, mistakes } = dialog.value;
  return html`<${Dialog} title=${t(`catalogue.import_${part}`)} onClose=${close} class="broad"><form class="form" onSubmit=${take}>
    <p>${t("catalogue.import_words")} <a href=${fileOf("xlsx")} download>${t("catalogue.template")}</a></p>
    <label class="file key ${file ? "" : "primary"}"><input type="file" accept=".csv,.xlsx" aria-label=${t("catalogue.choose_file")} onChange=${choose} />${t(file ? "catalogue.other_file" : "catalogue.choose_file")}</label>
    ${file && html`<p class="chosen-file" role="status"><b>${file.name}</b> ${busy.value ? t("catalogue.looking") : ""}</p>`}
    ${mistakes && html`<${Mistakes} ...${mistakes} />`}
    ${found && html`<${Found} ...${found} />`}${!found && html`<${Refused} />`}
    <div class="keys last">${found && found.added + found.changed > 0 && html`<button type="submit" class="key primary" aria-busy=${busy.value ? "true" : undefined}>${t("catalogue.do_import", { n: found.added + found.changed })}</button>`}
      <${Key} kind="quiet" onPress=${close}>${t("catalogue.cancel")}<//></div></form><//>`;
}

function Found({ added, changed, same, changes }) {
  const one = (name, n) => html`<div class="sum" key=${name}><dt>${t(`catalogue.count_${name}`)}</dt><dd class="number">${n}</dd></div>`;
  if (added + changed === 0) return html`<${Notice}>${t("catalogue.import_nothing", { n: same })}<//>`;
  return html`<dl class="sums">${one("added", added)}${one("changed", changed)}${one("same", same)}</dl>
    <div class="found" tabindex="0" role="region" aria-label=${t("catalogue.will_change")}>${changes.filter(({ id }) => id).map((change) => html`<section key=${change.id}>
      <h3>${nameIn(change.name)} <small><code>${change.id}</code></small> <span class=${`tag ${change.kind === "changed" ? "blue" : "green"}`}>${t(`catalogue.kind_of_change_${change.kind}`)}</span></h3>
      ${change.kind !== "changed" ? html`<${Facts} value=${sideOf(change, 1)} />` : html`<${Changes} changes=${differences(sideOf(change, 0), sideOf(change, 1))} />`}</section>`)}
      ${added + changed > changes.length && html`<p class="quiet-words">${t("catalogue.and_more", { n: added + changed - changes.length })}</p>`}</div>
    <${Reason} /><${Refused} />`;
}

const COLUMNS = ["row", "column", "found", "expected"];
const Mistakes = ({ count, mistakes }) => html`<${Notice} kind="red"><strong>${t("catalogue.mistakes", { n: count })}</strong> ${t("catalogue.mistakes_words")}<//>
  <div class="sheet-frame found" tabindex="0" role="region" aria-label=${t("catalogue.mistakes", { n: count })}><table class="sheet"><thead><tr>${COLUMNS.map((name) => html`<th scope="col" key=${name} class=${name === "row" ? "figures" : ""}>${t(`catalogue.mistake_${name}`)}</th>`)}</tr></thead>
    <tbody>${mistakes.map(({ row, column, value, expected }, place) => html`<tr key=${place}><th scope="row" class="figures">${row}</th><td>${column}</td><td>${value === null || value === "" ? html`<span class="quiet-words">${t("catalogue.empty")}</span>` : html`<q>${String(value)}</q>`}</td><td>${expected}</td></tr>`)}</tbody></table></div>`;
