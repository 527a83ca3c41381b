// Beside the calls: how many wait for what and how long, whose number was missed, and what the hall has to say.
import { timeText } from "web/clock.js";
import { t } from "web/texts.js";
import { html, pageData } from "web/ui.js";
import { pageAt } from "./calls.js";
import { layout } from "./shape.js";
import { catalogue, Heading, messageText, Pages, timeZone } from "./screen.js";

const LINES_A_PAGE = 8;
const LINES_BESIDE_WORDS = 6;
const LINES_BESIDE_LONG_WORDS = 4;
const LINES_BELOW_PICTURES = 4;
const LINES_BELOW_PICTURES_AND_WORDS = 2;
const MISSED_A_PAGE = 6;
const MISSED_BELOW_PICTURES = 3;

export function Side({ hall, turn }) {
  const words = wordsOf(hall);
  const missed = layout === "split" ? MISSED_BELOW_PICTURES : MISSED_A_PAGE;
  return html`<${Waiting} hall=${hall} size=${linesBeside(words)} turn=${turn} /><${Missed} hall=${hall} size=${missed} turn=${turn} />
    ${layout === "full" && html`<${Bulletin} hall=${hall} turn=${turn} />`}`;
}

function linesBeside(words) {
  if (layout === "split") return words.length ? LINES_BELOW_PICTURES_AND_WORDS : LINES_BELOW_PICTURES;
  if (words.some((one) => isLong(one, 60))) return LINES_BESIDE_LONG_WORDS;
  return words.length ? LINES_BESIDE_WORDS : LINES_A_PAGE;
}

/** What the supervisor has every board say, and that issuing is over; by turns when it is both. */
export function Bulletin({ hall, turn }) {
  const { part } = pageAt(wordsOf(hall), 1, turn);
  return part.map((words) => html`<p key="bulletin" class="hall-notice ${isLong(words, 60) ? "long" : ""}" role="status">${words}</p>`);
}

const wordsOf = (hall) => [messageText(hall), ...suspendedTexts(), issuingText(hall)].filter(Boolean);

/** To those who hold numbers of lines that give no more for now. */
const suspendedTexts = () => catalogue.value.lines.filter((line) => line.suspended).map((line) => line.suspended.text);

function Waiting({ hall, size, turn }) {
  const lines = catalogue.value.lines.filter((line) => !pageData.zone || line.zones.some((zone) => zone.id === pageData.zone));
  const { part, page, pages } = pageAt(lines, size, turn);
  return html`<section class="waiting">
    <div class="heads"><${Heading} text="display.waiting" />${pages > 1 && html`<${Pages} page=${page} pages=${pages} />`}</div>
    <ul>${part.map((line) => html`<${Line} key=${line.id} line=${line} n=${hall.waiting[line.id] ?? 0} />`)}</ul>
  </section>`;
}

function Line({ line, n }) {
  return html`<li><span class="name ${isLong(line.name, 16) ? "long" : ""}">${line.name}</span><b class="number">${n}</b><span class="wait">${waitText(line, n)}</span></li>`;
}

/** Wider than so many letters; a Chinese character is as wide as two. */
const isLong = (words, letters) => [...words].reduce((width, one) => width + (one > "\u2e80" ? 2 : 1), 0) > letters;

function waitText(line, n) {
  if (line.suspended) return t("display.suspended", { time: line.suspended.at });
  if (!line.open && !n) return line.opens_at ? t("display.from", { time: timeText(line.opens_at, timeZone()) }) : t("display.no_tickets");
  if (!line.windows_open) return t("display.no_window");
  if (!n) return t("display.nobody_waits");
  if (!line.expected_wait) return t("display.people", { n });
  const { low, high } = line.expected_wait;
  return low === high ? t("display.minutes_about", { n: low }) : t("display.minutes_range", { low, high });
}

function Missed({ hall, size, turn }) {
  if (!hall.missed.length) return null;
  const { part, page, pages } = pageAt([...hall.missed].reverse(), size, turn);
  return html`<section class="missed">
    <div class="heads"><${Heading} text="display.missed" />${pages > 1 && html`<${Pages} page=${page} pages=${pages} />`}</div>
    <ul>${part.map((one) => html`<li key=${one.id} class="number">${one.number}</li>`)}</ul>
    <p>${t("display.missed_hint")}</p></section>`;
}

/** That issuing is over for today, said only when it is. */
function issuingText(hall) {
  const { lines } = catalogue.value;
  const over = lines.length && lines.every((line) => !line.open && ["over", "quota"].includes(line.reason));
  if (!over) return null;
  const unfinished = hall.calls.length || Object.values(hall.waiting).some((n) => n);
  return t(unfinished ? "display.issuing_over_serving" : "display.issuing_over");
}
