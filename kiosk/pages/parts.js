// The kiosk's own small parts: words that shrink to fit, the heading, keys of lines, matters and groups, and pages of them.
import { useLayoutEffect, useRef } from "preact/hooks";
import { language, t } from "web/texts.js";
import { html } from "web/ui.js";
import { canTake, hall, linked, linkUp, modes, screen, stopped } from "./state.js";

const SMALLEST = 0.6; // of the full size
const STEP = 0.03;

/** Shrinks what is inside `ref` (its sizes count with --fit) until `fits`; a word is broken only as the last resort. */
function useFit(ref, fits, about) {
  const { large, low, contrast } = modes.value;
  useLayoutEffect(() => {
    const { style, classList } = ref.current;
    classList.remove("broken");
    let size = 1;
    do {
      style.setProperty("--fit", size.toFixed(2));
      size -= STEP;
    } while (size >= SMALLEST && !fits(ref.current));
    classList.toggle("broken", !fits(ref.current));
  }, [about, large, low, contrast, language.value]);
}

const inLines = (element, lines) =>
  element.scrollWidth <= element.clientWidth + 1 &&
  element.scrollHeight <= parseFloat(getComputedStyle(element).lineHeight) * lines + 4;

/** Text in at most `lines` lines: it shrinks until it fits and is never cut. */
export function Fit({ text, lines = 2, class: own = "" }) {
  const ref = useRef(null);
  useFit(ref, () => inLines(ref.current.firstChild, lines), `${text}${lines}`);
  return html`<span ref=${ref} class="fit ${own}"><span>${text}</span></span>`;
}

/** The heading and, below it, what to know first: a dead link, a printer that does not print, or a hint. */
export function Heading({ title, hint }) {
  const { known, printer } = hall.value ?? {};
  const calm = !linkUp.value && canTake.value;
  const trouble = stopped.value ? "kiosk.stopped" : !canTake.value ? (known ? "kiosk.link_down" : "kiosk.starting") : null;
  const paper = !trouble && printer?.ok === false ? "kiosk.no_paper" : null;
  const joins = !trouble && !calm && linked.value && ["start", "unit", "category", "search"].includes(screen.value.name);
  return html`<div class="upper"><h1 tabindex="-1" data-say>${title}</h1>
    ${trouble && html`<div class="notice ${known ? "red" : "blue"}" role="alert" data-say>${t(trouble)}</div>`}
    ${calm && html`<div class="notice blue" role="status" data-say>${t("kiosk.offline_lead")}</div>`}
    ${paper && html`<div class="notice amber" role="status" data-say>${t(paper)}</div>`}
    ${joins && html`<div class="notice blue" role="status" data-say>${t("kiosk.joins", { number: linked.value.number })}</div>`}
    ${!trouble && !calm && !paper && !joins && hint && html`<p class="hint" data-say>${hint}</p>`}
  </div>`;
}

/** Figures bold in a quiet sentence. */
const Figures = ({ text }) =>
  text.split(/(\d[\d:]*(?:–\d+)?)/).map((part, index) => (index % 2 ? html`<b>${part}</b>` : part));

/** HH:MM in the hall's zone, of "13:30" or an ISO time. */
export function timeText(at) {
  if (/^\d\d:\d\d/.test(at)) return at.slice(0, 5);
  const zone = hall.value?.hall?.time_zone;
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date(at));
}

/** What stands below a line's name, and whether a number may be taken. */
export function lineWords(line) {
  if (!line.open) return { closed: true, text: closedWords(line) };
  if (line.offline) return { text: t("kiosk.offline_open") };
  if (!line.windows_open && line.resumes_at) return { paused: true, text: t("kiosk.resumes", { time: timeText(line.resumes_at) }) };
  if (!line.windows_open) return { paused: true, text: t("kiosk.no_window") };
  return { warned: Boolean(line.warning), text: line.warning_text ?? waitWords(line) };
}

export function waitWords({ waiting: n, expected_wait: wait }) {
  if (!n) return t("kiosk.no_wait");
  if (!wait) return t("kiosk.waiting", { n });
  const [low, high] = [Math.round(wait.low), Math.max(1, Math.round(wait.high))];
  return t(low < high ? "kiosk.waiting_range" : "kiosk.waiting_about", { n, low, high });
}

function closedWords({ reason_text: reason, opens_at: at }) {
  const why = reason || t("kiosk.closed");
  const when = at && timeText(at);
  return when && !why.includes(when) ? `${why} · ${t("kiosk.opens_at", { time: when })}` : why;
}

/** A large choice. `state`: of "closed", "paused", "group", "matter", "first". */
export function Choice({ name, text, state = "", busy, disabled, onPress }) {
  const ref = useRef(null);
  const fits = (key) => key.scrollHeight <= key.clientHeight + 1 && [...key.children].every((part) => inLines(part, 2));
  useFit(ref, fits, `${name}${text}${screen.value.page}`);
  return html`<button type="button" ref=${ref} class="choice ${state}" aria-disabled=${disabled ? "true" : undefined}
    aria-busy=${busy ? "true" : undefined} onClick=${onPress}>
    <span class="name">${name}</span>
    <span class="about"><${Figures} text=${busy ? t("kiosk.issuing") : text} /></span>
  </button>`;
}

/** A unit or a category that leads further. */
export const Group = ({ name, text, onPress }) =>
  html`<${Choice} name=${name} text=${text} state="group" disabled=${!canTake.value} onPress=${() => canTake.value && onPress()} />`;

const pageSize = ({ large, low }) => (large && low ? 4 : large || low ? 6 : 8);

/** Choices in two columns, as many as fit well, with a page key when there are more. */
export function Pages({ items, draw, most = pageSize(modes.value) }) {
  const pages = Math.max(1, Math.ceil(items.length / most));
  const page = Math.min(screen.value.page ?? 0, pages - 1);
  const turn = (by) => (screen.value = { ...screen.value, page: (page + by + pages) % pages });
  const shown = items.slice(page * most, (page + 1) * most);
  const rows = pages > 1 ? most / 2 : Math.min(most / 2, Math.max(2, Math.ceil(items.length / 2)));
  return html`<div class="choices rows-${rows}" lang=${language.value}>${shown.map(draw)}</div>
    ${pages > 1 && html`<nav class="pager">
      <button type="button" class="key" onClick=${() => turn(-1)}>‹ ${t("kiosk.earlier")}</button>
      <span aria-live="polite" aria-label=${t("kiosk.page_of", { page: page + 1, pages })}>${page + 1} / ${pages}</span>
      <button type="button" class="key" onClick=${() => turn(1)}>${t("kiosk.later")} ›</button>
    </nav>`}`;
}
