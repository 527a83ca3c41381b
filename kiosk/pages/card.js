// An ID card on the reader: where to place it, and that it was read. The number itself never comes to this page.
import { makeApi, requestId } from "web/api.js";
import { t } from "web/texts.js";
import { html } from "web/ui.js";

const local = makeApi("/local");
const LONGEST_MS = 70_000; // the kiosk gives up before
const FAILED = { card_no_card: "kiosk.card_no_card", card_unreadable: "kiosk.card_unreadable" };

/** Asks for a card: `onCard({card, tail})`, or `onFailed` with the key of the words. Answers what `cancelCard` takes. */
export function readCard(onCard, onFailed) {
  const asked = { wish: requestId(), over: false };
  local.post("/card", { wish: asked.wish }, { timeout: LONGEST_MS })
    .then((card) => !asked.over && onCard(card))
    .catch((error) => !asked.over && error.code !== "card_cancelled" && onFailed(FAILED[error.code] ?? "kiosk.card_gone"))
    .finally(() => (asked.over = true));
  return asked;
}

/** What ends the asking when the visitor goes on. */
export const cancelCard = (asked) => () => {
  if (asked.over) return;
  asked.over = true;
  local.post("/card/cancel", { wish: asked.wish }).catch(() => null);
};

/** The card, its place, and how far the reading is. */
export const Card = ({ read }) => html`<div class="panel ${read ? "green" : "blue"} scanning card">
  <svg class="picture" viewBox="0 0 200 240" aria-hidden="true">
    <rect x="20" y="${read ? 96 : 20}" width="160" height="102" rx="12" />
    <path d="${read ? "M68 148l24 24 42-50" : "M44 54h64M44 80h64M44 104h36"}" />
    ${!read && html`<circle cx="146" cy="62" r="14" /><path d="M100 138v26m-12-12 12 12 12-12" />`}
    <rect x="10" y="204" width="180" height="28" rx="14" class="slot" />
  </svg>
  <div role="status"><p class="lead" data-say>${read ? t("kiosk.card_read") : t("kiosk.card_waiting")}</p>
    ${read && html`<p class="number tail">•••• ${read.tail.slice(2)}</p>`}</div>
</div>`;
