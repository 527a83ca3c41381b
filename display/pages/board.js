// The hall board: who is called to which window, how many wait, whose number was missed.
import { signal } from "@preact/signals";
import { clockText, dateText, now, timeText } from "web/clock.js";
import { hallPace, serverNow } from "web/live.js";
import { t } from "web/texts.js";
import { html, pageData } from "web/ui.js";
import { makeSeen, pageAt, rowsAt, shownCalls, TURN_EVERY } from "./calls.js";
import {
  catalogue, Clock, floorText, Heading, soundText, staleText, startScreen, timeZone, WindowName, zoneOf,
} from "./screen.js";

const LINES_A_PAGE = 8;
const LINES_BESIDE_A_NOTICE = 6;
const MISSED_SHOWN = 6;

const seen = makeSeen();
const ageOf = (call) => Math.max(0, serverNow() - Date.parse(call.at)) / hallPace();
const turn = signal(0);
setInterval(() => (turn.value += 1), TURN_EVERY);

function Board({ board, link }) {
  const hall = board.value;
  const stale = staleText(link.value, "display.stale");
  return html`<div class="board ${stale ? "stale" : ""}">
    <${Header} />
    <main>${hall ? html`<${Calls} hall=${hall} />` : html`<p class="empty">${link.value.refused ? "" : t("display.connecting")}</p>`}</main>
    <aside>${hall && catalogue.value && html`<${Side} hall=${hall} />`}</aside>
    <${Footer} stale=${stale} />
  </div>`;
}

function Header() {
  const zone = catalogue.value?.zones.find((one) => one.id === pageData.zone);
  return html`<header>
    <h1>${catalogue.value?.hall.name}${zone && html`<span class="zone">${zone.name}</span>`}</h1>
    ${timeZone() && html`<span class="date">${dateText(now.value, timeZone())}</span>`}<${Clock} />
  </header>`;
}

function Calls({ hall }) {
  const local = (now.value, performance.now());
  seen.note(hall.calls, local, ageOf);
  const calls = shownCalls(hall, {
    zone: pageData.zone, hallNow: serverNow(), isFresh: (call) => seen.isFresh(call, local),
  });
  if (!calls.length) return html`<${Quiet} />`;
  const { rows, page, pages } = rowsAt(calls, turn.value);
  return html`<div class="heads"><${Heading} text="display.now_calling" /><${Heading} text="display.go_to" />
      ${pages > 1 && html`<${Pages} page=${page} pages=${pages} />`}</div>
    <ol class="calls" aria-live="polite">${rows.map((call) => html`<${Call} key=${call.id} call=${call} hall=${hall} />`)}</ol>`;
}

function Call({ call, hall }) {
  const window = hall.windows.find((one) => one.id === call.window);
  const long = call.number.length > 5;
  return html`<li class="call ${call.fresh ? "fresh" : ""} ${long ? "long" : ""}" data-number=${call.number}>
    <b class="number">${call.number}</b>
    <svg class="arrow" viewBox="0 0 100 60" aria-hidden="true"><path d="M2 30H94M66 6l30 24-30 24" /></svg>
    ${window && html`<${WindowName} name=${window.name} />`}
    <span class="floor">${floorText(zoneOf(window)?.floor)}</span>
  </li>`;
}

/** Nobody is called: when numbers will be given, or that one may look on. */
function Quiet() {
  const opens = opensAt();
  return html`<div class="empty"><p>${opens ? t("display.issuing_from", { time: opens }) : t("display.listen")}</p></div>`;
}

function Side({ hall }) {
  const notice = noticeText(hall);
  return html`<${Waiting} hall=${hall} size=${notice ? LINES_BESIDE_A_NOTICE : LINES_A_PAGE} /><${Missed} hall=${hall} />
    ${notice && html`<p class="hall-notice">${notice}</p>`}`;
}

function Waiting({ hall, size }) {
  const lines = catalogue.value.lines.filter((line) => !pageData.zone || line.zones.some((zone) => zone.id === pageData.zone));
  const { part, page, pages } = pageAt(lines, size, turn.value);
  return html`<section class="waiting">
    <div class="heads"><${Heading} text="display.waiting" />${pages > 1 && html`<${Pages} page=${page} pages=${pages} />`}</div>
    <ul>${part.map((line) => html`<${Line} key=${line.id} line=${line} n=${hall.waiting[line.id] ?? 0} />`)}</ul>
  </section>`;
}

function Line({ line, n }) {
  return html`<li><span class="name ${isLong(line.name) ? "long" : ""}">${line.name}</span><b class="number">${n}</b><span class="wait">${waitText(line, n)}</span></li>`;
}

/** Wider than the column at its full size; a Chinese character is as wide as two letters. */
const isLong = (name) => [...name].reduce((width, one) => width + (one > "\u2e80" ? 2 : 1), 0) > 16;

function waitText(line, n) {
  if (!line.open && !n) return line.opens_at ? t("display.from", { time: timeText(line.opens_at, timeZone()) }) : t("display.no_tickets");
  if (!line.windows_open) return t("display.no_window");
  if (!n) return t("display.nobody_waits");
  if (!line.expected_wait) return t("display.people", { n });
  const { low, high } = line.expected_wait;
  return low === high ? t("display.minutes_about", { n: low }) : t("display.minutes_range", { low, high });
}

function Missed({ hall }) {
  if (!hall.missed.length) return null;
  const newest = hall.missed.slice(-MISSED_SHOWN).reverse();
  return html`<section class="missed"><${Heading} text="display.missed" />
    <ul>${newest.map((one) => html`<li key=${one.id} class="number">${one.number}</li>`)}</ul>
    <p>${t("display.missed_hint")}</p></section>`;
}

/** HH:MM when the first number of the day can be taken; null when one can now, or none any more. */
function opensAt() {
  const lines = catalogue.value?.lines ?? [];
  if (!lines.length || lines.some((line) => line.open)) return null;
  return lines.map((line) => timeText(line.opens_at, timeZone())).filter(Boolean).sort()[0] ?? null;
}

/** That issuing is over for today, said only when it is. */
function noticeText(hall) {
  const { lines } = catalogue.value;
  const over = lines.length && lines.every((line) => !line.open && ["over", "quota"].includes(line.reason));
  if (!over) return null;
  const unfinished = hall.calls.length || Object.values(hall.waiting).some((n) => n);
  return t(unfinished ? "display.issuing_over_serving" : "display.issuing_over");
}

const Pages = ({ page, pages }) => html`<span class="pages" role="img" aria-label=${t("display.page", { page, pages })}>
  ${Array.from({ length: pages }, (_, n) => html`<i class=${n + 1 === page ? "on" : ""} />`)}</span>`;

function Footer({ stale }) {
  if (stale) return html`<footer class="stale" role="alert"><p>${stale}</p></footer>`;
  return html`<footer><p>${t("display.order_note")}</p>
    <span class="sound">${soundText()}</span>
    ${timeZone() && html`<span class="as-of">${t("display.as_of", { time: clockText(now.value, timeZone(), true) })}</span>`}</footer>`;
}

startScreen(Board);
