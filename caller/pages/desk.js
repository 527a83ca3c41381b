// The guide desk's page: numbers for who cannot, what became of each number, and who needs someone now.
import { effect, signal } from "@preact/signals";
import { clockText, now } from "web/clock.js";
import { signInAddress } from "web/api.js";
import { language, t } from "web/texts.js";
import { html, Notice, pageData, setMode, start } from "web/ui.js";
import * as staff from "web/staff.js";
import { silent } from "./desk_bell.js";
import * as desk from "./desk_store.js";
import { Alarms, Aside } from "./desk_aside.js";
import { Dialogs } from "./desk_dialogs.js";
import { Choices, Find } from "./desk_find.js";
import { Issue, PaperSheet } from "./desk_issue.js";
import { listenToKeys } from "./desk_keys.js";
import { Question, Story, Told } from "./desk_story.js";

const MAY = ["desk", "supervisor"];
const LARGE = "hallcall.desk.large";
const failed = signal(null);
const large = signal(localStorage.getItem(LARGE) === "yes");
effect(() => {
  setMode({ large: large.value });
  localStorage.setItem(LARGE, large.value ? "yes" : "no");
});

function App() {
  const who = staff.session.value;
  if (who === null) return html`<${Alone} words=${t("desk.no_session")} />`;
  if (who && !MAY.includes(who.role)) return html`<${Alone} words=${t("desk.not_desk")} />`;
  if (failed.value) return html`<${Alone} words=${failed.value} />`;
  if (!staff.askedAt.value) return html`<${Alone} words=${t("desk.loading")} />`;
  return html`<div class="clerk desk"><${Head} /><${Alarms} />
    <div class="both"><main class="work-at"><${Find} /><${Told} /><${Question} /><${Work} /></main><${Aside} /></div>
    <${Dialogs} />${desk.view.value.name === "issue" && desk.view.value.matter && html`<${PaperSheet} />`}</div>`;
}

function Work() {
  const { name } = desk.view.value;
  return name === "issue" ? html`<${Issue} />` : name === "story" ? html`<${Story} />` : html`<${Choices} />`;
}

const Alone = ({ words }) => html`<main class="alone"><h1>${t("desk.title")}</h1><${Notice} kind="blue">${words}<//>
  ${staff.session.value === null && html`<a class="key primary" href=${signInAddress()}>${t("common.sign_in")}</a>`}</main>`;

function Head() {
  const { name } = staff.session.value;
  const cut = staff.cutOff.value;
  return html`<header class="head dark">
    <div class="whose"><h1>${t("desk.title")}</h1><p>${staff.catalogue.value.hall.name} · ${/^\d+$/.test(name) ? t("desk.staff", { name }) : name}</p></div>
    ${silent.value && html`<span class="state paused"><i aria-hidden="true"></i>${t("desk.silent")}</span>`}
    <span class="state ${cut ? "cut" : "open"}" role="status"><i aria-hidden="true"></i>${t(cut ? "desk.state_cut" : "desk.state_up")}</span>
    ${Object.entries(pageData.languages).filter(([code]) => code !== language.value).map(([code, own]) => html`
      <button type="button" class="icon" key=${code} lang=${code} onClick=${() => staff.speak(code)}>${own}</button>`)}
    <button type="button" class="icon" aria-pressed=${large.value ? "true" : "false"} onClick=${() => (large.value = !large.value)}>${t("desk.large")}</button>
    ${staff.session.value.account && html`<a class="icon" href=${`/account?language=${language.value}`}>${t("common.account")}</a>`}
    <time class="clock">${clockText(now.value, staff.zone.value)}</time>
  </header>`;
}

await staff.prepare({ name: "desk", domains: ["desk", "story", "common", "errors"], refresh: desk.refresh });
start(App);
listenToKeys();
staff.begin(pageData.hall).catch((error) => (failed.value = error.message));
