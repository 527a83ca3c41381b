// Parts of the register: the hall's figure, what waits for somebody, each unit's bar, and what the last check found.
import { dayText } from "web/clock.js";
import { t } from "web/texts.js";
import { html, Key, Tag } from "web/ui.js";
import { is } from "./shell.js";
import { ask, asked, busy, decide, moment, openDialog, overview } from "./register_state.js";

const TILES = ["pending", "exempt", "separate", "consultation", "overdue"];
const LATE = { pending: "amber", overdue: "red" };

export const Bar = ({ value }) => html`<svg class="rate" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
  <rect class="all" width="100" height="10" /><rect class="part" width=${value ?? 0} height="10" /></svg>`;

export function Figures() {
  const { totals } = overview.value;
  const rate = totals.percentage;
  return html`<div class="figures-row"><div class="whole card"><h2>${t("register.rate")}</h2>
      <p class="rate-number number">${rate === null ? "—" : `${rate}%`}</p><${Bar} value=${rate} />
      <p class="quiet-words">${rate === null ? t("register.rate_none") : t("register.rate_of", totals)}</p></div>
    <dl class="tiles">${TILES.map((name) => html`<div class=${`tile ${totals[name] ? LATE[name] ?? "" : ""}`} key=${name}>
      <dt>${t(`register.${name}`)}</dt><dd><b class="number">${totals[name]}</b> <span>${t("register.items", { n: totals[name] })}</span></dd></div>`)}</dl></div>`;
}

export function Waiting() {
  const { waiting } = overview.value;
  return html`<section aria-labelledby="waiting"><h2 id="waiting">${t("register.waiting")}</h2>
    ${waiting.length === 0 && html`<p class="notice green">${t("register.waiting_none")}</p>`}
    <ul class="cases-row">${waiting.map((one) => html`<li class="card" key=${one.id}>
      ${one.exemption?.status === "proposed" ? html`<${Proposal} one=${one} />` : html`<${Consultation} one=${one} />`}</li>`)}</ul></section>`;
}

const Title = ({ name, one }) => html`<h3>${t(`register.${name}`, { matter: one.name })}</h3><p class="quiet-words">${one.unit_name}</p>`;

function Proposal({ one }) {
  const { id, kind, reason, proposed_by, proposed_at } = one.exemption;
  const given = { id, title: one.name };
  return html`<${Title} name=${`proposes_${kind}`} one=${one} /><blockquote>${reason}</blockquote>
    <p class="quiet-words">${t("register.by_at", { by: proposed_by, at: moment(proposed_at) })}</p>
    ${is("government")
      ? html`<div class="keys"><${Key} kind="primary" onPress=${() => openDialog("approve", given)}>${t("register.do_approve")}<//>
          <${Key} onPress=${() => openDialog("reject", given)}>${t("register.do_reject")}<//></div>`
      : html`<p><${Tag} kind="amber">${t("register.only_government")}<//></p>`}`;
}

function Consultation({ one }) {
  const { id, reason, opened_by, opened_at } = one.consultation;
  const mine = is("unit_head") ? "unit" : is("supervisor") ? "center" : null;
  const given = { id, title: one.name };
  return html`<${Title} name="consults" one=${one} /><blockquote>${reason}</blockquote>
    <p class="quiet-words">${t("register.by_at", { by: opened_by, at: moment(opened_at) })}</p>
    <ul class="signatures">${["unit", "center"].map((side) => html`<${Signature} key=${side} side=${side} by=${one.consultation[`${side}_signed_by`]} at=${one.consultation[`${side}_signed_at`]} />`)}</ul>
    <div class="keys">${mine && !one.consultation[`${mine}_signed_at`] && html`<${Key} kind="primary" onPress=${() => openDialog("sign", given)}>${t("register.do_sign")}<//>`}
      ${is("supervisor") && html`<${Key} onPress=${() => openDialog("withdraw", given)}>${t("register.do_withdraw")}<//>`}</div>`;
}

const Signature = ({ side, by, at }) => html`<li class=${at ? "done" : ""}><strong>${t(`register.side_${side}`)}</strong>
  <span>${at ? `${t("register.signed")} · ${t("register.by_at", { by, at: moment(at) })}` : t("register.not_signed")}</span></li>`;

export function Units() {
  const units = [...overview.value.units].sort((one, other) => (one.percentage ?? 101) - (other.percentage ?? 101));
  if (units.length < 2) return null;
  return html`<section aria-labelledby="units"><h2 id="units">${t("register.units")}</h2>
    <ul class="units">${units.map((one) => html`<li key=${one.id}><button type="button" class="unit" aria-pressed=${asked.value.unit === one.id ? "true" : "false"}
        onClick=${() => ask({ unit: asked.value.unit === one.id ? "" : one.id })}>
      <span class="name"><strong>${one.name}</strong><small>${t(`register.kind_${one.kind}`)}</small></span>
      <${Bar} value=${one.percentage} />
      <span class="rate-of"><b class="number">${one.percentage === null ? "—" : `${one.percentage}%`}</b><small>${one.percentage === null ? t("register.no_rate") : t("register.is_of", one)}</small></span>
      <span class="tags">${TILES.filter((name) => one[name]).map((name) => html`<${Tag} key=${name} kind=${LATE[name] ?? ""}>${t(`register.${name}_n`, { n: one[name] })}<//>`)}</span>
    </button></li>`)}</ul></section>`;
}

export function Check() {
  const { checked } = overview.value;
  return html`<section aria-labelledby="check"><div class="section-head"><h2 id="check">${t("register.check")}</h2>
      <p class="quiet-words">${checked ? t("register.check_at", { at: moment(checked.at) }) : t("register.check_never")}</p>
      ${is("supervisor", "system_admin", "government", "auditor") && html`<${Key} busy=${busy.value} onPress=${() => decide("check", "check")}>${t("register.do_check")}<//>`}</div>
    ${checked && checked.count === 0 && html`<p class="notice green">${t("register.check_clean")}</p>`}
    ${checked && checked.count > 0 && html`<ul class="findings">${checked.findings.map((one) => html`<li class=${one.kind === "suspended" || one.kind === "review_overdue" ? "amber" : "red"} key=${`${one.kind} ${one.matter}`}>
      <strong>${one.matter_name}</strong><span>${one.unit_name}</span><span>${t(`register.finding_${one.kind}`)}${one.due ? ` · ${dayText(one.due)}` : ""}</span></li>`)}</ul>`}</section>`;
}
