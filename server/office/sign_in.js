// Signing in: login and password, a code where one is asked for, and what has to be done before one's own page.
import { signal } from "@preact/signals";
import { api, Refusal, signIn, signOut } from "web/api.js";
import { language, loadTexts, t } from "web/texts.js";
import { html, Key, Notice, pageData, start } from "web/ui.js";
import { Factor } from "./factor.js";
import { capsOn, Choose, Field, mayBeCaps } from "./password.js";

const SPOKEN = "hallcall.office.language";
const asked = new URLSearchParams(location.search);

const step = signal("sign_in"); // then `code`, `password`, `factor` where they are needed
const halls = signal([]);
const hall = signal(asked.get("hall") ?? "");
const typed = signal({ login: "", password: "", code: "" });
const wrong = signal(asked.get("why"));
const busy = signal(false);
const hallName = () => halls.value.find((one) => one.id === hall.value)?.name ?? "";

async function speak(wanted) {
  localStorage.setItem(SPOKEN, wanted);
  await loadTexts(wanted, ["sign_in", "common", "errors"]);
  halls.value = (await api.get("/halls", { tries: 20 })).halls;
  if (!halls.value.some((one) => one.id === hall.value)) hall.value = halls.value[0]?.id ?? "";
}

async function enter(event) {
  event.preventDefault();
  if (busy.value) return;
  [busy.value, wrong.value] = [true, null];
  const { login, password, code } = typed.value;
  try {
    await api.post("/sign-in", { hall: hall.value, login, password, ...(step.value === "code" && { code }) });
    await goOn();
  } catch (error) {
    refuse(error);
  }
  busy.value = false;
}

function refuse(error) {
  if (!(error instanceof Refusal)) throw error;
  if (error.code === "factor_needed") step.value = "code";
  else wrong.value = error.code === "link_down" ? t("sign_in.cut") : error.message;
  if (error.code === "factor_wrong") typed.value = { ...typed.value, code: "" };
  if (error.code === "sign_in_wrong") [step.value, typed.value] = ["sign_in", { ...typed.value, password: "", code: "" }];
  focusFirst();
}

// To one's own page, or first to what must be done.
async function goOn() {
  const session = await signIn();
  if (!session) return (step.value = "sign_in");
  step.value = { password: "password", second_factor: "factor" }[session.must] ?? "done";
  if (step.value === "done") return location.replace(pageData.to || session.home || "/");
  focusFirst();
}

async function leave() {
  await signOut();
  [step.value, typed.value, wrong.value] = ["sign_in", { login: "", password: "", code: "" }, null];
  focusFirst();
}

const focusFirst = () => requestAnimationFrame(() => requestAnimationFrame(() => {
  const fields = [...document.querySelectorAll("main input")];
  (fields.find((one) => !one.value) ?? fields[0])?.focus();
}));
const set = (name) => (event) => (typed.value = { ...typed.value, [name]: event.target.value });

function App() {
  return html`<div class="door"><header class="dark"><p class="hall-name">${hallName()}</p>
    ${Object.entries(pageData.languages).filter(([code]) => code !== language.value).map(([code, own]) => html`
      <${Key} kind="quiet" key=${code} lang=${code} onPress=${() => speak(code)}>${own}<//>`)}</header>
    <main><div class="card sheet-of-door"><h1>${t(`sign_in.${step.value}_title`)}</h1>
      <${{ sign_in: SignIn, code: Code, password: OwnPassword, factor: OwnFactor, done: Done }[step.value]} /></div></main></div>`;
}

const Wrong = () => wrong.value && html`<${Notice} kind="red">${WHY[wrong.value] ? t(WHY[wrong.value]) : wrong.value}<//>`;
const WHY = { openid: "sign_in.openid_refused", no_account: "sign_in.no_account", away: "sign_in.openid_away", too_many: "errors.too_many", not_stationed: "errors.not_stationed" };

function SignIn() {
  return html`<form class="form" onSubmit=${enter}><${Wrong} />
    ${halls.value.length > 1 && html`<label class="field">${t("sign_in.hall")}<select value=${hall.value} onChange=${(event) => (hall.value = event.target.value)}>
      ${halls.value.map((one) => html`<option value=${one.id} key=${one.id}>${one.name}</option>`)}</select></label>`}
    <${Field} label=${t("sign_in.login")} name="username" autocomplete="username" value=${typed.value.login} onInput=${set("login")} maxlength="80" autocapitalize="none" spellcheck=${false} />
    <${Field} secret label=${t("sign_in.password")} name="password" autocomplete="current-password" value=${typed.value.password} onInput=${set("password")} />
    ${capsOn.value && html`<p class="caps-on">${t("sign_in.caps")}</p>`}
    <button type="submit" class="key primary" aria-busy=${busy.value ? "true" : undefined}>${t("sign_in.enter")}</button>
    ${pageData.openid && html`<a class="key" href=${`/sign-in/openid?${new URLSearchParams({ hall: hall.value, to: pageData.to, language: language.value })}`}>${t("sign_in.openid")}</a>`}
    <p class="quiet-words">${t("sign_in.forgotten")}</p></form>`;
}

function Code() {
  return html`<form class="form" onSubmit=${enter}><${Wrong} /><p>${t("sign_in.code_words")}</p>
    <${Field} label=${t("sign_in.code")} name="code" autocomplete="one-time-code" value=${typed.value.code} onInput=${set("code")} maxlength="20" spellcheck=${false} />
    <button type="submit" class="key primary" aria-busy=${busy.value ? "true" : undefined}>${t("sign_in.enter")}</button>
    <p class="quiet-words">${t("sign_in.code_lost")}</p>
    <${Key} kind="quiet" onPress=${() => [(step.value = "sign_in"), (wrong.value = null)]}>${t("common.back")}<//></form>`;
}

const OwnPassword = () => html`<p>${t("sign_in.password_words")}</p>
  <${Choose} now=${typed.value.password} onDone=${goOn}><${Leave} /><//>`;

const OwnFactor = () => html`<p>${t("sign_in.factor_words")}</p>
  <${Factor} now=${typed.value.password} onDone=${goOn}><${Leave} /><//>`;

const Leave = () => html`<${Key} kind="quiet" onPress=${leave}>${t("sign_in.leave")}<//>`;

const Done = () => html`<p role="status">${t("sign_in.done_words")}</p>`;

await speak(localStorage.getItem(SPOKEN) ?? language.value);
start(App);
mayBeCaps();
await goOn();
focusFirst();
