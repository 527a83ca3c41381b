// The touch page of a kiosk: header, one question a screen, and the keys that are always within reach.
import { computed, effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { language, loadTexts, t } from "web/texts.js";
import { Dialog, html, pageData, start } from "web/ui.js";
import { go, hall, hallNow, keepFresh, linkUp, modes, nextVisitor, problem, screen, speak, toggle } from "./state.js";
import { Category, Guide, Help, Languages, Start, Unit } from "./screens.js";
import { Fit } from "./parts.js";
import { Search } from "./search.js";
import { Taken } from "./taken.js";
import { secondsLeft, stay, watchTouches } from "./touch.js";
import { beSilent, watchSpeech } from "./speech.js";

const SCREENS = { start: Start, unit: Unit, category: Category, search: Search, guide: Guide, help: Help, languages: Languages, taken: Taken };
const BACK = { unit: ["start", { tab: "unit" }], category: ["start", { tab: "category" }] };

const time = signal("");
const shown = computed(() => screen.value.name);

function Kiosk() {
  const { low } = modes.value;
  const name = shown.value;
  return html`<div class="kiosk ${name} ${low ? "low" : ""}">
    <${Header} />
    <main id="main" aria-label=${t("kiosk.choose")}><${Focus} name=${name} /><${SCREENS[name]} key=${name} /></main>
    ${name !== "taken" && html`<${Footer} />`}
    <${Asking} />
  </div>`;
}

const Header = () => html`<header>
  <${Fit} lines=${2} class="hall" text=${hall.value?.hall?.name ?? ""} />
  <time class="number">${time.value}</time>
</header>`;

/** A new screen begins at its heading, for who hears it or goes by keyboard. */
function Focus({ name }) {
  const first = useRef(true);
  useEffect(() => {
    if (!first.current && name !== "search") document.querySelector("main h1")?.focus({ preventScroll: true });
    first.current = false;
  }, [name, screen.value.id]);
  return null;
}

function back() {
  const [name, more] = BACK[screen.value.name] ?? ["start", { tab: "common" }];
  go(name, more);
}

function Footer() {
  const name = shown.value;
  return html`<footer>
    ${name !== "search" && html`<div class="row">
      ${name !== "start" && html`<button type="button" class="key way back" onClick=${back}>‹ ${t("kiosk.back")}</button>`}
      <button type="button" class="search-key way" aria-disabled=${linkUp.value ? undefined : "true"}
        onClick=${() => linkUp.value && go("search")}><${Glass} /><${Fit} lines=${1} text=${t(name === "start" ? "kiosk.search" : "kiosk.search_label")} /></button>
    </div>`}
    <div class="row ways">
      ${name === "search" && html`<button type="button" class="key way back" onClick=${back}>‹ ${t("kiosk.back")}</button>`}
      ${name !== "guide" && html`<button type="button" class="key way blue" onClick=${() => go("guide")}><${Fit} text=${t("kiosk.not_sure")} /></button>`}
      ${name !== "help" && html`<button type="button" class="key way amber" onClick=${() => go("help")}><${Fit} text=${t("kiosk.help")} /></button>`}
    </div>
    <${Modes} />
  </footer>`;
}

const Glass = () => html`<svg class="glass" viewBox="0 0 40 40" aria-hidden="true"><circle cx="17" cy="17" r="12" /><path d="M26 26 36 36" /></svg>`;

function Modes() {
  const key = (mode) => html`<button type="button" class="key mode" aria-pressed=${modes.value[mode] ? "true" : "false"}
    onClick=${() => toggle(mode)}><${Fit} text=${t(`kiosk.${mode}`)} /></button>`;
  return html`<div class="row modes" role="group" aria-label=${t("kiosk.modes")}>
    ${key("large")}${key("contrast")}${key("voice")}${key("low")}<${LanguageKey} />
  </div>`;
}

function LanguageKey() {
  const all = Object.entries(pageData.languages);
  const [code, name] = all.find(([one]) => one !== language.value) ?? all[0];
  const many = all.length > 2;
  return html`<button type="button" class="key mode language" lang=${many ? undefined : code}
    onClick=${() => (many ? go("languages") : speak(code))}>${many ? "文 A" : name}</button>`;
}

/** What must be answered first: is anybody there, or why no number was taken. */
function Asking() {
  if (secondsLeft.value !== null) {
    return html`<${Dialog} key="idle" title=${t("kiosk.idle_title")} onClose=${stay} onClick=${stay}>
      <p class="words">${t("kiosk.idle_words", { n: secondsLeft.value })}</p>
      <div class="keys"><button type="button" class="key" onClick=${nextVisitor}>${t("kiosk.to_start")}</button>
        <button type="button" class="key primary" autofocus onClick=${stay}>${t("kiosk.continue")}</button></div>
    <//>`;
  }
  return problem.value && html`<${Problem} ...${problem.value} />`;
}

function Problem({ code, line, text, again }) {
  const close = () => (problem.value = null);
  const closed = code === "line_closed";
  const title = closed && line ? t("kiosk.closed_title", { line: line.name }) : t("kiosk.failed_title");
  const words = text ?? t(code === "link_down" ? "kiosk.failed_link" : "kiosk.failed_other");
  const retry = () => {
    close();
    again();
  };
  return html`<${Dialog} key="problem" title=${title} onClose=${close}>
    <p class="words" role="alert">${words}</p>
    <div class="keys">
      <button type="button" class="key ${code === "link_down" ? "" : "primary"}" onClick=${close}>${t("kiosk.understood")}</button>
      ${code === "link_down" && html`<button type="button" class="key primary" onClick=${retry}>${t("kiosk.again")}</button>`}
    </div>
  <//>`;
}

function showTime() {
  if (!hall.value) return;
  const timeZone = hall.value.hall?.time_zone;
  time.value = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(new Date(hallNow()));
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]") && shown.value !== "taken") back();
});
addEventListener("pointerdown", beSilent, true);
watchTouches();
await loadTexts(language.value, ["kiosk", "common"]);
start(Kiosk);
effect(showTime);
setInterval(showTime, 500);
watchSpeech();
keepFresh();
