// Fields of the draft: each shows what stands at its path, writes what is typed, and says what the server found wrong.
import { t } from "web/texts.js";
import { html, Key } from "web/ui.js";
import { at, dialog, put } from "./catalogue_draft.js";
import { LANGUAGES } from "./catalogue_state.js";

const known = (path) => dialog.value.wrong[path];
const flawed = (path) => (known(path) ? "true" : undefined);
const said = (path, label) => label ?? t(`catalogue.field_${path.split(".").at(-1)}`);

/** A label over what is filled in, a hint below it, and what was wrong with it. */
export const Field = ({ path, label, hint, children }) => html`<label class="field" data-field=${path}>${said(path, label)}${children}${hint && html`<small>${hint}</small>`}
  ${known(path) && html`<span class="wrong">${known(path)}</span>`}</label>`;

export function Text({ path, label, hint, max = 80, rows, onType, ...rest }) {
  const given = { maxlength: max, value: at(path) ?? "", "aria-invalid": flawed(path), onInput: (event) => (onType ?? put)(path, event.target.value), ...rest };
  return html`<${Field} path=${path} label=${label} hint=${hint}>${rows ? html`<textarea rows=${rows} ...${given}></textarea>` : html`<input autocomplete="off" ...${given} />`}<//>`;
}

/** A text for each language; the hall's own is needed. */
export function Names({ path, label, hint, max = 80, rows, optional = false, onType }) {
  const what = said(path, label);
  return html`<div class="pair">${LANGUAGES.map(([code, own], place) => html`<${Text} key=${code} path=${`${path}.${code}`} lang=${code} rows=${rows} max=${max} onType=${onType}
    label=${t("catalogue.in_language", { what, language: own })} hint=${place === 0 ? hint : undefined} required=${place === 0 && !optional} />`)}</div>`;
}

/** options: [[value, words]]; `none`: what is offered for nothing at all. */
export function Choice({ path, label, hint, options, none, required = false }) {
  const now = at(path) ?? "";
  return html`<${Field} path=${path} label=${label} hint=${hint}><select value=${now} required=${required} aria-invalid=${flawed(path)} onChange=${(event) => put(path, event.target.value || null)}>
    ${none !== undefined && html`<option value="">${none}</option>`}${required && !now && html`<option value="">${t("office.choose")}</option>`}
    ${options.map(([value, words]) => html`<option value=${value} key=${value}>${words}</option>`)}</select><//>`;
}

/** A whole number; empty for none where it is not required. */
export function Whole({ path, label, hint, least = 1, most = 9999, required = false }) {
  return html`<${Field} path=${path} label=${label} hint=${hint}><input type="number" inputmode="numeric" min=${least} max=${most} required=${required} value=${at(path) ?? ""} aria-invalid=${flawed(path)}
    onInput=${(event) => put(path, event.target.value === "" ? null : event.target.valueAsNumber)} /><//>`;
}

export const Day = ({ path, hint, required = false, min }) => html`<${Field} path=${path} hint=${hint}><input type="date" required=${required} min=${min} value=${at(path) ?? ""} aria-invalid=${flawed(path)}
  onInput=${(event) => put(path, event.target.value || null)} /><//>`;

export const Tick = ({ path, label, hint, checked = at(path), onTick = (on) => put(path, on) }) => html`<label class="tick" data-field=${path}><input type="checkbox" checked=${checked} onChange=${(event) => onTick(event.target.checked)} />
  <span>${said(path, label)}${hint && html`<small>${hint}</small>`}</span></label>`;

/** Fields that belong together, with a heading. */
export const Group = ({ title, hint, children }) => html`<fieldset class="group"><legend>${title}</legend>${hint && html`<p class="quiet-words">${hint}</p>`}${children}</fieldset>`;

/** Fields that few need, folded away; `count` of them are filled in. One that is wrong unfolds them. */
export function Folded({ title, count, paths = [], children }) {
  const wrong = paths.some((path) => Object.keys(dialog.value.wrong).some((one) => one.startsWith(path)));
  return html`<details class="folded" open=${wrong || undefined}><summary>${title} ${count > 0 && html`<span class="tag">${t("catalogue.filled", { n: count })}</span>`}</summary><div class="form">${children}</div></details>`;
}

/** The key that takes a row out of a list. */
export const Out = ({ what, onPress }) => html`<${Key} kind="quiet" class="out" aria-label=${t("catalogue.take_out", { what })} onPress=${onPress}>×<//>`;
