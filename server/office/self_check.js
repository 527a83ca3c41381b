// The check before opening: one verdict, what is left to do with its remedy, and below it what was found in order.
import { computed, signal } from "@preact/signals";
import { clockText } from "web/clock.js";
import { t } from "web/texts.js";
import { html, Key } from "web/ui.js";
import * as staff from "web/staff.js";
import { open } from "./shell.js";

const MAY_BEGIN = ["system_admin", "supervisor"];
const LONGEST = 75_000; // ms; a heartbeat and the longest test
const LOOK_EVERY = 1500; // ms between looks while something is awaited
const SHAPES = { ok: "●", warning: "▲", fault: "■", unknown: "○" };
const COLOURS = { ok: "green", warning: "amber", fault: "red", unknown: "" };
const ORDER = ["fault", "unknown", "warning"];

const answer = signal(null); // the server's
const seq = signal(null); // that of the check's beginning
const until = signal(0); // how long an answer is awaited

const lines = computed(() => answer.value.lines);
const awaited = computed(() => seq.value !== null && lines.value.some((line) => line.state === "unknown") && performance.now() < until.value);
const untried = computed(() => lines.value.filter((line) => line.code === "untried"));
const toDo = computed(() => lines.value.filter((line) => line.state !== "ok" && line.code !== "untried").sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)));
const left = computed(() => lines.value.filter((line) => line.state === "fault" || line.state === "unknown").length);

// What is in order, by device; the hall's own first.
const inOrder = computed(() => {
  const groups = new Map();
  for (const line of lines.value.filter(({ state }) => state === "ok")) groups.set(line.device, [...(groups.get(line.device) ?? []), line]);
  return [...groups].sort(([a], [b]) => (a !== "") - (b !== ""));
});

async function refresh(get) {
  answer.value = await get(`self-check${seq.value === null ? "" : `?seq=${seq.value}`}`);
  if (awaited.value) staff.refreshSoon(LOOK_EVERY);
}

async function begin() {
  const begun = await staff.send("self-check");
  if (!begun) return;
  until.value = performance.now() + LONGEST;
  seq.value = begun.seq;
  staff.refreshSoon(0);
}

function Main() {
  return html`
    <${Verdict} />
    ${toDo.value.length + untried.value.length > 0 && html`<section aria-labelledby="to-do"><h2 id="to-do">${t("check.to_do")}</h2>
      <ul class="to-do">${toDo.value.map((line) => html`<${ToDo} line=${line} key=${keyOf(line)} />`)}
        ${untried.value.length > 0 && html`<${Untried} />`}</ul></section>`}
    ${inOrder.value.length > 0 && html`<section aria-labelledby="in-order"><h2 id="in-order">${t("check.in_order")}</h2>
      <div class="groups">${inOrder.value.map(([device, own]) => html`<${Group} device=${device} lines=${own} key=${device} />`)}</div></section>`}`;
}

const keyOf = ({ part, device, id, code }) => [part, device, id, code].join(" ");

function Verdict() {
  const kind = awaited.value ? "running" : answer.value.green ? "green" : seq.value === null && !lines.value.some(({ state }) => state === "fault") ? "idle" : "red";
  const said = { running: "running", green: "green", idle: "not_begun", red: "not_green" }[kind];
  const words = kind === "green" ? t("check.green_words", { n: lines.value.length }) : t("check.left", { n: left.value });
  return html`<section class="verdict ${kind}">
    <span class="shape" aria-hidden="true">${{ running: "…", green: "✓", idle: "○", red: "✕" }[kind]}</span>
    <div role="status"><h2>${t(`check.${said}`)}</h2><p>${words} · ${t("check.at", { time: clockText(answer.value.at, staff.zone.value) })}</p></div>
    ${MAY_BEGIN.includes(staff.session.value.role) && html`<${Key} kind="primary" busy=${awaited.value} onPress=${begin}>${t(seq.value === null ? "check.run" : "check.again")}<//>`}
  </section>`;
}

const partOf = (line) => [line.name, line.id].filter(Boolean).join(" ");

function ToDo({ line }) {
  const waits = line.state === "unknown" && awaited.value;
  return html`<li class=${line.state} data-part=${line.part}>
    <span class="tag ${COLOURS[line.state]}"><span aria-hidden="true">${SHAPES[line.state]}</span> ${t(`check.state_${waits ? "waiting" : line.state}`)}</span>
    <div class="what"><strong>${line.device || t("check.hall")}</strong><small>${partOf(line)}</small></div>
    <div class="how"><strong>${line.said}</strong>${line.remedy && !waits && html`<p>${line.remedy}</p>`}${line.detail && html`<small>${line.detail}</small>`}</div></li>`;
}

// Before the check was run, all of them in one row: there is one thing to do.
function Untried() {
  return html`<li class="unknown" data-part="untried"><span class="tag"><span aria-hidden="true">○</span> ${t("check.state_untried")}</span>
    <div class="what"><strong>${t("check.untried")}</strong><small>${untried.value[0].remedy}</small></div>
    <ul class="how">${untried.value.map((line) => html`<li key=${keyOf(line)}>${line.device || t("check.hall")} <small>${partOf(line)}</small></li>`)}</ul></li>`;
}

function Group({ device, lines: own }) {
  return html`<article><h3>${device || t("check.hall")}</h3>
    <ul>${own.map((line) => html`<li key=${keyOf(line)}><span class="dot" aria-hidden="true">●</span><strong>${partOf(line)}</strong><span>${line.said}</span></li>`)}</ul></article>`;
}

await open({ title: "check.title", domains: ["check"], refresh, ready: () => answer.value !== null, Main });
