// What the page knows: who signed in, my window, who waits for me; kept true from the server, dated while cut off.
import { computed, signal } from "@preact/signals";
import { api, hasToSignIn, signIn } from "web/api.js";
import { rearranges } from "web/board.js";
import { follow, hallPace, serverNow, setClock } from "web/live.js";
import { language, loadTexts, t } from "web/texts.js";
import { foldWaiting, longestFirst } from "./rules.js";

const LIST_EVERY = 1000; // ms; the list is asked for at most this often
const PROBE_EVERY = 2000; // ms between tries while the server does not answer
const POLL_EVERY = 5000; // ms between lists while only the push is missing
const SHOWN_FOR = 6000; // ms a calm word stays

export const session = signal(undefined); // undefined: not known yet, null: signed out
export const catalogue = signal(null);
export const windows = signal([]);
export const windowId = signal(null);
export const waiting = signal([]);
export const held = signal([]); // by me or at my window
export const linked = signal([]); // the other live tickets of the person who is here
export const listAt = signal(null); // the hall's time of the list shown
export const figures = signal(null);
export const notice = signal(null); // {kind, message, values} or {kind, text}
export const cutOff = signal(false);

export const mine = computed(() => windows.value.find((one) => one.id === windowId.value) ?? null);
export const rules = computed(() => catalogue.value?.rules ?? {});
export const zone = computed(() => catalogue.value?.hall.time_zone);
export const ticket = computed(() => mine.value?.ticket ?? null);
export const waitingIn = computed(() => live.value?.board.value?.waiting ?? {}); // of every line
// Another clerk claimed my window after me.
export const lostTo = computed(() => {
  const clerk = mine.value?.clerk;
  return clerk && session.value?.role === "clerk" && !isMe(clerk) ? clerk : null;
});

const live = signal(null);
let hall = null;
let version = 0; // of what is shown; an older answer must not overwrite a newer one
let followed = false;
let outdated = false; // the catalogue is another by now, or may be after a cut
let listTimer = null;
let listBegan = -Infinity;
export const path = (rest) => `/halls/${hall}/${rest}`;

export const staffName = (name) => (/^\d+$/.test(name) ? t("caller.staff", { name }) : name);
export const isMe = (clerk) => clerk === session.value?.name;
export const lineOf = (id) => catalogue.value?.lines.find((one) => one.id === id);
export const lineName = (id) => lineOf(id)?.name ?? id;
export const matterName = (id) => catalogue.value?.matters.find((one) => one.id === id)?.name ?? id;

// ——— beginning ———

export async function begin(pageHall) {
  const found = await signIn();
  if (hasToSignIn(found)) return;
  session.value = found;
  if (!found) return;
  setClock(session.value.at);
  hall = session.value.hall ?? pageHall;
  await persist(readCatalogue);
  windowId.value = session.value.window ?? keptWindow();
  await persist(firstLook);
  live.value = follow({ hall, onEvent: take, onBoard: () => ((outdated ||= followed), (followed = true), refreshSoon(0)) });
  live.value.link.subscribe(({ state }) => (state === "up" ? refreshSoon(0) : probe()));
}

// The window this computer kept may be gone from the hall: then it is asked for again.
async function firstLook() {
  try {
    await refresh();
  } catch (error) {
    if (error.status !== 404 || session.value.window) throw error;
    keepWindow(null);
    await refresh();
  }
}

// Until the server answers; a refusal is an answer.
async function persist(call) {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error.status === 401) session.value = null;
      if (error.code !== "link_down") throw error;
      await new Promise((go) => setTimeout(go, 1000));
    }
  }
}

export async function speak(wanted) {
  localStorage.setItem("hallcall.clerk.language", wanted);
  await loadTexts(wanted, ["caller", "common", "errors"]);
  if (hall) await persist(readCatalogue);
}

async function readCatalogue() {
  outdated = false;
  catalogue.value = await api.get(path(`catalogue?language=${language.value}`)).catch((error) => {
    outdated = true;
    throw error;
  });
}

const windowStore = () => `hallcall.clerk.window.${hall}`;
const keptWindow = () => sessionStorage.getItem(windowStore()) ?? localStorage.getItem(windowStore());

function keepWindow(id) {
  windowId.value = id;
  for (const store of [sessionStorage, localStorage]) {
    if (id) store.setItem(windowStore(), id);
    else store.removeItem(windowStore());
  }
}

export function chooseWindow(id) {
  keepWindow(id);
  waiting.value = held.value = linked.value = [];
  figures.value = notice.value = null;
  version += 1;
  refreshSoon(0);
}

// ——— the truth from the server ———

export function refreshSoon(wait = Math.max(0, listBegan + LIST_EVERY - performance.now())) {
  if (listTimer) return;
  listTimer = setTimeout(probe, wait);
}

export async function probe() {
  clearTimeout(listTimer);
  listTimer = null;
  try {
    await refresh();
  } catch (error) {
    if (error.status === 401) session.value = null;
    else if (error.code === "link_down") cutOff.value = true;
    else tellText("amber", error.message);
  }
  clearTimeout(listTimer);
  listTimer = cutOff.value ? setTimeout(probe, PROBE_EVERY) : null;
}

setInterval(() => session.value && !cutOff.value && performance.now() - listBegan > POLL_EVERY && refreshSoon(), 1000);

async function refresh() {
  listBegan = performance.now();
  const asked = version;
  const id = windowId.value;
  const of = encodeURIComponent(id ?? "");
  if (outdated) await readCatalogue();
  const [all, list, aside, today] = await Promise.all([
    get("windows"),
    id && everyTicket(`status=waiting&window=${of}`),
    id && everyTicket(`status=held&window=${of}`),
    id && get(`windows/${of}/today`),
  ]);
  const here = id && (await knownWhole(all.windows.find((one) => one.id === id)));
  const visit = here?.visit_id ? await everyTicket(`visit=${encodeURIComponent(here.visit_id)}`) : [];
  if (cutOff.value) tell("green", "caller.back_again");
  cutOff.value = false;
  if (asked !== version) return refreshSoon();
  windows.value = all.windows.map((one) => (one.id === id ? { ...one, ticket: here } : one));
  if (id) {
    waiting.value = longestFirst(list);
    held.value = longestFirst(aside);
    linked.value = visit.filter((one) => one.id !== here.id && LIVE.has(one.status));
    figures.value = today;
  }
  listAt.value = serverNow();
}

const LIVE = new Set(["waiting", "called", "serving", "held"]);
const get = (rest) => api.get(path(rest), { timeout: 3000 });

// The ticket at my window with the words for staff alone, which the list of windows leaves out.
async function knownWhole(window) {
  if (!window?.ticket) return null;
  const { note, case_number } = ticket.value?.id === window.ticket.id && "note" in ticket.value
    ? ticket.value : ((await get(`windows/${encodeURIComponent(window.id)}`)).window.ticket ?? {});
  return { ...window.ticket, note, case_number };
}

async function everyTicket(wanted) {
  const all = [];
  for (let after = ""; after !== null; ) {
    const page = await get(`tickets?${wanted}&limit=200${after && `&after=${encodeURIComponent(after)}`}`);
    all.push(...page.tickets);
    after = page.after ?? null;
  }
  return all;
}

// What is shown changed by itself; an answer asked for before is too old for it.
export function changed() {
  version += 1;
}

function take(event) {
  changed();
  outdated ||= rearranges(event);
  const lines = new Set((mine.value?.lines ?? []).map((one) => one.id));
  waiting.value = foldWaiting(waiting.value, lines, event, windowId.value);
  if (event.ticket) held.value = held.value.filter((one) => one.id !== event.ticket.id || event.ticket.status === "held");
  if (event.data.window) put(event.data.window, event.ticket);
  refreshSoon();
}

// A window's state after an event or an answer; what that leaves out of its ticket is kept, as are words for staff.
export function put(state, whole) {
  windows.value = windows.value.map((one) => {
    if (one.id !== state.id) return one;
    if (!state.ticket) return { ...one, ...state };
    const [known, before] = [whole, one.ticket].map((of) => (of?.id === state.ticket.id ? of : null));
    const said = before && "note" in before ? { note: before.note, case_number: before.case_number } : {};
    return { ...one, ...state, ticket: { ...said, ...(known ?? before), ...state.ticket } };
  });
}

// ——— calm words ———

let forget = null;
function show(told, time) {
  notice.value = told;
  clearTimeout(forget);
  if (time) forget = setTimeout(() => notice.value === told && (notice.value = null), time);
}
export const tell = (kind, message, values = {}, stays = false) => show({ kind, message, values }, !stays && SHOWN_FOR);
export const tellText = (kind, text) => show({ kind, text }, SHOWN_FOR);

// ——— the last move, while it can be taken back ———

export const undoUntil = signal(null); // ms of the hall's time

// A word on a move that can be undone: it stays that long.
export function tellUndoable(message, values) {
  const seconds = rules.value.undo_seconds ?? 0;
  const until = serverNow() + seconds * 1000;
  undoUntil.value = until;
  show({ kind: "green", message, values, until }, Math.max(SHOWN_FOR, (seconds * 1000) / hallPace()));
}
