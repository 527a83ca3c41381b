// Who is set aside at my window or by me, why, when they come back, and the key that takes them back.
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import * as job from "./job.js";
import { keepFocus } from "./keyboard.js";
import { named } from "./keymap.js";
import { heldFor } from "./marks.js";
import * as truth from "./truth.js";

export function Held() {
  const held = truth.held.value;
  if (!held.length) return null;
  return html`<section class="aside-list" aria-labelledby="held-title">
    <div class="title"><h2 id="held-title">${t("caller.held_mine", { n: held.length })}</h2></div>
    <ul class="card held">${held.map((ticket, place) => html`<li key=${ticket.id}>
      <b class="number">${ticket.number}</b><span class="line">${heldFor(ticket)}</span>
      <button type="button" class="key plain take-back" onMouseDown=${keepFocus} onClick=${() => takeBack(place)}
        aria-disabled=${truth.cutOff.value || truth.ticket.value ? "true" : undefined}>
        <span>${t("caller.take_back")}<span class="unseen"> ${ticket.number}</span></span><kbd>${named(t, "take_back")}${held.length > 1 && place < 9 ? ` ${place + 1}` : ""}</kbd></button>
    </li>`)}</ul></section>`;
}

function takeBack(place) {
  job.inTurn((pressedAt) => job.press("take_back", pressedAt));
  if (truth.held.value.length > 1) job.inTurn((pressedAt) => job.answer(String(place + 1), pressedAt));
}
