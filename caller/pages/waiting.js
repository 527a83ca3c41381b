// Who waits for my window, longest first, each wait marked by colour and word; dated while the page is cut off.
import { clockText, now } from "web/clock.js";
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import * as truth from "./truth.js";
import { marks } from "./marks.js";
import { waitMark } from "./rules.js";

export function Waiting() {
  const waiting = truth.waiting.value;
  const marked = waiting.map((ticket) => ({ ticket, ...waitMark(ticket.queued_at, truth.rules.value, now.value) }));
  return html`<section class="waiting" aria-labelledby="waiting-title">
    <div class="title">
      <h2 id="waiting-title">${waiting.length ? t("caller.waiting", { n: waiting.length }) : t("caller.waiting_nobody")}</h2>
      ${marked[0] && html`<span>${t("caller.longest", { n: marked[0].minutes })}</span>`}
    </div>
    ${truth.cutOff.value && html`<${Dated} empty=${!waiting.length} />`}
    ${marked.length > 0 && html`<ul class="card rows" tabindex="0" aria-labelledby="waiting-title">
      ${marked.map((one) => html`<${Row} key=${one.ticket.id} ...${one} />`)}</ul>`}
  </section>`;
}

function Dated({ empty }) {
  const time = truth.listAt.value ? clockText(truth.listAt.value, truth.zone.value) : "";
  return html`<p class="notice amber dated" role="alert">
    ${t(empty ? "caller.cut_off_empty" : "caller.cut_off_list", { time })}</p>`;
}

function Row({ ticket, minutes, mark }) {
  const words = [truth.lineName(ticket.line), ...marks(ticket).map(([, said]) => said)];
  return html`<li class=${[mark, ticket.parked && "parked"].filter(Boolean).join(" ")}>
    <b class="number">${ticket.number}</b>
    <span class="line">${words.join(" · ")}</span>
    ${mark && html`<span class="mark">${t(`caller.wait_${mark}`)}</span>`}
    <span class="minutes">${t("caller.minutes", { n: minutes })}</span>
  </li>`;
}
