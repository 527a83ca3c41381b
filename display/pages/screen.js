// What board and window screen share: their line to the hall, the layout's names, staleness in words, renewal.
import { signal } from "@preact/signals";
import { api, signIn } from "web/api.js";
import { rearranges } from "web/board.js";
import { clockText, now } from "web/clock.js";
import { follow, serverNow } from "web/live.js";
import { fetchTexts, language, loadTexts, t, translator } from "web/texts.js";
import { html, pageData, start } from "web/ui.js";
import { mayRenew } from "./night.js";
import { reportPainted } from "./painted.js";
import { blocked, listenForSpeech, offerLoudspeaker, path } from "./sound.js";

/** {hall, zones, lines, …} of GET catalogue in the page's language; null until it was fetched. */
export const catalogue = signal(null);

const offered = pageData.languages ?? [];
const codes = Array.isArray(offered) ? offered : Object.keys(offered);
const others = codes.filter((code) => code !== pageData.language);
const second = others[0];
const inSecond = translator(second);
const DOMAINS = ["common", "display"];
/** A text in a ticket's language, where that is another than the screen's own; else null. */
export const sayIn = (spoken, key) => (others.includes(spoken) ? translator(spoken)(key) : null);

const LAYOUT_EVERY = 30_000;
const VERSION_EVERY = 600_000;
const NIGHT_EVERY = 60_000;

/** Follows the hall and draws `screen` with {board, link, live}; never returns to a page that needs a hand. */
export async function startScreen(screen, { onEvent, onBoard, about = () => ({}), dark = true, domains = [] } = {}) {
  document.documentElement.classList.toggle("dark", dark);
  const texts = [...DOMAINS, ...domains];
  await Promise.all([loadTexts(pageData.language, texts), ...others.map((code) => fetchTexts(code, texts))]);
  await registerScreen();
  const heard = (event, board) => {
    if (rearranges(event)) readLayout();
    onEvent?.(event, board);
  };
  const live = follow({ hall: pageData.hall, token: pageData.token, onEvent: heard, onBoard });
  listenForSpeech(live.socket);
  if (pageData.speaks) offerLoudspeaker(live.socket);
  reportPainted(live, about);
  keepLayout();
  live.socket.on("connect", () => (readLayout(), renewIfChanged()));
  setInterval(renewIfChanged, VERSION_EVERY);
  setInterval(() => renewAtNight(live), NIGHT_EVERY);
  start(screen, live);
}

/** A token in the address becomes a cookie; without one the display client's own line is used. */
async function registerScreen() {
  while (location.hash.includes("token=")) {
    const hash = location.hash;
    try {
      return await signIn();
    } catch (error) {
      console.warn("not registered yet:", error.message);
      history.replaceState(null, "", location.pathname + location.search + hash);
      await new Promise((go) => setTimeout(go, 2000));
    }
  }
}

async function keepLayout() {
  await readLayout();
  setTimeout(keepLayout, catalogue.value ? LAYOUT_EVERY : 2000);
}

/** Reads the hall's names in the page's language anew; where that fails those of before stay. */
export async function readLayout() {
  try {
    catalogue.value = await api.get(`/halls/${pageData.hall}/catalogue?language=${language.value}`);
  } catch (error) {
    console.warn("layout not read:", error.message);
  }
}

/** Loads the page anew when the server now has another one: nobody comes by a screen to press a key. */
async function renewIfChanged() {
  try {
    const text = await (await fetch(location.href, { cache: "no-store" })).text();
    const offered = /data-version="(\w+)"/.exec(text)?.[1];
    if (!offered || offered === document.documentElement.dataset.version) return;
    if (sessionStorage.getItem("renewed") === offered) return; // tried already: some cache keeps the old one
    sessionStorage.setItem("renewed", offered);
    location.reload();
  } catch {
    // cut off: it is asked again at the next connect
  }
}

/** Loads the page anew once a night, when nobody looks and the server surely answers. */
async function renewAtNight({ board, link }) {
  const hour = timeZone() && Number(clockText(now.value, timeZone()).slice(0, 2));
  const quiet = mayRenew({ hour, minutesOpen: performance.now() / 60_000, calls: board.value?.calls.length, up: link.value.state === "up" });
  if (quiet && (await fetch(location.href, { cache: "no-store" }).catch(() => null))?.ok) location.reload();
}

export const timeZone = () => catalogue.value?.hall.time_zone;

/** {name, floor} of a window's zone. */
export const zoneOf = (window) => catalogue.value?.zones.find((zone) => zone.id === window?.zone);

/** 二楼 · Floor 2; nothing in a hall of one floor. */
export function floorText(floor) {
  const floors = new Set(catalogue.value?.zones.map((zone) => zone.floor));
  if (floor === undefined || floors.size < 2) return "";
  const digits = language.value.startsWith("zh") ? [..."零一二三四五六七八九"][floor] : undefined;
  return t("common.floor", { floor: digits ?? floor });
}

/** "3 号窗口" with the name large and the words beside it small; a name that is itself words stands alone. */
export function WindowName({ name }) {
  if (!/^[\w-]+$/.test(name)) return html`<span class="window-name words-only"><b>${name}</b></span>`;
  const [before, after] = t("common.window", { name: "\n" }).split("\n");
  return html`<span class="window-name">
    ${before && html`<small>${before.trim()}</small>`}<b class="number">${name}</b>${after && html`<small>${after.trim()}</small>`}
  </span>`;
}

/** A heading in the page's language, and small beside it in the other one the hall speaks. */
export const Heading = ({ level = "h2", text }) => html`<${level} class="heading">
  ${t(text)}${second && html`<span lang=${second}>${inSecond(text)}</span>`}
<//>`;

/** Which page of a longer list stands there. */
export const Pages = ({ page, pages }) => html`<span class="pages" role="img" aria-label=${t("display.page", { page, pages })}>
  ${Array.from({ length: pages }, (_, n) => html`<i class=${n + 1 === page ? "on" : ""} />`)}</span>`;

/** The hall's clock, once the hall's own time zone is known. */
export const Clock = () => (timeZone() ? html`<time class="clock number">${clockText(now.value, timeZone())}</time>` : null);

/** The words of a screen that is cut off, or null while what it shows can be believed. */
export function staleText(link, key) {
  if (link.refused) return t("display.refused");
  if (link.state !== "stale") return null;
  now.value; // counts on with the clock
  const seconds = Math.floor((Date.now() - link.since) / 1000);
  return seconds < 120 ? t(key, { n: seconds }) : t(`${key}_minutes`, { n: Math.floor(seconds / 60) });
}

/** What the supervisor has the boards say, in the page's language; null when there is nothing. */
export function messageText(hall) {
  const text = hall?.message?.text;
  if (!text || (hall.message.until && Date.parse(hall.message.until) < serverNow())) return null;
  return typeof text === "string" ? text : (text[language.value] ?? text[Object.keys(text)[0]]);
}

/** A calm word saying which way the voice goes; only a screen that speaks has one. */
export function soundText() {
  if (blocked.value) return t("display.sound_blocked");
  if (!pageData.speaks || !path.value) return "";
  return t(path.value === "none" ? "display.sound_none" : path.value === "page" ? "display.sound_page" : "display.sound_card");
}
