// The screen above one window: its number, who is called there, and in words whether it is open.
import { now, timeText } from "web/clock.js";
import { serverNow, hallPace } from "web/live.js";
import { t } from "web/texts.js";
import { html, pageData } from "web/ui.js";
import { makeSeen } from "./calls.js";
import { catalogue, Clock, floorText, sayIn, soundText, staleText, startScreen, timeZone, WindowName, zoneOf } from "./screen.js";

const seen = makeSeen();
const ageOf = (call) => Math.max(0, serverNow() - Date.parse(call.at)) / hallPace();

function WindowScreen({ board, link }) {
  const hall = board.value;
  const window = hall?.windows.find((one) => one.id === pageData.window);
  const stale = staleText(link.value, "display.window_stale");
  return html`<div class="window">
    <header><h1>${window && html`<${WindowName} name=${window.name} />`}</h1>
      <span class="floor">${floorText(zoneOf(window)?.floor)}</span><span class="lines">${linesText(window)}</span><${Clock} /></header>
    ${window ? html`<${State} window=${window} hall=${hall} />` : html`<${Nothing} hall=${hall} refused=${link.value.refused} />`}
    ${stale ? html`<footer class="stale" role="alert"><p>${stale}</p></footer>` : html`<footer><p><b>${closingText(window)}</b>${closingText(window) ? "" : catalogue.value?.hall.name}</p><span>${soundText()}</span></footer>`}
  </div>`;
}

function Nothing({ hall, refused }) {
  const words = hall ? t("display.no_such_window") : refused ? "" : t("display.connecting");
  return html`<main class="closed"><p class="hint">${words}</p></main>`;
}

function State({ window, hall }) {
  const local = (now.value, performance.now());
  seen.note(hall.calls, local, ageOf);
  if (window.ticket) {
    const call = hall.calls.find((one) => one.id === window.ticket.id);
    const called = window.ticket.status === "called";
    const fresh = called && call && seen.isFresh(call, local);
    const words = called ? "display.please_come" : "display.being_served";
    const own = sayIn(call?.language, words);
    return html`<main class="${called ? "called" : "serving"} ${fresh ? "fresh" : ""}">
      <p class="current number" style=${{ "--letters": Math.max(4, window.ticket.number.length) }}>${window.ticket.number}</p>
      <p class="words">${t(words)}</p>${own && html`<p class="words own" lang=${call.language}>${own}</p>`}</main>`;
  }
  return html`<${Without} window=${window} />`;
}

function Without({ window }) {
  // A time that has passed is no promise any more.
  const time = Date.parse(window.until) <= now.value ? null : timeText(window.until, timeZone());
  if (window.status === "open") {
    return html`<main class="free"><p class="state">${t("display.free_short")}</p><p class="hint">${t("display.listen")}</p></main>`;
  }
  if (window.status === "paused") {
    return html`<main class="paused"><p class="state">${t("display.paused")}</p>
      <p class="${time ? "back number" : "hint"}">${time ? t("display.back_at", { time }) : t("display.paused_hint")}</p></main>`;
  }
  return html`<main class="closed"><p class="state">${t("display.closed")}</p><p class="hint">${t("display.closed_hint")}</p></main>`;
}

/** The names of the lines served here, the first ranks first. */
function linesText(window) {
  const names = new Map(catalogue.value?.lines.map((line) => [line.id, line.name]));
  const lines = [...(window?.lines ?? [])].sort((one, other) => one.rank - other.rank);
  return lines.map((line) => names.get(line.id)).filter(Boolean).join(" · ");
}

function closingText(window) {
  if (!window?.closing) return null;
  return t(window.closing === "pause" ? "display.pausing" : "display.closing");
}

startScreen(WindowScreen, { about: () => ({ page: "window", window: pageData.window }) });
