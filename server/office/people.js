// The accounts of the hall: who may sign in as what; security administrators change them, auditors read.
import { computed, signal } from "@preact/signals";
import { momentText } from "web/clock.js";
import { t } from "web/texts.js";
import { Dialog, html, Key, Notice } from "web/ui.js";
import * as staff from "web/staff.js";
import { is, open, Refused } from "./shell.js";

const ROLES = ["clerk", "desk", "supervisor", "unit_head", "leadership", "government", "system_admin", "security_admin", "auditor"];
const OF_UNITS = ["clerk", "unit_head"];
const PAGE = 200;

const shown = signal(null);
const more = signal(false);
const search = signal("");
const role = signal("");
const editing = signal(null); // an account being made or changed
const given = signal(null); // {login, password} to be written down
const sure = signal(null); // {account, act} to be confirmed

const may = () => is("security_admin");
const units = computed(() => staff.catalogue.value?.units ?? []);
const unitName = (id) => units.value.find((one) => one.id === id)?.name ?? id;
const mine = (one) => one.login === staff.session.value.name && staff.session.value.account;
const listed = computed(() => shown.value.filter((one) => !role.value || one.role === role.value));

async function refresh(get) {
  const asked = search.value.trim();
  const all = [];
  let after = null;
  for (let pages = 0; pages < 5; pages += 1) {
    const page = await get(`accounts?${new URLSearchParams({ limit: PAGE, ...(asked && { search: asked }), ...(after && { after }) })}`);
    all.push(...page.accounts);
    after = page.after;
    if (!after) break;
  }
  if (asked === search.value.trim()) [shown.value, more.value] = [all, after !== null];
}

function state(one) {
  if (one.disabled_at) return ["", "○", "disabled"];
  if (one.locked_until) return ["red", "■", "locked"];
  if (one.must_change) return ["amber", "▲", "one_time"];
  return one.sessions ? ["green", "●", "here"] : ["", "◌", "away"];
}

function Main() {
  return html`<div class="toolbar"><label class="field grows">${t("people.search")}<input type="search" maxlength="40" value=${search.value} onInput=${find} placeholder=${t("people.search_words")} /></label>
      <label class="field">${t("people.role")}<select value=${role.value} onChange=${(event) => (role.value = event.target.value)}><option value="">${t("people.every_role")}</option>${ROLES.map((one) => html`
        <option value=${one} key=${one}>${t(`office.role_${one}`)}</option>`)}</select></label>
      ${may() && html`<${Key} kind="primary" onPress=${() => (editing.value = { login: "", name: "", role: "clerk", unit: "" })}>${t("people.new")}<//>`}</div>
    ${more.value && html`<${Notice} kind="amber">${t("people.more")}<//>`}
    ${listed.value.length ? html`<${List} />` : html`<${Notice}>${t("people.none")}<//>`}
    ${editing.value && html`<${Edit} key=${editing.value.id ?? "new"} />`}${given.value && html`<${Given} />`}${sure.value && html`<${Sure} />`}`;
}

function find(event) {
  search.value = event.target.value;
  staff.refreshSoon(250);
}

const COLUMNS = ["person", "role", "state", "factor", "seen"];
function List() {
  return html`<div class="sheet-frame" tabindex="0" role="group" aria-label=${t("people.title")}><table class="sheet"><thead><tr>${COLUMNS.map((one) => html`<th scope="col" key=${one}>${t(`people.${one}`)}</th>`)}
    ${may() && html`<th scope="col"><span class="unseen">${t("people.change")}</span></th>`}</tr></thead>
    <tbody>${listed.value.map((one) => html`<${Row} one=${one} key=${one.id} />`)}</tbody></table></div>`;
}

function Row({ one }) {
  const [colour, shape, words] = state(one);
  return html`<tr data-login=${one.login} class=${one.disabled_at ? "off" : ""}><th scope="row"><span class="number">${one.login}</span> ${one.name}</th>
    <td>${t(`office.role_${one.role}`)}<small>${one.unit ? unitName(one.unit) : t("people.center")}</small></td>
    <td><span class=${`tag ${colour}`}><span aria-hidden="true">${shape}</span> ${t(`people.state_${words}`, { n: one.sessions })}</span></td>
    <td>${t(one.second_factor ? "people.factor_on" : "people.factor_off")}${one.openid && html`<small>${t("people.openid")}</small>`}</td>
    <td>${one.seen_at ? momentText(one.seen_at, staff.zone.value) : "–"}</td>
    ${may() && html`<td class="acts"><${Key} onPress=${() => (editing.value = { ...one, unit: one.unit ?? "" })} aria-label=${t("people.change_which", { login: one.login })}>${t("people.change")}<//></td>`}</tr>`;
}

async function keep(event) {
  event.preventDefault();
  const { id, login, name, role: wanted, unit } = editing.value;
  const body = { name: name.trim(), role: wanted, unit: OF_UNITS.includes(wanted) ? unit || null : null };
  const made = id ? await staff.send(`accounts/${id}`, body) : await staff.send("accounts", { login: login.trim(), ...body });
  if (!made) return;
  editing.value = null;
  if (made.password) given.value = { login: made.account.login, password: made.password };
  else staff.tell("green", t("people.kept", { login: made.account.login }));
}

function Edit() {
  const { id, login, name, role: chosen, unit } = editing.value;
  const close = () => (editing.value = null);
  const set = (field) => (event) => (editing.value = { ...editing.value, [field]: event.target.value });
  const self = Boolean(id) && mine(editing.value);
  return html`<${Dialog} title=${id ? t("people.account_of", { login }) : t("people.new")} onClose=${close} class="wide"><form class="form" onSubmit=${keep}>
    <${Refused} />
    <div class="pair">${!id && html`<label class="field">${t("people.login")}<input required maxlength="40" pattern="[A-Za-z0-9][A-Za-z0-9._@\\-]*" autocomplete="off" value=${login} onInput=${set("login")} /><small>${t("people.login_words")}</small></label>`}
      <label class="field">${t("people.name")}<input required maxlength="40" autocomplete="off" value=${name} onInput=${set("name")} /></label></div>
    <div class="pair"><label class="field">${t("people.role")}<select value=${chosen} disabled=${self} onChange=${set("role")}>${ROLES.map((one) => html`<option value=${one} key=${one}>${t(`office.role_${one}`)}</option>`)}</select>${self && html`<small>${t("people.own_role")}</small>`}</label>
      ${OF_UNITS.includes(chosen) && html`<label class="field">${t("people.unit")}<select value=${unit} required=${chosen === "unit_head"} disabled=${self} onChange=${set("unit")}><option value="">${t(chosen === "unit_head" ? "people.choose_unit" : "people.center")}</option>
        ${units.value.map((one) => html`<option value=${one.id} key=${one.id}>${one.name}</option>`)}</select></label>`}</div>
    <div class="keys"><button type="submit" class="key primary">${t(id ? "people.keep" : "people.make")}</button><${Key} kind="quiet" onPress=${close}>${t("common.cancel")}<//></div></form>
    ${id && !self && html`<${Acts} one=${editing.value} />`}<//>`;
}

function Acts({ one }) {
  const ask = (act) => () => [(sure.value = { account: one, act }), (editing.value = null)];
  return html`<section class="acts" aria-label=${t("people.acts")}>
    ${one.disabled_at ? html`<${Key} onPress=${ask("enable")}>${t("people.enable")}<//>` : html`
      <${Key} onPress=${ask("password")}>${t("people.password")}<//>
      ${one.locked_until && html`<${Key} onPress=${ask("unlock")}>${t("people.unlock")}<//>`}
      ${one.sessions > 0 && html`<${Key} onPress=${ask("end-sessions")}>${t("people.end-sessions")}<//>`}
      ${one.second_factor && html`<${Key} onPress=${ask("reset-second-factor")}>${t("people.reset-second-factor")}<//>`}
      <${Key} kind="danger" onPress=${ask("disable")}>${t("people.disable")}<//>`}</section>`;
}

async function act() {
  const { account, act: what } = sure.value;
  sure.value = null;
  const made = await staff.send(`accounts/${account.id}/${what}`);
  if (made?.password) given.value = { login: account.login, password: made.password };
  else if (made) staff.tell("green", t(`people.${what}_done`, { login: account.login }));
}

function Sure() {
  const { account, act: what } = sure.value;
  const close = () => (sure.value = null);
  return html`<${Dialog} title=${t(`people.${what}`)} onClose=${close}><p><strong class="number">${account.login}</strong> ${account.name}</p><p>${t(`people.${what}_words`)}</p>
    <div class="keys"><${Key} kind=${what === "disable" ? "danger" : "primary"} onPress=${act}>${t(`people.${what}`)}<//><${Key} kind="quiet" onPress=${close}>${t("common.cancel")}<//></div><//>`;
}

function Given() {
  const { login, password } = given.value;
  const close = () => (given.value = null);
  // Shown this once: no Escape takes it away before somebody says that it is written down.
  return html`<${Dialog} title=${t("people.one_time_of", { login })}><p class="one-time number" data-password>${password}</p><p>${t("people.one_time_words")}</p>
    <div class="keys"><${Key} kind="primary" onPress=${close}>${t("people.written_down")}<//></div><//>`;
}

await open({ title: "people.title", domains: ["people"], refresh, ready: () => shown.value !== null, Main });
