// The windows as tiles in the hall's own order: state by shape, colour and word, the number there, and for how long.
import { durationText } from "web/clock.js";
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import { isIdle, isLate, openDialog, secondsSince, shown, time } from "./today_state.js";

const MANY = 24; // from then on the tiles are smaller, so that the lines stay in sight

export function Windows() {
  const { windows } = shown.value;
  return html`<section aria-labelledby="windows"><h2 id="windows">${t("today.windows")}</h2>
    <ul class=${`tiles ${windows.length > MANY ? "many" : ""}`}>${windows.map((one) => html`<${Tile} one=${one} key=${one.id} />`)}</ul></section>`;
}

function Tile({ one }) {
  const lent = one.lines.some((line) => line.until);
  return html`<li><button type="button" class=${`tile ${one.ticket?.status ?? one.status} ${isIdle(one) ? "idle" : ""}`} data-window=${one.id} onClick=${() => openDialog("window", { id: one.id })}>
    <span class="name number">${one.name}${lent && html`<span class="tag blue">${t("today.lent")}</span>`}</span>
    <strong class="number">${one.ticket?.number ?? t(`today.state_${one.status}`)}</strong>
    <small class="number">${stateWords(one)}</small></button></li>`;
}

/** How long it has been so, or what comes next. */
export function stateWords(one) {
  const passed = durationText(secondsSince(one.since));
  if (one.closing) return t(`today.leaves_${one.closing}`);
  if (one.ticket) return t(`today.${one.ticket.status}`, { time: passed });
  if (one.status === "paused") return one.until ? t(isLate(one) ? "today.late_back" : "today.back_at", { time: time(one.until) }) : t("today.paused_for", { time: passed });
  return one.status === "open" ? t("today.idle_for", { time: passed }) : t("today.not_open");
}
