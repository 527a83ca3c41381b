// The touch page of a kiosk: header, one question a screen, and the keys that are always within reach.
import { computed, effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { language, loadTexts, t } from "web/texts.js";
import { Dialog, html, pageData, start } from "web/ui.js";
import { canTake, go, hall, hallNow, keepFresh, linked, modes, nextVisitor, problem, scan, screen, speak, toggle, unread } from "./state.js";
import { Category, Guide, Help, Languages, Start, Unit } from "./screens.js";
import { Fit } from "./parts.js";
import { Search } from "./search.js";
import { Code, Scan } from "./scan.js";
import { Count, Identity } from "./steps.js";
import { Taken } from "./taken.js";
import { secondsLeft, stay, watchTouches } from "./touch.js";
import { beSilent, watchSpeech } from "./speech.js";
import { watchReader, watchScanner } from "./wedge.js";

const SCREENS = {
  start: Start, unit: Unit, category: Category, search: Search, guide: Guide, help: Help, languages: Languages,
  scan: Scan, code: Code, count: Count, identity: Identity, taken: Taken,
};
const BACK = { unit: ["start", { tab: "unit" }], category: ["start", { tab: "category" }], code: ["scan", {}] };
const TYPING = ["search", "code", "count", "identity"]; // their own keys need the room

const time = signal("");
const shown = computed(() => screen.value.name);

function Kiosk() {
  const { low } = modes.value;
  const name = shown.value;
  return html`<div class="kiosk ${name} ${TYPING.includes(name) ? "typing" : ""} ${low ? "low" : ""}">
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
  const typing = TYPING.includes(name);
  const backKey = html`<button type="button" class="key way back" onClick=${back}>‹ ${t("kiosk.back")}</button>`;
  return html`<footer>
    ${!typing && html`<div class="row">
      ${name !== "start" && backKey}
      ${name === "start" && linked.value && html`<button type="button" class="key way back" onClick=${nextVisitor}><${Fit} text=${t("kiosk.joins_not")} /></button>`}
      <button type="button" class="search-key way" aria-disabled=${canTake.value ? undefined : "true"}
        onClick=${() => canTake.value && go("search")}><${Glass} /><${Fit} lines=${1} text=${t(name === "start" && !linked.value ? "kiosk.search" : "kiosk.search_label")} /></button>
    </div>`}
    <div class="row ways">
      ${typing && backKey}
      ${name !== "guide" && (!typing || name === "search") && html`<button type="button" class="key way blue" onClick=${() => go("guide")}><${Fit} text=${t("kiosk.not_sure")} /></button>`}
      ${name === "start" && html`<button type="button" class="key way plain" onClick=${() => go("scan")}><${Fit} text=${t("kiosk.scan_key")} /></button>`}
      ${name !== "help" && html`<button type="button" class="key way amber" onClick=${() => go("help")}><${Fit} text=${t(hall.value?.help_wanted ? "kiosk.help_coming" : "kiosk.help")} /></button>`}
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

function Problem({ code, line, text, again, title: own }) {
  const close = () => (problem.value = null);
  const closed = code === "line_closed" && line;
  const title = own || (code === "warning" ? line.name : closed ? t("kiosk.closed_title", { line: line.name }) : t("kiosk.failed_title"));
  const words = text || t(code === "link_down" ? "kiosk.failed_link" : "kiosk.failed_other");
  const more = { link_down: "kiosk.again", warning: "kiosk.take_anyway" }[code];
  const retry = () => {
    close();
    again();
  };
  return html`<${Dialog} key="problem" title=${title} onClose=${close}>
    ${words.split("\n").map((one) => html`<p class="words" role="alert" key=${one}>${one}</p>`)}
    <div class="keys">
      <button type="button" class="key ${more ? "" : "primary"}" onClick=${close}>${t(code === "warning" ? "kiosk.take_not" : "kiosk.understood")}</button>
      ${more && html`<button type="button" class="key primary" onClick=${retry}>${t(more)}</button>`}
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
const onCode = (code) => {
  stay();
  scan(code);
};
watchReader(onCode);
if (pageData.scanner) watchScanner(onCode, unread);
watchTouches();
await loadTexts(language.value, ["kiosk", "common"]);
start(Kiosk);
effect(showTime);
setInterval(showTime, 500);
watchSpeech();
keepFresh();
