// How the figures of a sheet are said: minutes, shares, days and months.
import { written } from "web/clock.js";
import { language, t } from "web/texts.js";

export const COUNTS = ["issued", "served", "missed", "cancelled", "expired", "unfinished"];

const figure = (value, places) => new Intl.NumberFormat(language.value, { minimumFractionDigits: places, maximumFractionDigits: places }).format(value);

export const duration = (seconds) => (seconds === null ? t("sheets.none") : t("sheets.minutes", { n: figure(seconds / 60, 1) }));
export const percent = (share) => (share === null ? t("sheets.none") : `${figure(share * 100, 1)}%`);

/** [its name, the sheet's key, how it is said] of all that tells how long it took. */
export const HOW_LONG = [
  ["mean_wait", "mean_wait_seconds", duration],
  ["p90_wait", "p90_wait_seconds", duration],
  ["within_15", "within_15", percent],
  ["within_30", "within_30", percent],
  ["mean_service", "mean_service_seconds", duration],
];

/** 2026-11-23 or 2026-11 as people say it. */
export function dayText(value, length = "long") {
  const month = value.length === 7;
  const form = month ? { year: "numeric", month: "long" } : length === "short" ? { month: "short", day: "numeric", weekday: "short" } : { year: "numeric", month: "long", day: "numeric", weekday: "long" };
  return new Intl.DateTimeFormat(written(), { ...form, timeZone: "UTC" }).format(new Date(`${value}${month ? "-01" : ""}T00:00:00Z`));
}
