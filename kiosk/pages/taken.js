// The screen with the number: it stays until a touch or, once the slip is out, until the ring is full.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "web/texts.js";
import { html, pageData } from "web/ui.js";
import { followSlip, linkUp, nextVisitor, oneMore, screen } from "./state.js";
import { Fit } from "./parts.js";
import { speaking } from "./speech.js";

const LEAST_MS = 700; // a second touch of the same finger must not wipe the number away
const RADIUS = 30;
const AROUND = 2 * Math.PI * RADIUS;

const passed = signal(0);

/** {ticket, slip, told: {line, place, windows}} of the screen; with `action` when a code was scanned. */
export function Taken() {
  const { ticket, slip, action, told } = screen.value;
  const state = slip?.state ?? "printed";
  const live = ["waiting", "held"].includes(ticket.status);
  useEffect(() => watch(ticket), [ticket.id, screen.value.action]);
  return html`<${Outcome} state=${state} words=${outcome(screen.value, state)} plain=${action === "found"} />
    <p class="yours">${t("kiosk.your_number")}</p>
    <div class="big number"><${Fit} lines=${1} text=${ticket.number} /></div>
    <p class="of-line"><${Fit} text=${told.line} /></p>
    ${told.notes?.map((note) => html`<p class="note" data-say key=${note}><${Fit} text=${note} /></p>`)}
    ${ticket.offline && live && html`<p class="note" data-say>${t("kiosk.offline_valid")}</p>`}
    ${live && html`<${Facts} ticket=${ticket} />`}
    ${(live || ticket.status === "called") && html`<${Where} told=${told} />`}
    ${live && html`<${After} ticket=${ticket} slip=${slip} />`}
    <div class="gap"></div>
    <${Next} state=${state} ticket=${ticket} />`;
}

/** The sentence on top: what has been done, or how the number stands. */
function outcome({ ticket, action, told, slip }, state) {
  const { number, status, parked } = ticket;
  if (!action || (slip && state === "failed")) return t(`kiosk.taken_${state}`, { number });
  if (slip) return t(`kiosk.scanned_${action === "precedence" ? "precedence" : "booked"}`);
  if (action === "reinstated" || action === "arrived") return t(`kiosk.scanned_${action}`, { n: ticket.ahead ?? 0 });
  if (parked === "linked") return t("kiosk.found_linked", { number });
  if (status === "waiting") return t(`kiosk.found_${ticket.ahead === null ? "held" : "waiting"}`, { number, n: ticket.ahead });
  const known = ["called", "serving", "held", "completed", "cancelled"].includes(status);
  return t(`kiosk.found_${known ? status : "over"}`, { number, windows: told.windows ?? "" });
}

/** Counts the ring and lets any touch start the next visitor. Returns how to stop. */
function watch(ticket) {
  const began = performance.now();
  passed.value = 0;
  if (screen.value.slip) followSlip(screen.value.slip.id);
  const count = () => {
    passed.value = (performance.now() - began) / 1000;
    const state = screen.value.slip?.state ?? "printed";
    if (passed.value >= pageData.result_seconds && state === "printed" && !speaking.value) nextVisitor();
  };
  const touched = (event) => {
    const ours = screen.value.name === "taken" && screen.value.ticket.id === ticket.id;
    if (ours && performance.now() - began > LEAST_MS && !event.target.closest("button")) nextVisitor();
  };
  const timer = setInterval(count, 100);
  document.addEventListener("click", touched);
  return () => {
    clearInterval(timer);
    document.removeEventListener("click", touched);
  };
}

function Outcome({ state, words, plain }) {
  const failed = state === "failed";
  return html`<h1 class="outcome ${failed ? "failed" : ""} ${plain ? "plain" : ""}" tabindex="-1" role=${failed ? "alert" : "status"} data-say>
    ${!failed && !plain && html`<span aria-hidden="true">✓ </span>`}${words}</h1>`;
}

function Facts({ ticket: { ahead, expected_wait: wait } }) {
  if (ahead === null || ahead === undefined) return null;
  const [low, high] = wait ? [Math.round(wait.low), Math.max(1, Math.round(wait.high))] : [];
  return html`<div class="facts">
    <div data-say=${t("kiosk.say_ahead", { n: ahead })}><${Fit} lines=${1} text=${t("kiosk.ahead")} />
      <p><b>${ahead}</b> ${t("kiosk.people", { n: ahead })}</p></div>
    ${wait && html`<div data-say><${Fit} lines=${1} text=${t("kiosk.expected")} />
      <p><b>${low < high ? `${low}–${high}` : high}</b> ${t("kiosk.minutes", { n: high })}</p></div>`}
  </div>`;
}

function Where({ told: { place, windows, windows_count: n } }) {
  const detail = [windows && t("kiosk.windows", { n, windows }), t("kiosk.watch")].filter(Boolean);
  return html`<div class="panel blue">
    ${place && html`<p class="lead" data-say><${Fit} text=${t("kiosk.wait_in", { place })} /></p>`}
    ${detail.map((one) => html`<p data-say key=${one}>${one}</p>`)}
  </div>`;
}

function After({ ticket, slip }) {
  const code = ticket.track_url && slip;
  return html`<div class="after">
    ${code && html`<img src="/local/slips/${slip.id}/code.svg" alt=${t("kiosk.code_of", { number: ticket.number })} />`}
    <div>${code && html`<p>${t("kiosk.scan")}<br />${t("kiosk.scan_also")}</p>`}
      <p data-say>${ticket.reinstated_at ? t("kiosk.missed_again") : (screen.value.told.missed_rule ?? t("kiosk.missed"))}</p></div>
  </div>`;
}

function Next({ state, ticket }) {
  const left = Math.max(0, Math.ceil(pageData.result_seconds - passed.value));
  const done = Math.min(1, passed.value / pageData.result_seconds);
  const words = t(state === "failed" ? "kiosk.noted" : "kiosk.next");
  const own = screen.value.slip && ticket.status === "waiting"; // issued here, just now
  return html`<div class="row onward">
    ${own && !ticket.offline && html`<button type="button" class="key more" aria-disabled=${linkUp.value ? undefined : "true"}
      onClick=${() => linkUp.value && oneMore(ticket)}><${Fit} text=${t("kiosk.one_more")} /></button>`}
    <button type="button" class="key primary next" onClick=${nextVisitor}>
      ${state === "printed" && html`<svg class="ring" viewBox="0 0 72 72" role="img" aria-label=${t("kiosk.returns_in", { n: left })}>
        <circle cx="36" cy="36" r=${RADIUS} /><circle cx="36" cy="36" r=${RADIUS} stroke-dasharray=${AROUND}
          stroke-dashoffset=${AROUND * done} transform="rotate(-90 36 36)" />
        <text x="36" y="45" text-anchor="middle">${left}</text></svg>`}
      <span>${words}</span></button></div>`;
}
