// What the page knows: the hall, the visitor's screen and modes, and taking a number.
import { batch, computed, signal } from "@preact/signals";
import { makeApi, requestId } from "web/api.js";
import { language, loadTexts, t } from "web/texts.js";
import { pageData, setMode } from "web/ui.js";

const local = makeApi("/local");
const POLL_MS = 250;
const DEFAULT_LANGUAGE = Object.keys(pageData.languages)[0];
const NO_MODES = { large: false, contrast: false, low: false, voice: false };
const START = { name: "start", tab: "common" };

/** The catalogue in the page's language with `link` and `printer`; null until the first answer. */
export const hall = signal(null);
export const screen = signal(START);
export const modes = signal(NO_MODES);
/** The number that the same person's next one joins: {id, number}. */
export const linked = signal(null);
/** What is being issued: {line} or {matter}, or the {code} being looked up; null when nothing is. */
export const issuing = signal(null);
/** Words that must be read first: {code, title?, text?, again?}. */
export const problem = signal(null);

let misses = 0;
const reached = signal(true);
export const linkUp = computed(() => reached.value && hall.value?.link === "up" && hall.value.known);
/** Whether this kiosk gives no numbers because its slips do not come out. */
export const stopped = computed(() => Boolean(hall.value?.printer?.stopped));
/** Whether numbers are taken: from the server, or from this kiosk's own band while it is away. */
export const canTake = computed(() => !stopped.value && (linkUp.value || Boolean(reached.value && hall.value?.offline)));
export const lineOf = (id) => hall.value?.lines.find((line) => line.id === id);

/** Whether the page is as the next visitor should find it. */
export const untouched = () =>
  screen.value.name === "start" && screen.value.tab === "common" && !screen.value.page && !problem.value && !linked.value &&
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
    await refresh();
  } catch {
    problem.value = { title: t("kiosk.help_where"), text: t("kiosk.help_unheard") };
  }
}

/** A fresh page for the next visitor: nothing of the last one stays. */
export function nextVisitor() {
  batch(() => {
    screen.value = START;
    problem.value = null;
    linked.value = null;
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
    const asked = new URLSearchParams({ language: wanted, matters_mark: hall.value?.matters_mark ?? "" });
    const answer = await local.get(`/catalogue?${asked}`, { timeout: 4000 });
    if (wanted !== language.value) return;
    if (answer.version !== pageData.version && untouched()) location.reload();
    misses = 0;
    const matters = answer.matters ?? (answer.matters_mark === hall.value?.matters_mark ? hall.value?.matters : null);
    if (answer.known && !matters) return; // what it was asked with is gone from the page by now
    batch(() => {
      hall.value = { lines: [], units: [], categories: [], ...answer, matters: matters ?? [], heard: performance.now() };
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

/** Takes a number for {line} or {matter}, with the numbers of documents where the line asks for them.
    While one is being taken every further touch is ignored. */
export async function take(asked, numbers = {}, touch = requestId()) {
  if (issuing.value) return;
  issuing.value = asked;
  try {
    const body = { ...asked, ...numbers, language: language.value, touch_id: touch };
    if (linked.value) body.with = linked.value.id;
    // The same touch_id for every try: an answer that was lost is given again, not a second number.
    show(await local.post("/tickets", body, { timeout: 9000, tries: 2 }));
  } catch (error) {
    const unread = error.code === "bad_body" && Object.keys(numbers).length;
    const text = unread ? t("kiosk.identity_wrong") : error.message;
    problem.value = { code: error.code, title: unread && t("kiosk.identity_check"), text: error.code !== "link_down" && text, again: () => take(asked, numbers, touch) };
    refresh();
  } finally {
    issuing.value = null;
  }
}

const show = (answer) =>
  batch(() => {
    linked.value = null;
    problem.value = null;
    go("taken", answer);
  });

/** Does what a slip's or a booking's code stands for, and shows how the number stands. */
export async function scan(code, touch = requestId()) {
  if (issuing.value) return;
  issuing.value = { code };
  try {
    const answer = await local.post("/scan", { code, language: language.value, touch_id: touch }, { timeout: 9000, tries: 2 });
    if (answer.language !== language.value) await speak(answer.language);
    show(answer);
  } catch (error) {
    const unknown = error.code === "not_found" || error.code === "bad_body";
    const down = error.code === "link_down";
    const text = unknown ? t("kiosk.scan_unknown") : down ? t("kiosk.scan_link") : error.message || t("kiosk.scan_other");
    problem.value = { code: error.code, title: t("kiosk.scan_failed"), text, again: () => scan(code, touch) };
  } finally {
    issuing.value = null;
  }
}

/** The scanner read something that is no code. */
export function unread() {
  if (!issuing.value && screen.value.name !== "taken") problem.value = { title: t("kiosk.scan_failed"), text: t("kiosk.scan_unread") };
}

/** The same person takes another number, which belongs to the one on the screen. */
export function oneMore(ticket) {
  batch(() => {
    linked.value = { id: ticket.id, number: ticket.number };
    go("start", { tab: "common" });
  });
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
