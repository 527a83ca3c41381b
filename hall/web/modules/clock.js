// Time as people read it, by the server's clock and in the hall's own time zone.
import { signal } from "@preact/signals";
import { language } from "./texts.js";
import { serverNow } from "./live.js";

/** The server's time in ms, renewed twice a second; whoever reads it is drawn anew. */
export const now = signal(serverNow());
setInterval(() => (now.value = serverNow()), 500);

const formats = new Map();
function format(spoken, zone, options) {
  const key = JSON.stringify([spoken, zone, options]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(spoken, { timeZone: zone, ...options }));
  return formats.get(key);
}

/** 09:42; `at` is ms or an ISO time. */
export const clockText = (at, zone, seconds = false) =>
  format("en-GB", zone, { hour: "2-digit", minute: "2-digit", ...(seconds && { second: "2-digit" }) }).format(new Date(at));

/** 11月23日 星期一 · Monday 23 November */
export function dateText(at, zone, spoken = language.value) {
  const parts = Object.fromEntries(
    format(spoken, zone, { month: spoken.startsWith("zh") ? "numeric" : "long", day: "numeric", weekday: "long" })
      .formatToParts(new Date(at)).map((part) => [part.type, part.value]),
  );
  if (spoken.startsWith("zh")) return `${parseInt(parts.month)}月${parts.day}日 ${parts.weekday}`;
  return `${parts.weekday} ${parts.day} ${parts.month}`;
}

/** How dates are written: English with the day before the month, and 24 hours as on every clock of the hall. */
export const written = () => (language.value === "en" ? "en-GB" : language.value);

/** 2026年11月23日 · 23 Nov 2026, of a date without a time. */
export const dayText = (iso) => format(written(), "UTC", { dateStyle: "medium" }).format(new Date(iso));

/** 2026年11月23日 08:46 · 23 Nov 2026, 08:46 */
export const momentText = (at, zone, seconds = false) =>
  format(written(), zone, { dateStyle: "medium", timeStyle: seconds ? "medium" : "short" }).format(new Date(at));

/** 04:12, or 1:04:12 from an hour on. */
export function durationText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return `${hours ? `${hours}:` : ""}${two(minutes)}:${two(whole % 60)}`;
}

/** Seconds from an ISO time until the server's now. */
export const secondsSince = (at) => (now.value - Date.parse(at)) / 1000;

/** HH:MM of what may be "13:30" or an ISO time; null stays null. */
export function timeText(at, zone) {
  if (!at) return null;
  return /^\d\d:\d\d/.test(at) ? at.slice(0, 5) : clockText(at, zone);
}
