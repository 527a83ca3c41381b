// The hall board: who is called to which window, how many wait, whose number was missed.
import { signal } from "@preact/signals";
import { clockText, dateText, now, timeText } from "web/clock.js";
import { hallPace, serverNow } from "web/live.js";
import { t } from "web/texts.js";
import { html, pageData } from "web/ui.js";
import { makeSeen, pageAt, rowsAt, shownCalls, TURN_EVERY } from "./calls.js";
import { keepMedia, Media, picture } from "./media.js";
import { hasMediaPlace, hasSide, layout, rows, shape } from "./shape.js";
import { Bulletin, Side } from "./side.js";
import {
  catalogue, Clock, floorText, Heading, Pages, soundText, staleText, startScreen, timeZone, WindowName, zoneOf,
} from "./screen.js";

const QUIET_FOR = 8_000; // ms without a number on the board before a picture takes its place

const seen = makeSeen();
const ageOf = (call) => Math.max(0, serverNow() - Date.parse(call.at)) / hallPace();
const turn = signal(0);
setInterval(() => (turn.value += 1), TURN_EVERY);
let quietSince = performance.now();

function Board({ board, link }) {
  const hall = board.value;
  const stale = staleText(link.value, "display.stale");
  const calls = hall ? callsNow(hall) : [];
  const fresh = calls.filter((call) => call.fresh);
  return html`<div class="board ${stale ? "stale" : ""} ${hasSide() ? "" : "no-side"}">
    <${Header} />
    <main>${hall ? html`<${Calls} hall=${hall} calls=${calls} />` : html`<p class="empty">${link.value.refused ? "" : t("display.connecting")}</p>`}</main>
    ${hasMediaPlace() && html`<${Place} hall=${hall} call=${fresh[0]} />`}
    ${hasSide() ? html`<aside>${hall && catalogue.value && html`<${Side} hall=${hall} turn=${turn.value} />`}</aside>` : ""}
    ${(layout !== "full" || !hasSide()) && hall && catalogue.value && html`<${Bulletin} hall=${hall} turn=${turn.value} />`}
    <${Footer} stale=${stale} />
    ${fresh.length > 0 && pageData.flash !== "off" && html`<div class="edge" aria-hidden="true"></div>`}
  </div>`;
}

/** What stands on the board now; notes since when it has been nothing. */
function callsNow(hall) {
  const local = (now.value, performance.now());
  seen.note(hall.calls, local, ageOf);
  const calls = shownCalls(hall, {
    zone: pageData.zone, hallNow: serverNow(), isFresh: (call) => seen.isFresh(call, local),
  });
  if (calls.length) quietSince = Infinity;
  else quietSince = Math.min(quietSince, local);
  return calls;
}

function Header() {
  const zone = catalogue.value?.zones.find((one) => one.id === pageData.zone);
  return html`<header>
    <h1>${catalogue.value?.hall.name}${zone && html`<span class="zone">${zone.name}</span>`}</h1>
    ${timeZone() && html`<span class="date">${dateText(now.value, timeZone())}</span>`}<${Clock} />
  </header>`;
}

function Calls({ hall, calls }) {
  if (!calls.length) return html`<${Quiet} />`;
  const { rows: shown, page, pages } = rowsAt(calls, turn.value, rows());
  return html`<div class="heads"><${Heading} text="display.now_calling" /><${Heading} text="display.go_to" />
      ${pages > 1 && html`<${Pages} page=${page} pages=${pages} />`}</div>
    <ol class="calls" aria-live="polite">${shown.map((call) => html`<${Call} key=${call.id} call=${call} hall=${hall} />`)}</ol>`;
}

function Call({ call, hall }) {
  const window = hall.windows.find((one) => one.id === call.window);
  const long = { 5: "wide", 6: "long" }[Math.min(call.number.length, 6)] ?? "";
  return html`<li class="call ${call.fresh ? "fresh" : ""} ${long}" data-number=${call.number}>
    <b class="number">${call.number}</b>
    <svg class="arrow" viewBox="0 0 100 60" aria-hidden="true"><path d="M2 30H94M66 6l30 24-30 24" /></svg>
    ${window && html`<${WindowName} name=${window.name} />`}
    <span class="floor">${floorText(zoneOf(window)?.floor)}</span>
  </li>`;
}

/** Nobody is called: when numbers will be given, or that one may look on; after some seconds with a picture. */
function Quiet() {
  now.value; // the seconds of quiet pass with the clock
  const opens = opensAt();
  const words = html`<p>${opens ? t("display.issuing_from", { time: opens }) : t("display.listen")}</p>`;
  const file = !hasMediaPlace() && performance.now() - quietSince > QUIET_FOR ? picture() : null;
  return file ? html`<${Media} file=${file}><figcaption>${words}</figcaption><//>` : html`<div class="empty">${words}</div>`;
}

/** The place that pictures keep beside the calls. While a call is new they make way for it. */
function Place({ hall, call }) {
  if (call) return html`<section class="place called"><${Call} call=${call} hall=${hall} /></section>`;
  const file = picture();
  return html`<section class="place">${file ? html`<${Media} file=${file} />` : html`<${Calm} />`}</section>`;
}

const Calm = () => timeZone() && html`<div class="calm"><${Clock} /><span>${dateText(now.value, timeZone())}</span></div>`;

/** HH:MM when the first number of the day can be taken; null when one can now, or none any more. */
function opensAt() {
  const lines = catalogue.value?.lines ?? [];
  if (!lines.length || lines.some((line) => line.open)) return null;
  return lines.map((line) => timeText(line.opens_at, timeZone())).filter(Boolean).sort()[0] ?? null;
}

function Footer({ stale }) {
  if (stale) return html`<footer class="stale" role="alert"><p>${stale}</p></footer>`;
  return html`<footer><p>${t("display.order_note")}</p>
    <span class="sound">${soundText()}</span>
    ${timeZone() && html`<span class="as-of">${t("display.as_of", { time: clockText(now.value, timeZone(), true) })}</span>`}</footer>`;
}

keepMedia();
startScreen(Board, { about: () => ({ page: "board", zone: pageData.zone ?? null, layout: `${layout} ${shape.value}` }) });
