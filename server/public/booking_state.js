// Where the visitor is in booking, what can be booked, and the booking itself. The address says where: back is back.
import { batch, signal } from "@preact/signals";
import { api, signIn } from "web/api.js";
import { language, loadTexts, t } from "web/texts.js";
import { pageData } from "web/ui.js";

const OWN = "hallcall.bookings"; // codes made on this phone, the newest first
const LANGUAGE = "hallcall.booking.language";

/** {code?, change?, line?, day?, slot?, ask?}: the answers so far. `ask`: the number is asked for. */
export const at = signal({});
/** {hall, lines, days, slots} as the server offers them now. */
export const offer = signal(null);
export const booking = signal(null);
export const session = signal(null);
export const loaded = signal(false);
export const failed = signal(null);
export const busy = signal(false);
/** Something was just done: "made", "changed", "cancelled". */
export const done = signal(null);
/** The number given to a visitor who was checked in here. */
export const ticket = signal(null);

export const ownCodes = () => JSON.parse(localStorage.getItem(OWN) ?? "[]");
const keepOwn = (codes) => localStorage.setItem(OWN, JSON.stringify(codes.slice(0, 5)));
const atDesk = () => ["desk", "supervisor"].includes(session.value?.role);
export const desk = atDesk;
export const lineName = () => offer.value?.lines.find((one) => one.id === at.value.line)?.name ?? "";
export const chosenDay = () => offer.value?.days.find((one) => one.day === at.value.day);
export const chosenSlot = () => offer.value?.slots.find((one) => one.at === at.value.slot);

const path = ({ code }) => (code ? `/booking/${code}` : "/booking") + location.search;
const fragment = ({ code, ...rest }) => {
  const said = new URLSearchParams(Object.entries(rest).filter(([, value]) => value)).toString();
  return said && `#${said}`;
};

function fromAddress() {
  const code = location.pathname.split("/")[2];
  const token = location.hash.startsWith("#token="); // a staff link, read by signIn
  return { ...(token ? {} : Object.fromEntries(new URLSearchParams(location.hash.slice(1)))), ...(code && { code }) };
}

/** On to the next question, or to any other place; `instead` leaves no way back to this one. */
export function go(place, instead = false) {
  if (place.code !== at.value.code || !place.code) batch(() => ((done.value = null), (ticket.value = null)));
  history[instead ? "replaceState" : "pushState"](null, "", path(place) + fragment(place));
  return show(place);
}

async function show(place) {
  failed.value = null;
  try {
    await load(place);
    batch(() => {
      at.value = place;
      loaded.value = true;
    });
    scrollTo(0, 0);
    document.querySelector("h1")?.focus();
  } catch (error) {
    failed.value = error.message;
  }
}

/** What the place shows is fetched before it is shown: no empty screen in between. */
async function load({ code, line, day }) {
  if (code && booking.value?.code !== code) booking.value = (await api.get(`/bookings/${code}`)).booking;
  if (!code) booking.value = null;
  const asked = new URLSearchParams({ language: language.value, ...(line && { line }), ...(day && { day }) });
  const hall = code ? booking.value.hall : pageData.hall;
  offer.value = await api.get(`/halls/${hall}/slots?${asked}`);
}

export async function speak(wanted) {
  localStorage.setItem(LANGUAGE, wanted);
  await loadTexts(wanted, ["booking", "common"]);
  document.title = t("booking.title");
  if (loaded.value) await show(at.value);
}

export async function begin() {
  await speak(localStorage.getItem(LANGUAGE) ?? language.value);
  const place = fromAddress();
  session.value = await signIn().catch(() => null);
  addEventListener("popstate", () => show(fromAddress()));
  await show(place);
}

/** Runs one command; a refusal is said on the screen and, where places may be gone, the offer is fetched anew. */
export async function run(command) {
  if (busy.value) return;
  busy.value = true;
  failed.value = null;
  try {
    await command();
  } catch (error) {
    await load(at.value).catch(() => {});
    failed.value = error.code === "bad_body" ? t("booking.number_wrong") : error.message;
  } finally {
    busy.value = false;
  }
}

export const book = (person) => run(async () => {
  const { line, slot } = at.value;
  const body = { line, at: slot, person, language: language.value };
  const made = (await api.post(`/halls/${pageData.hall}/bookings`, body, { tries: 3 })).booking;
  if (!desk()) keepOwn([made.code, ...ownCodes()]);
  booking.value = made;
  await go({ code: made.code }, true);
  done.value = "made";
});

/** A slot was touched: a new booking asks for the number; a change on the same day needs none. */
export function choose(slot) {
  const place = { ...at.value, slot };
  if (!place.code) return go(place);
  return place.day === booking.value.day ? (at.value = place, change()) : go({ ...place, ask: "number" });
}

export const change = (person) => run(async () => {
  const { code, slot } = at.value;
  booking.value = (await api.post(`/bookings/${code}/change`, { at: slot, ...(person && { person }) }, { tries: 3 })).booking;
  await go({ code }, true);
  done.value = "changed";
});

export const cancel = () => run(async () => {
  const { code } = at.value;
  booking.value = (await api.post(`/bookings/${code}/cancel`, {}, { tries: 3 })).booking;
  keepOwn(ownCodes().filter((one) => one !== code));
  done.value = "cancelled";
});

export const find = (person) => run(async () => {
  const found = (await api.post(`/halls/${pageData.hall}/bookings/find`, { person })).booking;
  await go({ code: found.code });
});

export const checkIn = () => run(async () => {
  const answer = await api.post(`/bookings/${at.value.code}/arrive`, {}, { tries: 3 });
  booking.value = answer.booking;
  ticket.value = answer.ticket;
});
