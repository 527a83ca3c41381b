// What is to be known of a ticket beside its number, in calm words: how it came, why it waits aside, what is still to come.
import { clockText } from "web/clock.js";
import { language, t } from "web/texts.js";
import { pageData } from "web/ui.js";
import { HOLD_REASONS } from "./moves.js";
import * as truth from "./truth.js";

export const listed = (names) => names.join(language.value.startsWith("zh") ? "、" : ", ");

// [kind, words] each, the weightiest first.
export function marks(ticket) {
  const lane = ticket.lane ?? ticket.class ?? "ordinary";
  const foreign = ticket.language && ticket.language !== "zh-CN";
  return [
    lane !== "ordinary" && [lane === "booked" ? "blue" : "amber", t(`caller.class_${lane}`)],
    ticket.class === "priority" && lane !== "priority" && ["amber", t("caller.class_priority")],
    ticket.parked && ["", t(`caller.parked_${ticket.parked}`)],
    ticket.pool && ticket.status === "waiting" && ["blue", t(ticket.pool.startsWith("w:") ? "caller.for_window" : "caller.for_clerk")],
    ticket.guide && ["blue", t("caller.guided")],
    ticket.count > 1 && ["", t("caller.pieces", { n: ticket.count })],
    foreign && ["", pageData.languages?.[ticket.language] ?? ticket.language],
  ].filter(Boolean);
}

// The legs still to come: 税务 → 领证 → 回到 3 号窗口.
export function wayOf(ticket) {
  return (ticket.route ?? []).map((leg, place, all) => {
    const window = truth.windows.value.find((one) => one.id === leg.window);
    const name = leg.back && window ? t("caller.back_to", { name: window.name }) : truth.lineName(leg.line);
    return place ? `${leg.any && all[place - 1].any ? listed(["", ""]) : " → "}${name}` : name;
  }).join("");
}

// Of many pieces so many are done at one call.
export function piecesLeft(ticket) {
  const limit = truth.lineOf(ticket.line)?.batch_limit;
  return limit && ticket.count > limit ? { now: limit, n: ticket.count - limit } : null;
}

export function heldFor(ticket) {
  const code = ticket.hold_reason;
  const reason = HOLD_REASONS.includes(code) ? t(`caller.hold_${code}`) : code;
  const back = ticket.return_at && t("caller.held_until", { time: clockText(ticket.return_at, truth.zone.value) });
  return [reason, back].filter(Boolean).join(" · ");
}
