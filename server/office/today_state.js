// What the page of the hall today knows: how all stands, which dialog is open, and how figures are worked out.
import { computed, signal } from "@preact/signals";
import { clockText, now } from "web/clock.js";
import { t } from "web/texts.js";
import * as staff from "web/staff.js";
import { is } from "./shell.js";

export const shown = signal(null); // the server's answer
export const dialog = signal(null); // {name, …} of the open one
export const found = signal(null); // the ticket looked up

export const mayAct = () => is("supervisor");
export const lineOf = (id) => shown.value.lines.find((line) => line.id === id);
export const windowOf = (id) => shown.value.windows.find((window) => window.id === id);
export const lineName = (id) => lineOf(id)?.name ?? id;
export const windowName = (name) => (/^[\w-]+$/.test(name) ? t("today.window", { name }) : name);
export const names = (list) => list.join(t("today.comma"));
export const time = (at) => clockText(at, staff.zone.value);

/** Whole minutes since a moment, or nought. */
export const minutesSince = (at) => (at ? Math.max(0, Math.floor((now.value - Date.parse(at)) / 60_000)) : 0);
export const secondsSince = (at) => (at ? Math.max(0, (now.value - Date.parse(at)) / 1000) : 0);

export const waitOf = (line) => minutesSince(line.waits_since);
export const level = (minutes) => (minutes >= shown.value.waits.red_minutes ? "red" : minutes >= shown.value.waits.amber_minutes ? "amber" : "");
export const isLate = (window) => window.status === "paused" && Boolean(window.until) && Date.parse(window.until) <= now.value;
export const isIdle = (window) => window.status === "open" && !window.ticket;

export const sums = computed(() => {
  const { lines, windows } = shown.value;
  const longest = Math.max(0, ...lines.map(waitOf));
  const opened = windows.filter((one) => one.status === "open");
  return {
    waiting: lines.reduce((sum, line) => sum + line.waiting, 0), longest, open: opened.length, windows: windows.length,
    idle: opened.filter(isIdle).length, served: windows.reduce((sum, one) => sum + one.served, 0),
  };
});

const ORDER = ["red", "amber", "blue"];
// Whom nobody serves before who waits long, and where more wait before where few do.
const urgency = ({ line }) => (line ? line.waiting + (line.windows_open ? 0 : 1e6) : 0);

/** What asks for someone's hand, the worst first: [{kind, key, title, words, line?, window?}]. */
export const alarms = computed(() => {
  const { lines, windows, tidal } = shown.value;
  const found = [];
  for (const line of lines) {
    const wait = waitOf(line);
    const said = t("today.alarm_waits", { n: line.waiting, windows: line.windows_open });
    const one = (kind, key, values, words) => found.push({ kind, key: `${key} ${line.id}`, title: t(`today.alarm_${key}`, { line: line.name, ...values }), words, line });
    if (line.waiting && !line.windows_open) one("red", "none", {}, said);
    else if (line.waiting && level(wait) === "red") one("red", "red", { n: wait }, said);
    else if (line.waiting > tidal) one("amber", "tidal", { n: line.waiting }, t("today.alarm_tidal_words", { n: tidal }));
    if (line.suspended) one("blue", "suspended", {}, t("today.alarm_suspended_words", line.suspended));
  }
  for (const window of windows) {
    if (!isLate(window)) continue;
    found.push({ kind: "amber", key: `paused ${window.id}`, title: t("today.alarm_paused", { name: window.name }), words: t("today.alarm_paused_words", { time: time(window.until) }), window });
  }
  return found.sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind) || urgency(other) - urgency(one));
});

export async function refresh(get) {
  shown.value = await get(`today?language=${document.documentElement.lang}`);
}

export const openDialog = (name, more = {}) => {
  staff.notice.value = null;
  dialog.value = { name, until: clockIn(60), ...more };
};
export const close = () => (dialog.value = null);

/** Sends a command; the dialog closes only once it is done. */
export async function act(path, body, words = t("today.done")) {
  const answer = await staff.send(path, body);
  if (!answer) return null;
  close();
  staff.tell("green", words);
  return answer;
}

/** HH:MM so many minutes from now, on the full five. */
export function clockIn(minutes) {
  const five = 5 * 60_000;
  return time(Math.ceil((now.value + minutes * 60_000) / five) * five);
}
