// What the dialogs of the hall today are built of: a frame, a reason, a time, a choice.
import { t } from "web/texts.js";
import { Dialog, html } from "web/ui.js";
import { close, dialog, shown, windowName } from "./today_state.js";

const REASONS = ["system", "network", "equipment", "staff"];
const CLERKS = ["break", "lunch"]; // what the clerk's page says of a pause

/** A reason as people say it: one of the hall's list by its words, any other as it was written. */
export const reasonWords = (reason) => ([...REASONS, ...CLERKS].includes(reason) ? t(`today.reason_${reason}`) : reason);

export const set = (change) => (dialog.value = { ...dialog.value, ...change });

export const Way = ({ title, children }) => html`<${Dialog} title=${title} onClose=${close}>${children}<//>`;

export const Reason = ({ value }) => html`<label class="field">${t("today.reason")}<small>${t("today.reason_hint")}</small>
  <input required maxlength="200" value=${value ?? ""} onInput=${(event) => set({ reason: event.target.value })} /></label>`;

/** A reason of the hall's list, or one in words: boards and kiosks say it. */
export function ListedReason() {
  const { reason = "system", own = false } = dialog.value;
  return html`<label class="field">${t("today.reason")}<select value=${own ? "own" : reason} onChange=${(event) => set(event.target.value === "own" ? { own: true, reason: "" } : { own: false, reason: event.target.value })}>
      ${[...REASONS, "own"].map((one) => html`<option value=${one} key=${one}>${t(`today.reason_${one}`)}</option>`)}</select></label>
    ${own && html`<label class="field">${t("today.reason_words")}<input required maxlength="60" value=${reason} onInput=${(event) => set({ reason: event.target.value })} /></label>`}`;
}

export const Until = ({ value, hint = "" }) => html`<label class="field">${t("today.until")}${hint && html`<small>${hint}</small>`}
  <input type="time" required value=${value} onInput=${(event) => set({ until: event.target.value })} /></label>`;

export const Choice = ({ label, name, value, options }) => html`<label class="field">${label}<select required value=${value ?? ""} onChange=${(event) => set({ [name]: event.target.value })}>
  ${!value && html`<option value="">${t("office.choose")}</option>`}${options.map(([key, said]) => html`<option value=${key} key=${key}>${said}</option>`)}</select></label>`;

/** Windows that may take a line over, the idle ones first: [[id, words]]. */
export function takers(line, besides) {
  const rank = (one) => (one.status === "open" ? (one.ticket ? 1 : 0) : one.status === "paused" ? 2 : 3);
  const able = shown.value.windows.filter((one) => one.id !== besides && !one.lines.some((served) => served.id === line));
  return able.sort((one, other) => rank(one) - rank(other)).map((one) => [one.id, `${windowName(one.name)} · ${t(`today.state_${one.status}`) === t("today.state_open") && one.ticket ? one.ticket.number : t(`today.state_${one.status}`)}`]);
}
