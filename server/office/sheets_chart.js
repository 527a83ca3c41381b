// The course of a day or month: numbers issued as bars, the mean wait as a line over them.
import { t } from "web/texts.js";
import { html } from "web/ui.js";

const WIDE = 1200, HIGH = 260, LEFT = 56, RIGHT = 56, TOP = 16, FOOT = 36;
const span = { x: WIDE - LEFT - RIGHT, y: HIGH - TOP - FOOT };

/** The least round number that is not below a value: the top of a scale. */
function round(value) {
  const ten = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 4, 5, 10].map((one) => one * ten).find((one) => one >= Math.max(value, 4));
}

/** Every hour between the first and the last, also where nobody came. */
function everyHour(times) {
  const [first, last] = [times[0], times.at(-1)].map(({ at }) => parseInt(at, 10));
  const found = new Map(times.map((one) => [parseInt(one.at, 10), one]));
  return Array.from({ length: last - first + 1 }, (_, n) => found.get(first + n) ?? { at: `${String(first + n).padStart(2, "0")}:00`, issued: 0, mean_wait_seconds: null });
}

export function Chart({ kind, times }) {
  const slots = kind === "day" ? everyHour(times) : times;
  const most = round(Math.max(...slots.map((one) => one.issued)));
  const longest = round(Math.max(...slots.map((one) => (one.mean_wait_seconds ?? 0) / 60)));
  const step = span.x / slots.length;
  const middle = (place) => LEFT + step * (place + 0.5);
  const height = (share) => TOP + span.y * (1 - share);
  const points = slots.map((one, place) => one.mean_wait_seconds !== null && [middle(place), height(one.mean_wait_seconds / 60 / longest)]);
  return html`<figure class="chart"><figcaption><strong>${t(`sheets.chart_${kind}`)}</strong> <span class="quiet-words">${t("sheets.chart_words")}</span></figcaption>
    <svg viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${t(`sheets.chart_${kind}`)}>
      ${[0, 0.5, 1].map((share) => html`<g key=${share}><line class="grid" x1=${LEFT} x2=${WIDE - RIGHT} y1=${height(share)} y2=${height(share)} />
        <text x=${LEFT - 8} y=${height(share) + 5} text-anchor="end">${most * share}</text>
        <text class="wait" x=${WIDE - RIGHT + 8} y=${height(share) + 5}>${longest * share} ${share === 1 ? t("sheets.minutes_unit") : ""}</text></g>`)}
      ${slots.map((one, place) => html`<rect class="issued" key=${one.at} x=${middle(place) - step * 0.32} width=${step * 0.64} y=${height(one.issued / most)} height=${(span.y * one.issued) / most} />
        <text key=${`at-${one.at}`} x=${middle(place)} y=${HIGH - 10} text-anchor="middle">${kind === "day" ? one.at : parseInt(one.at.slice(8), 10)}</text>`)}
      ${runs(points).map((run) => html`<polyline class="line" key=${run[0][0]} points=${run.map((point) => point.join()).join(" ")} />`)}
      ${points.filter(Boolean).map(([x, y]) => html`<circle class="line" key=${x} cx=${x} cy=${y} r="5" />`)}
    </svg></figure>`;
}

/** The stretches without a gap. */
function runs(points) {
  const found = [[]];
  for (const point of points) point ? found.at(-1).push(point) : found.push([]);
  return found.filter((run) => run.length > 1);
}
