// The lines as bars against the amber and red marks: who waits longest now, and how long one who comes now may wait.
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import { level, names, openDialog, shown, waitOf, windowOf } from "./today_state.js";

const BEYOND = 1.4; // the bar goes on so far past the red mark

export function Lines() {
  const { waits: { amber_minutes: amber, red_minutes: red }, lines } = shown.value;
  const sorted = [...lines].sort((one, other) => waitOf(other) - waitOf(one) || other.waiting - one.waiting);
  return html`<section aria-labelledby="lines"><div class="section-head"><h2 id="lines">${t("today.lines")}</h2><p class="quiet-words">${t("today.marks", { amber, red })}</p></div>
    <ul class="lines">${sorted.map((line) => html`<${Line} line=${line} key=${line.id} />`)}</ul></section>`;
}

function Line({ line }) {
  const wait = waitOf(line);
  const opened = line.windows.filter((id) => windowOf(id)?.status === "open").map((id) => windowOf(id).name);
  const where = opened.length ? t("today.served_by", { names: names(opened) }) : t("today.no_window");
  return html`<li><button type="button" class="line" data-line=${line.id} onClick=${() => openDialog("line", { id: line.id })}>
    <strong>${line.name}${line.suspended && html` <span class="tag amber">${t("today.suspended_until", line.suspended)}</span>`}</strong>
    <span class="count number">${line.waiting ? t("today.n_waiting", { n: line.waiting }) : t("today.nobody")}</span>
    <${Bar} line=${line} wait=${wait} />
    <span class=${`wait number ${level(wait)}`}>${line.waits_since ? `${wait} ${t("today.minutes")}` : ""}</span>
    <span class="where">${where}</span></button></li>`;
}

function Bar({ line, wait }) {
  const { amber_minutes: amber, red_minutes: red } = shown.value.waits;
  const full = red * BEYOND;
  const at = (minutes) => `${Math.min(100, (minutes / full) * 100)}%`;
  const expected = line.expected_wait;
  return html`<svg class="bar" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
    <rect class="calm" x="0" y="4" height="12" width=${at(amber)} /><rect class="amber" x=${at(amber)} y="4" height="12" width=${at(red - amber)} />
    <rect class="red" x=${at(red)} y="4" height="12" width=${at(full - red)} />
    ${expected && html`<rect class="expected" x=${at(expected.low)} y="8" height="4" width=${at(Math.max(0.6, expected.high - expected.low))} />`}
    ${line.waits_since && html`<rect class="mark" x=${`${Math.min(98.6, (wait / full) * 100)}%`} y="0" height="20" width="1.4" />`}</svg>`;
}
