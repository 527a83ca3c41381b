// What the page knows: the hall, the visitor's screen and modes, and taking a number.
import { batch, computed, signal } from "@preact/signals";
import { makeApi, requestId } from "web/api.js";
import { language, loadTexts, t } from "web/texts.js";
import { pageData, setMode } from "web/ui.js";

const local = makeApi("/local");
const POLL_MS = 1000;
const DEFAULT_LANGUAGE = Object.keys(pageData.languages)[0];
const NO_MODES = { large: false, contrast: false, low: false, voice: false };
const START = { name: "start", tab: "common" };

/** The catalogue in the page's language with `link` and `printer`; null until the first answer. */
export const hall = signal(null);
export const screen = signal(START);
export const modes = signal(NO_MODES);
/** What is being issued: {line} or {matter}; null when nothing is. */
export const issuing = signal(null);
/** Words that must be read first: {title, text, again?}. */
export const problem = signal(null);

let misses = 0;
const reached = signal(true);
export const linkUp = computed(() => reached.value && hall.value?.link === "up" && hall.value.known);
export const lineOf = (id) => hall.value?.lines.find((line) => line.id === id);

/** Whether the page is as the next visitor should find it. */
export const untouched = () =>
  screen.value.name === "start" && screen.value.tab === "common" && !screen.value.page && !problem.value &&
  language.value === DEFAULT_LANGUAGE && !Object.values(modes.value).some(Boolean);

/** The hall's time in ms, by the server's clock once it was heard. */
export function hallNow() {
  const { at, age_seconds: age, heard } = hall.value ?? {};
  return at && age !== null ? Date.parse(at) + age * 1000 + (performance.now() - heard) : Date.now();
}

export const go = (name, more = {}) => (screen.value = { name, ...more });

/** Asks someone of the guide desk to come to this kiosk; said to the visitor only once the hall has answered. */
export async function askForHelp() {
  try {
    await local.post("/help");
    if (screen.value.name === "help") screen.value = { ...screen.value, asked: true };
  } catch {
    problem.value = { title: t("kiosk.help_where"), text: t("kiosk.help_unheard") };
  }
}

/** A fresh page for the next visitor: nothing of the last one stays. */
export function nextVisitor() {
  batch(() => {
    screen.value = START;
    problem.value = null;
    modes.value = NO_MODES;
  });
  setMode(NO_MODES);
  if (language.value !== DEFAULT_LANGUAGE) speak(DEFAULT_LANGUAGE);
}

export function toggle(mode) {
  modes.value = { ...modes.value, [mode]: !modes.value[mode] };
  setMode(modes.value);
}

/** The page in another language; it changes when words and names are there. */
export async function speak(wanted) {
  await loadTexts(wanted, ["kiosk", "common"]);
  await refresh();
}

export async function refresh() {
  const wanted = language.value;
  try {
    const answer = await local.get(`/catalogue?language=${encodeURIComponent(wanted)}`, { timeout: 4000 });
    if (wanted !== language.value) return;
    if (answer.version !== pageData.version && untouched()) location.reload();
    misses = 0;
    batch(() => {
      hall.value = { lines: [], matters: [], units: [], categories: [], ...answer, heard: performance.now() };
      reached.value = true;
    });
  } catch (error) {
    misses += 1;
    if (misses > 1) reached.value = false;
  }
}

export async function keepFresh() {
  for (;;) {
    await refresh();
    await new Promise((ready) => setTimeout(ready, POLL_MS));
  }
}

/** Takes a number for {line} or {matter}. While one is being taken every further touch is ignored. */
export async function take(asked, touch = requestId()) {
  if (issuing.value) return;
  issuing.value = asked;
  try {
    const body = { ...asked, language: language.value, touch_id: touch };
    // The same touch_id for every try: an answer that was lost is given again, not a second number.
    const answer = await local.post("/tickets", body, { timeout: 9000, tries: 2 });
    go("taken", answer);
  } catch (error) {
    problem.value = { code: error.code, asked, touch, again: () => take(asked, touch) };
    refresh();
  } finally {
    issuing.value = null;
  }
}

/** Follows a slip to its end and puts it on the screen of its ticket. */
export async function followSlip(id) {
  for (;;) {
    await new Promise((ready) => setTimeout(ready, 300));
    const shown = screen.value;
    if (shown.name !== "taken" || shown.slip?.id !== id) return;
    const answer = await local.get(`/slips/${id}`, { timeout: 4000 }).catch(() => null);
    if (answer && screen.value === shown && answer.slip.state !== "printing") {
      screen.value = { ...shown, slip: answer.slip };
      return;
    }
  }
}
