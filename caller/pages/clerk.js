// The clerk's page: the whole job of a window by keyboard, beside a case system or on a screen of its own.
import { signal } from "@preact/signals";
import { language, t } from "web/texts.js";
import { html, Notice, pageData, start } from "web/ui.js";
import { Choose } from "./choose.js";
import { CallNumber, KeySettings, settingsOpen } from "./dialogs.js";
import { question } from "./job.js";
import { begin, listAt, mine, session, speak, windowId } from "./truth.js";
import { listenToKeys } from "./keyboard.js";
import { Figures, Header, Keys, Now, Told } from "./parts.js";
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
    ${question.value?.ask === "caller.ask_number" && html`<${CallNumber} />`}
    ${settingsOpen.value && html`<${KeySettings} />`}
  </div>`;
}

const Work = () => html`<main class="work">
  <section class="doing"><${Now} /><${Keys} /><${Told} /></section>
  <${Waiting} />
  <${Figures} />
</main>`;

const Alone = ({ title, words }) => html`<main class="alone"><h1>${title}</h1>
  <${Notice} kind="blue">${words}<//></main>`;

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
