// What every staff page needs: who signed in, the hall's catalogue, calm words, and lists kept true while the line holds.
import { computed, signal } from "@preact/signals";
import { api, hasToSignIn, signIn } from "./api.js";
import { rearranges } from "./board.js";
import { follow, serverNow, setClock } from "./live.js";
import { language, loadTexts, t } from "./texts.js";

const ASK_EVERY = 1000; // ms; the lists are asked for at most this often
const PROBE_EVERY = 2000; // ms between tries while the server does not answer
const POLL_EVERY = 5000; // ms between lists while nothing is pushed
const SHOWN_FOR = 6000; // ms a calm word stays
const QUICK = { timeout: 3000 };

export const session = signal(undefined); // undefined: not known yet, null: signed out
export const catalogue = signal(null);
export const askedAt = signal(null); // the hall's time of what is shown
export const cutOff = signal(false);
export const notice = signal(null); // {kind, text}
export const zone = computed(() => catalogue.value?.hall.time_zone);

export const lineOf = (id) => catalogue.value?.lines.find((one) => one.id === id);
export const lineName = (id) => lineOf(id)?.name ?? id;
export const matterOf = (id) => catalogue.value?.matters.find((one) => one.id === id);

let hall = null;
let page = null; // {name: where its language is kept, domains: its texts, refresh(get): reads its lists}
let timer = null;
let began = -Infinity;
let followed = false;
let outdated = false; // the catalogue is another by now, or may be after a cut

export const path = (rest) => `/halls/${hall}/${rest}`;
export const get = (rest) => api.get(path(rest), QUICK);

// Fetches what the page says; `made`: see `page`.
export async function prepare(made) {
  page = made;
  await speak(localStorage.getItem(`hallcall.${page.name}.language`) ?? language.value);
}

// Signs in and keeps the lists of the page's `refresh` true from then on.
export async function begin(pageHall) {
  const found = await signIn();
  if (hasToSignIn(found)) return;
  session.value = found;
  if (!found) return;
  setClock(session.value.at);
  hall = session.value.hall ?? pageHall;
  await persist(readCatalogue);
  await persist(refresh);
  const live = follow({ hall, onEvent: heard, onBoard: () => ((outdated ||= followed), (followed = true), refreshSoon(0)) });
  live.link.subscribe(({ state }) => (state === "up" ? refreshSoon(0) : probe()));
  setInterval(poll, 1000);
}

function heard(event) {
  outdated ||= rearranges(event);
  refreshSoon();
}

export async function speak(wanted) {
  localStorage.setItem(`hallcall.${page.name}.language`, wanted);
  await loadTexts(wanted, page.domains);
  if (hall) await persist(readCatalogue);
}

export async function readCatalogue() {
  outdated = false;
  catalogue.value = await get(`catalogue?language=${language.value}`).catch((error) => {
    outdated = true;
    throw error;
  });
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

export function refreshSoon(wait = Math.max(0, began + ASK_EVERY - performance.now())) {
  timer ??= setTimeout(probe, wait);
}

export async function probe() {
  clearTimeout(timer);
  timer = null;
  try {
    await refresh();
  } catch (error) {
    if (error.status === 401) session.value = null;
    else if (error.code === "link_down") cutOff.value = true;
    else tell("amber", error.message);
  }
  if (!cutOff.value) return; // a page that asked for a look soon gets it
  clearTimeout(timer);
  timer = setTimeout(probe, PROBE_EVERY);
}

function poll() {
  if (session.value && !cutOff.value && performance.now() - began > POLL_EVERY) refreshSoon();
}

async function refresh() {
  began = performance.now();
  if (outdated) await readCatalogue();
  await page.refresh(get);
  if (cutOff.value && notice.value?.text === t("common.link_down")) notice.value = null; // it is not so any more
  cutOff.value = false;
  askedAt.value = serverNow();
}

// One command; null after a refusal, whose words are then shown.
export async function send(rest, body = {}) {
  try {
    return await api.post(path(rest), body, { ...QUICK, tries: 3 });
  } catch (error) {
    if (error.status === 401) session.value = null;
    if (error.code === "link_down") probe();
    tell("amber", error.code === "link_down" ? t("common.link_down") : error.message, true);
    return null;
  } finally {
    refreshSoon(0);
  }
}

let forget = null;
export function tell(kind, text, stays = false) {
  const told = { kind, text };
  notice.value = told;
  clearTimeout(forget);
  if (!stays) forget = setTimeout(() => notice.value === told && (notice.value = null), SHOWN_FOR);
}
