// What every dialog of the catalogue shows alike: what is set, what would change, why, and why the server would not.
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "web/texts.js";
import { html, Key, Notice } from "web/ui.js";
import { dialog, set, takeNew } from "./catalogue_draft.js";
import { facts } from "./catalogue_words.js";

/** Everything that is set, to read. */
export const Facts = ({ value }) => html`<dl class="facts">${facts(value).filter(([, , text]) => text).map(([key, label, text]) => html`<div key=${key}><dt>${label}</dt><dd>${text}</dd></div>`)}</dl>`;

/** What a change does, each field before and after. */
export const Changes = ({ changes }) => html`<dl class="changes">${changes.map(({ key, label, before, after }) => html`<div key=${key}><dt>${label}</dt>
  ${before ? html`<dd class="before"><span class="unseen">${t("catalogue.before")}</span>${before}</dd>` : html`<dd class="before none">${t("catalogue.unset")}</dd>`}
  <dd class="arrow" aria-hidden="true">→</dd>${after ? html`<dd class="after"><span class="unseen">${t("catalogue.after")}</span>${after}</dd>` : html`<dd class="after none">${t("catalogue.unset")}</dd>`}</div>`)}</dl>`;

const MOST = 12;

/** Why the server would not do it, one reason a line; after another's change their version is one key away. */
export function Refused() {
  const { refused, name } = dialog.value;
  const own = useRef(null);
  useLayoutEffect(() => own.current?.scrollIntoView({ block: "nearest" }), [refused]);
  if (!refused) return null;
  const { lead, words, moved } = refused;
  return html`<div class="refused" ref=${own}><${Notice} kind="red"><strong>${t(name === "import" ? "catalogue.refused_import" : "catalogue.refused")}</strong>${lead && html`<p>${lead}</p>`}
    ${words.length > 0 && html`<ul>${words.slice(0, MOST).map((one) => html`<li key=${one}>${one}</li>`)}${words.length > MOST && html`<li>${t("catalogue.and_more", { n: words.length - MOST })}</li>`}</ul>`}
    ${moved && html`<${Key} onPress=${takeNew}>${t("catalogue.show_new")}<//>`}<//></div>`;
}

const REASONS = ["list", "mistake", "order", "unit", "windows"];

/** Why, in one line; the commonest reasons are one key each. */
export function Reason() {
  const { reason, wrong, theirs } = dialog.value;
  const own = useRef(null);
  useLayoutEffect(() => own.current.focus(), [theirs]);
  return html`<div class="why"><label class="field">${t("catalogue.reason")}<input ref=${own} required maxlength="200" autocomplete="off" value=${reason} aria-invalid=${wrong.reason ? "true" : undefined} onInput=${(event) => set({ reason: event.target.value })} />
      <small>${t("catalogue.reason_hint")}</small>${wrong.reason && html`<span class="wrong">${wrong.reason}</span>`}</label>
    <div class="chips" role="group" aria-label=${t("catalogue.reasons")}>${REASONS.map((one) => html`<${Key} kind="quiet" key=${one} onPress=${() => (set({ reason: t(`catalogue.reason_${one}`) }), own.current.focus())}>${t(`catalogue.reason_${one}`)}<//>`)}</div></div>`;
}
