// What the register's page shows: figures and what waits, a page of matters, and which decision is being written.
import { signal } from "@preact/signals";
import { momentText } from "web/clock.js";
import { language, t } from "web/texts.js";
import * as staff from "web/staff.js";

const AGAIN = 5000; // ms; the register changes seldom, and the hall's events come every second
const STEP = 100;
const MOST = 500;

export const overview = signal(null);
export const page = signal(null); // {matters, after}
export const asked = signal({ text: "", unit: "", entry: "", limit: STEP });
export const dialog = signal(null); // {name, matter, id?, …what is typed}
export const busy = signal(false);

let read = { of: null, at: -Infinity };

export async function refresh(get) {
  const query = queryOf(asked.value);
  const fresh = overview.value && read.of === query && performance.now() - read.at < AGAIN;
  if (fresh) return;
  read = { of: query, at: performance.now() };
  const [now, found] = await Promise.all([get(`register?language=${language.value}`), get(`register/matters?${query}`)]).catch((error) => {
    read.of = null;
    throw error;
  });
  overview.value = now;
  page.value = found;
}

function queryOf({ text, unit, entry, limit }) {
  return String(new URLSearchParams({ language: language.value, limit, ...(text && { text }), ...(unit && { unit }), ...(entry && { entry }) }));
}

export function ask(change) {
  asked.value = { ...asked.value, limit: STEP, ...change };
  staff.refreshSoon(250);
}

export const more = () => ask({ limit: Math.min(asked.value.limit + 2 * STEP, MOST) });
export const isAll = () => asked.value.limit >= MOST;

// What was begun and Escape put aside, by what it is about.
const begun = new Map();
const about = ({ name, id, matter }) => `${name} ${id ?? matter}`;

export const openDialog = (name, given) => {
  staff.notice.value = null;
  dialog.value = { name, ...given, ...begun.get(about({ name, ...given })) };
};
export const putAside = () => {
  begun.set(about(dialog.value), dialog.value);
  dialog.value = null;
};
export const close = () => {
  if (dialog.value) begun.delete(about(dialog.value));
  dialog.value = null;
};
export const set = (change) => (dialog.value = { ...dialog.value, ...change });

/** One decision; the dialog closes once it stands. */
export async function decide(name, path, body = {}) {
  if (busy.value) return;
  busy.value = true;
  read.of = null;
  const answer = await staff.send(`register/${path}`, body);
  busy.value = false;
  if (!answer) return;
  close();
  staff.tell("green", t(`register.done_${name}`));
}

export const moment = (at) => momentText(at, staff.zone.value);
