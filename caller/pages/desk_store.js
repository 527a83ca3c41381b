// What the guide desk's page knows and does: the lists beside, the ticket in hand, and the commands of its keys.
import { computed, signal } from "@preact/signals";
import { language, t } from "web/texts.js";
import * as staff from "web/staff.js";
import { ring } from "./desk_bell.js";
import { alarms, meant } from "./desk_rules.js";

const ANSWERED = "hallcall.desk.answered";
const DEVICE = "hallcall.desk.device";
const CATALOGUE_EVERY = 15_000; // ms; how long one waits ages
const RING_AGAIN = 20_000; // ms while nobody has answered

export const wanted = signal([]); // visitors who called at a kiosk
export const unprinted = signal([]);
export const guided = signal([]);
export const devices = signal([]);
export const typed = signal("");
export const view = signal({ name: "home" }); // home, {name: "issue", line, matter} or {name: "story", told}
export const question = signal(null); // {ask, answers: {key: [label, done]}} or {dialog: name}
export const busy = signal(null); // the action under way
export const linkedTo = signal(null); // the ticket of the same person that the next one is linked with
const answered = signal(new Set(JSON.parse(sessionStorage.getItem(ANSWERED) ?? "[]")));

export const ringing = computed(() => alarms(wanted.value, guided.value, answered.value));
export const printers = computed(() => devices.value.filter((one) => one.name !== staff.session.value?.name));
const chosenDevice = signal(localStorage.getItem(DEVICE));
export const printer = computed(() => {
  const all = printers.value;
  return chosenDevice.value === "" ? null : (all.find((one) => one.id === chosenDevice.value) ?? all[0] ?? null);
});
export const deviceName = (id) => devices.value.find((one) => one.id === id)?.name ?? id;

// The next printer, and after the last none: the number is then told, not printed.
export function nextPrinter() {
  const ids = [...printers.value.map((one) => one.id), ""];
  const id = ids[(ids.indexOf(printer.value?.id ?? "") + 1) % ids.length];
  chosenDevice.value = id;
  localStorage.setItem(DEVICE, id);
}

// ——— the lists beside ———

let catalogueAt = performance.now();
let rungFor = new Set();

export async function refresh(get) {
  const [desk, marked, known] = await Promise.all([get("desk"), get("tickets?guide=true"), get("devices"), refreshStory(get), refreshCatalogue()]);
  wanted.value = desk.wanted;
  unprinted.value = desk.unprinted;
  guided.value = marked.tickets;
  devices.value = known.devices;
  ringForNew();
}

async function refreshCatalogue() {
  if (performance.now() - catalogueAt < CATALOGUE_EVERY) return;
  catalogueAt = performance.now();
  await staff.readCatalogue();
}

async function refreshStory(get) {
  const shown = view.value;
  if (shown.name !== "story") return;
  const told = await get(`tickets/${shown.told.ticket.id}/story?language=${language.value}`);
  if (view.value === shown) view.value = { name: "story", told };
}

function ringForNew() {
  const now = new Set(ringing.value.map((one) => one.key));
  if ([...now].some((key) => !rungFor.has(key))) ring();
  rungFor = now;
}
setInterval(() => ringing.value.length && ring(), RING_AGAIN);

// Someone goes: a kiosk's call is answered for every desk, a marked visitor's here alone.
export async function answerAlarm(alarm = ringing.value[0]) {
  if (!alarm) return;
  if (alarm.kind === "wanted") return staff.send(`kiosk-help/${encodeURIComponent(alarm.device)}/answer`);
  answered.value = new Set([...answered.value, alarm.key]);
  sessionStorage.setItem(ANSWERED, JSON.stringify([...answered.value].slice(-200)));
}

// ——— finding ———

export function goHome() {
  typed.value = "";
  question.value = null;
  view.value = { name: "home" };
}

// A number's story, what a scanned slip does, or nothing when the words are for the list.
export function look(text = typed.value) {
  const { number, code } = meant(text);
  if (number) return inWork("look", () => openNumber(number));
  if (code) return inWork("look", () => scan(code));
}

async function openNumber(number) {
  const { tickets } = await staff.get(`tickets?number=${encodeURIComponent(number)}`);
  if (tickets.length) return openStory(tickets[0].id);
  staff.tell("amber", t("desk.no_number", { number }), true);
}

async function scan(code) {
  const got = await staff.send("tickets/scan", { code });
  if (!got) return;
  await openStory(got.ticket.id);
  const { number, ahead } = got.ticket;
  if (got.action !== "found") staff.tell("green", t(`desk.done_${got.action}`, { number, n: ahead ?? 0 }), true);
}

export async function openStory(id) {
  const told = await staff.get(`tickets/${encodeURIComponent(id)}/story?language=${language.value}`);
  typed.value = "";
  question.value = null;
  view.value = { name: "story", told };
}

// One thing at a time; a refusal is said in its own words.
export async function inWork(action, work) {
  if (busy.value || staff.cutOff.value) return;
  busy.value = action;
  staff.notice.value = null;
  try {
    await work();
  } catch (error) {
    if (error.status === 401) staff.session.value = null;
    if (error.code === "link_down") staff.probe();
    staff.tell("amber", error.code === "link_down" ? t("desk.no_answer") : error.message, true);
  } finally {
    busy.value = null;
  }
}

// ——— commands ———

// A ticket's own command; its story is read anew and `words` say what was done.
export const act = (action, rest, body, words) =>
  inWork(action, async () => {
    const { ticket } = view.value.told;
    const got = await staff.send(`tickets/${ticket.id}/${rest}`, body);
    if (!got) return;
    await openStory(ticket.id);
    staff.tell("green", t(words, { number: ticket.number, n: got.ticket.ahead ?? 0, device: deviceName(body.device) }));
  });

export const issue = (asked) =>
  inWork("issue", async () => {
    const { guide, ...body } = asked;
    const got = await staff.send("tickets", { ...body, ...(linkedTo.value && { with: linkedTo.value.id }) });
    if (!got) return;
    linkedTo.value = null;
    if (guide) await staff.send(`tickets/${got.ticket.id}/guide`, { wanted: true });
    await openStory(got.ticket.id);
    const words = body.device ? "desk.done_issued_printing" : "desk.done_issued";
    staff.tell("green", t(words, { number: got.ticket.number, n: got.ticket.ahead, device: deviceName(body.device) }), true);
  });

export const reprint = (ticket, device, stay = false) =>
  inWork("reprint", async () => {
    if (!(await staff.send(`tickets/${ticket.id}/reprint`, { device }))) return;
    if (!stay) await openStory(ticket.id);
    staff.tell("green", t("desk.done_reprint", { number: ticket.number, device: deviceName(device) }));
  });

export const dismiss = (slip) =>
  inWork("dismiss", async () => {
    if (await staff.send(`slips/${slip.id}/dismiss`)) staff.tell("green", t("desk.done_dismissed", { number: slip.number }));
  });
