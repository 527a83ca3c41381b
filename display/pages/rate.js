// The tablet at a window: the hall's name, and after a service five levels for the one who was served, until the next.
import { signal } from "@preact/signals";
import { api, signIn } from "web/api.js";
import { hallPace } from "web/live.js";
import { language, loadTexts, t } from "web/texts.js";
import { html, Key, pageData } from "web/ui.js";
import { catalogue, readLayout, staleText, startScreen, WindowName } from "./screen.js";

const QUIET_SECONDS = 60; // without a touch the page closes by itself
const THANKS_SECONDS = 5;
const LEVELS = [5, 4, 3, 2, 1];
const MOUTHS = { 5: "M13 28q11 13 22 0z", 4: "M14 29q10 9 20 0", 3: "M15 31.5q9 3 18 0", 2: "M15 34q9 -6 18 0", 1: "M14 36q10 -11 20 0" };
const DOMAINS = ["common", "display", "rating"];

const place = `/halls/${pageData.hall}/windows/${pageData.window}/rating`;

/** {ticket, step: "levels" | "why" | "thanks" | "case" | "closed" | "link_down", level, code}; null: nothing to rate. */
const asked = signal(null);
const reasons = signal([]);
let closing = null;

function show(state, seconds = QUIET_SECONDS) {
  clearTimeout(closing);
  asked.value = state;
  if (state) closing = setTimeout(() => show(null), (seconds * 1000) / hallPace());
  else speak(pageData.language);
}

async function speak(wanted) {
  const known = pageData.languages.includes(wanted) ? wanted : pageData.language;
  if (known === language.value) return;
  await loadTexts(known, DOMAINS);
  await readLayout(); // the hall's name in that language
}

/** Asks what may be rated here now. */
async function look() {
  try {
    const answer = await api.get(place);
    reasons.value = answer.reasons;
    if (!answer.ticket || answer.ticket.id === asked.value?.ticket.id) return;
    await speak(answer.ticket.language);
    show({ ticket: answer.ticket, step: "levels" }, answer.ticket.seconds);
  } catch (error) {
    console.warn("nothing to rate was learned:", error.message);
  }
}

const here = (board) => board.windows.find((window) => window.id === pageData.window);

function onBoard(board) {
  if (here(board)?.ticket) show(null); // the next one is here: what is on the page is no longer theirs to see
  else look();
}

function onEvent(event, board) {
  if (event.data.window?.id === pageData.window || event.ticket?.window === pageData.window) onBoard(board);
}

async function send(ticket, level, why = {}) {
  show({ ticket, step: "sending", level });
  try {
    await signIn(); // the session may be older than this page's word against forgery
    const answer = await api.post(place, { ticket: ticket.id, level, ...why }, { tries: 3 });
    if (asked.value?.ticket.id !== ticket.id) return;
    if (answer.case) show({ ticket, step: "case", code: answer.case });
    else show({ ticket, step: "thanks" }, THANKS_SECONDS);
  } catch (error) {
    const step = { already_rated: "thanks", link_down: "link_down" }[error.code] ?? "closed";
    if (asked.value?.ticket.id === ticket.id) show({ ticket, step }, THANKS_SECONDS * 2);
  }
}

function choose(ticket, level) {
  if (level > 2) send(ticket, level);
  else show({ ticket, step: "why", level });
}

const Face = ({ level }) => html`<svg class="face" viewBox="0 0 48 48" aria-hidden="true">
  <circle cx="24" cy="24" r="21" /><path d="M16.5 18.5v3.5M31.5 18.5v3.5" /><path d=${MOUTHS[level]} /></svg>`;

function Levels({ ticket }) {
  return html`<h1>${t("rating.title")}</h1>
    <p class="ticket number">${ticket.number}</p>
    <div class="levels">
      ${LEVELS.map((level) => html`<${Key} key=${level} class="level" onPress=${() => choose(ticket, level)}>
        <${Face} level=${level} /><span>${t(`rating.level_${level}`)}</span><//>`)}
    </div>
    <p class="quiet-words">${t("rating.voluntary")}</p>`;
}

/** Its words live in the form: a page that closes forgets them. */
function Why({ ticket, level }) {
  const submit = (event) => {
    event.preventDefault();
    const said = new FormData(event.target);
    const words = said.get("words").trim();
    send(ticket, level, { reasons: said.getAll("reasons"), ...(words && { words }) });
  };
  return html`<form class="why" onSubmit=${submit} onInput=${() => show(asked.value)}>
    <h1>${t("rating.why")}</h1>
    <fieldset class="reasons"><legend class="unseen">${t("rating.why")}</legend>
      ${reasons.value.map((reason) => html`<label key=${reason}><input type="checkbox" name="reasons" value=${reason} />
        <span>${t(`rating.reason_${reason}`)}</span></label>`)}
    </fieldset>
    <label class="words"><span>${t("rating.words")}</span><textarea name="words" rows="2" maxlength="500"></textarea></label>
    <div class="foot"><p class="quiet-words">${t("rating.promise")}</p>
      <${Key} kind="quiet" onPress=${() => show({ ticket, step: "levels" })}>${t("rating.back")}<//>
      <button class="key primary">${t("rating.send")}</button></div>
  </form>`;
}

function Case({ code }) {
  const site = catalogue.value?.public_url?.replace(/^https?:\/\//, "").replace(/\/$/, "");
  const note = site ? t("rating.case_note", { place: `${site}/c` }) : t("rating.case_note_desk");
  return html`<h1>${t("rating.thanks")}</h1><p class="label">${t("rating.case_code")}</p>
    <p class="code number">${code}</p><p class="note">${note}</p>
    <${Key} kind="primary" onPress=${() => show(null)}>${t("rating.done")}<//>`;
}

const Said = ({ words, ok }) => html`<p class="said ${ok ? "ok" : ""}">${words}</p>`;

function Step({ state }) {
  if (state.step === "levels") return html`<${Levels} ...${state} />`;
  if (state.step === "why") return html`<${Why} ...${state} />`;
  if (state.step === "case") return html`<${Case} ...${state} />`;
  if (state.step === "sending") return html`<${Said} words=${t("common.working")} />`;
  return html`<${Said} words=${t(`rating.${state.step}`)} ok=${state.step === "thanks"} />`;
}

function Rate({ board, link }) {
  const window = board.value && here(board.value);
  const hall = catalogue.value?.hall.name;
  const stale = staleText(link.value, "display.window_stale");
  if (!asked.value) {
    return html`<main class="idle"><h1>${hall ?? ""}</h1>
      <p>${window ? html`<${WindowName} name=${window.name} />` : board.value ? t("display.no_such_window") : ""}</p>
      ${link.value.refused && html`<footer role="alert">${stale}</footer>`}</main>`;
  }
  return html`<main class="asks"><header><span>${hall}</span>${window && html`<${WindowName} name=${window.name} />`}</header>
    <section class="step" role="status"><${Step} state=${asked.value} /></section></main>`;
}

startScreen(Rate, { onBoard, onEvent, dark: false, domains: ["rating"], about: () => ({ page: "rate", window: pageData.window }) });
