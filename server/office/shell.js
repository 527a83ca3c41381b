// The frame of every office page: the hall and who is here, the way to the other pages, calm notices, signing out.
import { useRef } from "preact/hooks";
import { signInAddress, signOut } from "web/api.js";
import { clockText } from "web/clock.js";
import { language, t } from "web/texts.js";
import { html, Key, Notice, pageData, start } from "web/ui.js";
import * as staff from "web/staff.js";

const here = pageData.pages.find(({ path }) => path === pageData.page);
const mayBeHere = () => here.roles.includes(staff.session.value.role);

/** Whether this person's role is one of these. */
export const is = (...roles) => roles.includes(staff.session.value?.role);

/**
 * Opens the page in its frame. `title`: the text of its heading; `domains`: its texts; `refresh(get)` reads its lists;
 * `ready()` whether they are there; `Main` is the page itself, `Aside` what stands in the head beside its title.
 */
export async function open({ title, domains, refresh, ready, Main, Aside }) {
  const guarded = async (get) => mayBeHere() && refresh(get);
  await staff.prepare({ name: "office", domains: [...domains, "office", "common", "errors"], refresh: guarded });
  start(() => html`<${Frame} ...${{ title, ready, Main, Aside }} />`);
  await staff.begin(pageData.hall).catch((error) => staff.tell("red", error.message, true));
}

function Frame({ title, ready, Main, Aside }) {
  const { value: who } = staff.session;
  if (!who) return html`<${Alone} title=${title} words=${who === null ? "no_session" : "loading"} />`;
  return html`<div class="office ${pageData.page}"><a class="skip" href="#" onClick=${toMain}>${t("office.skip")}</a><${Head} title=${title} Aside=${mayBeHere() && ready() ? Aside : null} /><${Ways} />
    <${Told} /><main tabindex="-1">${!mayBeHere()
      ? html`<${Notice}>${t("office.not_yours")}<//>`
      : ready() ? html`<${Main} />` : html`<${Notice}>${t("office.loading")}<//>`}</main></div>`;
}

// Past the head and the ways, which are the same on every page.
function toMain(event) {
  event.preventDefault();
  document.querySelector("main").focus();
}

const Alone = ({ title, words }) => html`<main class="alone"><h1>${t(title)}</h1><${Notice}>${t(`office.${words}`)}<//>
  ${words === "no_session" && html`<a class="key primary" href=${signInAddress()}>${t("common.sign_in")}</a>`}</main>`;

function Head({ title, Aside }) {
  return html`<header class="head dark"><div><h1>${t(title)}</h1><p>${staff.catalogue.value?.hall.name}</p></div>
    ${Aside && html`<${Aside} />`}
    ${staff.cutOff.value && html`<span class="tag red" role="status">${cutWords()}</span>`}
    <p class="who"><strong>${staff.session.value.name}</strong><span>${t(`office.role_${staff.session.value.role}`)}</span></p>
    ${Object.entries(pageData.languages).filter(([code]) => code !== language.value).map(([code, own]) => html`
      <${Key} kind="quiet" key=${code} lang=${code} onPress=${() => speak(code)}>${own}<//>`)}
    <${Key} kind="quiet" onPress=${leave}>${t("office.sign_out")}<//></header>`;
}

const cutWords = () => (staff.askedAt.value ? t("office.cut_at", { time: clockText(staff.askedAt.value, staff.zone.value) }) : t("office.cut"));

async function speak(code) {
  await staff.speak(code);
  staff.refreshSoon(0);
}

async function leave() {
  await signOut();
  staff.session.value = null;
}

// The pages of clerks and the desk have frames of their own.
const AT_WORK = [{ path: "clerk", roles: ["clerk"] }, { path: "desk", roles: ["desk", "supervisor"] }];

// On a phone the ways are one row that is pushed aside: the page one is on stands in the middle of it.
function inSight(row) {
  const one = row?.querySelector("[aria-current]");
  if (one) row.scrollLeft = one.offsetLeft + one.offsetWidth / 2 - row.clientWidth / 2;
}

function Ways() {
  const open = [...pageData.pages.slice(0, -1), ...AT_WORK, pageData.pages.at(-1)].filter(({ roles }) => roles.includes(staff.session.value.role));
  if (open.length < 2) return null;
  return html`<nav class="ways" aria-label=${t("office.ways")}><ul ref=${inSight}>${open.map(({ path }) => html`
    <li key=${path}><a href=${`/${path}?language=${language.value}`} aria-current=${path === pageData.page ? "page" : undefined}>${t(`office.${path}`)}</a></li>`)}</ul></nav>`;
}

/** A refusal, said in the dialog that caused it: what stands on the page is dimmed behind it. */
export function Refused() {
  const before = useRef(staff.notice.peek()); // of something else
  const { value: said } = staff.notice;
  return said && said !== before.current && said.kind !== "green" ? html`<${Notice} kind=${said.kind}>${said.text}<//>` : null;
}

// Said over whatever is shown, so that it is seen wherever the page was scrolled to.
function Told() {
  const { value: said } = staff.notice;
  return html`<div class="told" aria-live="polite">${said && html`<${Notice} kind=${said.kind}>${said.text}<//>`}</div>`;
}
