// One's own account: who one is here, the password, the second factor, and where else one is signed in.
import { signal } from "@preact/signals";
import { api } from "web/api.js";
import { momentText } from "web/clock.js";
import { t } from "web/texts.js";
import { Dialog, html, Key, Notice } from "web/ui.js";
import * as staff from "web/staff.js";
import { Factor } from "./factor.js";
import { capsOn, Choose, Field, mayBeCaps } from "./password.js";
import { open } from "./shell.js";

const own = signal(undefined); // null: here by a link, without an account
const doing = signal(null); // `password`, `factor` and then its `codes`, `remove`
const typed = signal("");
const wrong = signal("");

async function refresh() {
  own.value = (await api.get("/account", { timeout: 3000 })).account;
}

function done(words) {
  doing.value = null;
  staff.tell("green", t(words));
  staff.refreshSoon(0);
}

function ask(what) {
  [doing.value, typed.value, wrong.value] = [what, "", ""];
}

async function remove(event) {
  event.preventDefault();
  try {
    await api.post("/account/second-factor/remove", { password: typed.value });
    done("account.factor_gone");
  } catch (error) {
    wrong.value = error.message;
  }
}

const unitName = (id) => staff.catalogue.value?.units.find((one) => one.id === id)?.name ?? id;

function Main() {
  if (own.value === null) return html`<${Notice}>${t("account.by_link")}<//>`;
  const { login, name, role, unit, second_factor: factor } = own.value;
  return html`<div class="own"><section class="card" aria-labelledby="who"><h2 id="who">${t("account.who")}</h2>
      <dl class="facts"><dt>${t("account.login")}</dt><dd class="number">${login}</dd><dt>${t("account.name")}</dt><dd>${name}</dd>
        <dt>${t("account.role")}</dt><dd>${t(`office.role_${role}`)}</dd><dt>${t("account.unit")}</dt><dd>${unit ? unitName(unit) : t("account.center")}</dd></dl>
      <p class="quiet-words">${t("account.who_words")}</p></section>
    <section class="card" aria-labelledby="password"><h2 id="password">${t("account.password")}</h2><p>${t("account.password_words")}</p>
      <div class="keys"><${Key} onPress=${() => ask("password")}>${t("account.change_password")}<//></div></section>
    <section class="card" aria-labelledby="factor"><h2 id="factor">${t("account.factor")}</h2>
      <p><span class=${`tag ${factor ? "green" : ""}`}>${t(factor ? "account.factor_is_on" : "account.factor_is_off")}</span></p>
      <p>${factor ? t("account.recovery_left", { n: own.value.recovery_left }) : t(own.value.factor_needed ? "account.factor_needed" : "account.factor_words")}</p>
      <div class="keys">${factor ? html`<${Key} onPress=${() => ask("remove")}>${t("account.factor_remove")}<//>` : html`<${Key} onPress=${() => ask("factor")}>${t("account.factor_set")}<//>`}</div></section>
    <section class="card wide" aria-labelledby="places"><h2 id="places">${t("account.places")}</h2><${Places} /></section></div>
    ${doing.value && html`<${Asking} />`}`;
}

function Places() {
  const at = (moment) => momentText(moment, staff.zone.value);
  return html`<div class="sheet-frame" tabindex="0" role="group" aria-labelledby="places"><table class="sheet"><thead><tr>${["place", "address", "since", "seen"].map((one) => html`<th scope="col" key=${one}>${t(`account.${one}`)}</th>`)}</tr></thead>
    <tbody>${own.value.sessions.map((one) => html`<tr key=${one.created_at}><th scope="row">${one.here ? html`<span class="tag green">${t("account.here")}</span>` : t("account.elsewhere")}<small>${one.agent}</small></th>
      <td>${one.address}</td><td>${at(one.created_at)}</td><td>${at(one.seen_at)}</td></tr>`)}</tbody></table></div>`;
}

function Asking() {
  const close = () => (doing.value = null);
  const cancel = html`<${Key} kind="quiet" onPress=${close}>${t("common.cancel")}<//>`;
  if (doing.value === "password") return html`<${Dialog} title=${t("account.change_password")} onClose=${close} key="password">
    <${Choose} onDone=${() => done("account.password_kept")}>${cancel}<//><//>`;
  // Recovery codes are shown this once: no Escape takes them away before somebody says that they have them.
  if (doing.value !== "remove") return html`<${Dialog} title=${t("sign_in.factor_title")} onClose=${doing.value === "codes" ? null : close} key="factor">
    <${Factor} onCodes=${() => (doing.value = "codes")} onDone=${() => done("account.factor_kept")}>${cancel}<//><//>`;
  return html`<${Dialog} title=${t("account.factor_remove")} onClose=${close} key="remove"><form class="form" onSubmit=${remove}>
    <p>${t("account.factor_remove_words")}</p>${wrong.value && html`<${Notice} kind="red">${wrong.value}<//>`}
    <${Field} secret label=${t("sign_in.current")} name="current" autocomplete="current-password" value=${typed.value} onInput=${(event) => (typed.value = event.target.value)} />
    ${capsOn.value && html`<p class="caps-on">${t("sign_in.caps")}</p>`}
    <div class="keys"><button type="submit" class="key danger">${t("account.factor_remove")}</button><${Key} kind="quiet" onPress=${close}>${t("common.cancel")}<//></div></form><//>`;
}

mayBeCaps();
await open({ title: "account.title", domains: ["account", "sign_in"], refresh, ready: () => own.value !== undefined, Main });
