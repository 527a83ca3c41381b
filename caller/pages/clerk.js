// The clerk's page: the whole job of a window by keyboard, beside a case system or on a screen of its own.
import { signal } from "@preact/signals";
import { signInAddress } from "web/api.js";
import { language, t } from "web/texts.js";
import { html, Notice, pageData, start } from "web/ui.js";
import { Asking } from "./asking.js";
import { Choose } from "./choose.js";
import { KeySettings } from "./dialogs.js";
import { Held } from "./held.js";
import { question, settingsOpen } from "./job.js";
import { listenToKeys } from "./keyboard.js";
import { Keys } from "./keys.js";
import { Figures, Header, Now, Told } from "./parts.js";
import { begin, listAt, mine, session, speak, windowId } from "./truth.js";
import { Waiting } from "./waiting.js";

const CALLERS = ["clerk", "supervisor"];
const failed = signal(null);

function App() {
  if (session.value === null) {
    return html`<${Alone} title=${t("caller.no_session")} words=${t("caller.no_session_hint")} />`;
  }
  if (session.value && !CALLERS.includes(session.value.role)) {
    return html`<${Alone} title=${t("caller.title")} words=${t("caller.not_clerk")} />`;
  }
  if (failed.value) return html`<${Alone} title=${t("caller.title")} words=${failed.value} />`;
  if (!listAt.value) return html`<${Alone} title=${t("caller.title")} words=${t("caller.loading")} />`;
  return html`<div class="clerk">
    <${Header} />
    ${mine.value && windowId.value ? html`<${Work} />` : html`<${Choose} />`}
    ${(question.value?.type || question.value?.pick) && html`<${Asking} />`}
    ${settingsOpen.value && html`<${KeySettings} />`}
  </div>`;
}

const Work = () => html`<main class="work">
  <section class="doing"><${Now} /><${Keys} /><${Told} /></section>
  <div class="lists"><${Waiting} /><${Held} /></div>
  <${Figures} />
</main>`;

const Alone = ({ title, words }) => html`<main class="alone"><h1>${title}</h1>
  <${Notice} kind="blue">${words}<//>${session.value === null && html`<a class="key primary" href=${signInAddress()}>${t("common.sign_in")}</a>`}</main>`;

function followScheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => document.documentElement.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", set);
  set();
}

followScheme();
await speak(localStorage.getItem("hallcall.clerk.language") ?? language.value);
start(App);
listenToKeys();
begin(pageData.hall).catch((error) => (failed.value = error.message));
