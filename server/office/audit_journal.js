// How the journal stands: its end, its proof, and the root of every finished day.
import { signal } from "@preact/signals";
import { t } from "web/texts.js";
import { html, Key, Notice } from "web/ui.js";
import * as staff from "web/staff.js";
import { momentText } from "./audit_words.js";

export const state = signal(null);
const all = signal(false);
const FEW = 14;
const COLOURS = { whole: "green", broken: "red", stopped: "amber", running: "" };
const SHAPES = { whole: "●", broken: "■", stopped: "▲", running: "◌" };

async function verify() {
  await staff.send("audit/verify");
}

export function Journal() {
  return html`<section aria-labelledby="journal"><div class="section-head"><h2 id="journal">${t("audit.journal")}</h2><p class="quiet-words">${t("audit.journal_words")}</p></div>
      <div class="card standing"><dl>
        <div><dt>${t("audit.at_seq")}</dt><dd class="number">${state.value.seq.toLocaleString("en")}</dd></div>
        <div class="hash"><dt>${t("audit.head")}</dt><dd><code>${state.value.head}</code></dd></div></dl>
        <${Proof} proof=${state.value.verification} />
        ${state.value.kept_from && html`<p class="quiet-words">${t("audit.kept_from", state.value.kept_from)}</p>`}</div></section>
    <${Days} days=${state.value.days} />`;
}

function Proof({ proof }) {
  const running = proof?.state === "running";
  return html`<div class="proof" role="status">
    ${proof ? html`<p><span class="tag ${COLOURS[proof.state]}"><span aria-hidden="true">${SHAPES[proof.state]}</span> ${t(`audit.state_${proof.state}`)}</span>
        ${t("audit.verified", { seq: proof.seq.toLocaleString("en"), name: proof.asked_by, time: momentText(proof.began_at) })}</p>` : html`<p>${t("audit.never")}</p>`}
    <${Key} kind="primary" disabled=${running} onPress=${verify}>${t(running ? "audit.verifying" : "audit.verify")}<//>
    ${proof?.state === "whole" && html`<p class="quiet-words wide">${t("audit.whole_words")}</p>`}
    ${proof?.state === "stopped" && html`<p class="wide">${t("audit.stopped_words")}</p>`}
    ${proof?.state === "broken" && html`<${Notice} kind="red" class="wide"><strong>${t("audit.faults")}</strong><ul tabindex="0">${proof.faults.map((fault) => html`<li key=${fault}>${fault}</li>`)}</ul><//>`}</div>`;
}

function Days({ days }) {
  const shown = all.value ? days : days.slice(0, FEW);
  return html`<section aria-labelledby="days"><div class="section-head"><h2 id="days">${t("audit.days")}</h2><p class="quiet-words">${t("audit.days_words")}</p></div>
    ${days.length ? html`<div class="sheet-frame" tabindex="0" role="group" aria-labelledby="days"><table class="sheet"><thead><tr><th scope="col">${t("audit.day")}</th><th scope="col" class="figures">${t("audit.row")}</th><th scope="col">${t("audit.hash")}</th></tr></thead>
      <tbody>${shown.map((one) => html`<tr key=${one.day}><th scope="row">${one.day}</th><td class="figures">${one.seq.toLocaleString("en")}</td><td class="hash"><code>${one.hash}</code></td></tr>`)}</tbody></table></div>`
      : html`<${Notice}>${t("audit.no_days")}<//>`}
    ${days.length > shown.length && html`<${Key} kind="quiet" onPress=${() => (all.value = true)}>${t("audit.more_days", { n: days.length })}<//>`}</section>`;
}
