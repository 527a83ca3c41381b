// What is being written in the dialog: a draft beside what was shown, its reason, and how the server answered.
import { signal } from "@preact/signals";
import { api } from "web/api.js";
import { t } from "web/texts.js";
import * as staff from "web/staff.js";
import { latestSet, layout, nameOf, refreshNow, titleOf } from "./catalogue_state.js";
import { differences, labelAt } from "./catalogue_words.js";

const WAITS = { timeout: 15_000, tries: 3 };

/** {name, part, id?, title, before, draft, step: "write" | "review" | "close", reason, refused?, wrong: {field: words}} */
export const dialog = signal(null);
export const busy = signal(false);

/** Changes what the open dialog knows; one that was closed meanwhile stays so. */
export const set = (change) => dialog.value && (dialog.value = { ...dialog.value, ...change });
export const close = () => (dialog.value = null);

/** Away without saving; who has typed something is asked first. */
export function leave() {
  const { step, from, draft, opened, before } = dialog.value;
  if (step === "leave") set({ step: from });
  else if (draft === opened || (before && differences(before, draft).length === 0)) close();
  else set({ step: "leave", from: step });
}

/** What stands at a path of the draft such as "name.zh-CN". */
export const at = (path) => path.split(".").reduce((value, key) => value?.[key], dialog.value.draft);

export function put(path, value) {
  const { [path]: _mended, ...wrong } = dialog.value.wrong;
  set({ draft: placed(dialog.value.draft, path.split("."), value), wrong });
}

function placed(value, [key, ...rest], made) {
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[key] = rest.length ? placed(copy[key], rest, made) : made;
  return copy;
}

const begun = (given) => {
  staff.notice.value = null;
  dialog.value = { step: "write", reason: "", refused: null, wrong: {}, opened: given.draft, ...given };
};

export const openEdit = (part, { value, closed }) => begun({ name: "edit", part, id: value.id, title: titleOf(part, value), before: value, draft: value, closed });
export const openView = (part, { value }) => begun({ name: "view", part, id: value.id, title: titleOf(part, value), before: value });
export const openNew = (part) => begun({ name: "edit", part, id: null, title: "", before: null, draft: FRESH[part]() });
export const openImport = (part) => begun({ name: "import", part, file: null, found: null, mistakes: null });

const GROUPS = { hours: ["issuing", "calling"], calendar: ["calendar"], hall: ["name", "guide_line", "complaint_line"], rules: ["rules"], categories: ["category_sets"] };

export function openSettings(group, draft = {}, more = {}) {
  const before = Object.fromEntries(GROUPS[group].map((key) => [key, layout.value.settings[key]]));
  begun({ name: "edit", part: "settings", group, id: group, title: t(`catalogue.group_${group}`), before, draft: { ...before, ...draft }, ...more });
}

const names = () => ({ "zh-CN": "" });
const FRESH = {
  zones: () => ({ id: "", name: names(), floor: 1 }),
  units: () => ({ id: "", name: names(), kind: "local" }),
  lines: () => ({
    id: "", name: names(), prefix: "", common: false, issuing: null, daily_quota: null, identity: "none", agent_limit: 3, remote_share: 0, booking: null, slot_quotas: [], capacity_quota: null,
    batch_limit: null,
  }),
  matters: () => ({ id: "", name: names(), unit: "", category: latestSet()?.categories[0]?.id ?? "", line: "", entry: "in_hall", papers: [], route: null, guide: null }),
  windows: () => ({ id: "", name: "", zone: layout.value.zones[0].id, lines: {} }),
  assignments: () => ({ id: "", clerk: "", unit: null, window: null, from_day: staff.catalogue.value.day, to_day: null }),
};

/** The draft without what was left empty, as the server takes it. */
export function cleaned({ part, draft }) {
  const named = draft.name && typeof draft.name === "object" ? { name: trimmed(draft.name) ?? {} } : {};
  return { ...draft, ...named, ...TIDIED[part]?.(draft) };
}

function trimmed(texts) {
  const kept = Object.entries(texts ?? {}).map(([code, text]) => [code, text.trim()]).filter(([, text]) => text);
  return kept.length ? Object.fromEntries(kept) : null;
}

const TIDIED = {
  matters: ({ papers, guide, route }) => {
    const kept = Object.entries(guide ?? {}).map(([key, texts]) => [key, trimmed(texts)]);
    return { papers: papers.map(trimmed).filter(Boolean), guide: kept.some(([, texts]) => texts) ? Object.fromEntries(kept) : null, route: route?.lines.length ? route : null };
  },
  lines: ({ issuing }) => ({ issuing: issuing?.length ? issuing : null }),
  assignments: ({ id, clerk, from_day }) => ({ clerk: clerk.trim(), id: id || madeId(clerk, from_day) }),
  settings: ({ category_sets: all }) => all && { category_sets: all.map((one) => ({ ...one, name: trimmed(one.name) ?? {}, categories: one.categories.map((each) => ({ ...each, name: trimmed(each.name) ?? {}, maps_to: each.maps_to || null })) })) },
};

/** What is typed for an id, as it may be: small letters, digits and hyphens. */
export const asId = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 40);

/** An id made of a text. */
export const slug = (text) => asId(text.trim()).replace(/^-+|-+$/g, "");

/** Nobody thinks of an id for an assignment: who, from when, and what keeps two of a day apart. */
const madeId = (clerk, day) => slug(`${slug(clerk).slice(0, 24) || "clerk"}-${day.replaceAll("-", "")}-${Math.random().toString(36).slice(2, 5)}`);

export function review(event) {
  event.preventDefault();
  const draft = cleaned(dialog.value);
  set({ draft, step: "review", refused: null, wrong: {}, changes: differences(dialog.value.before, draft) });
}

/** Sends what was written, or closes the part; the dialog goes once the server has done it. */
export async function send(event) {
  event.preventDefault();
  if (busy.value) return;
  const { part, id, before, draft, step, reason, title, closed } = dialog.value;
  const said = { reason: reason.trim() };
  const answer = step === "close" ? await post(`${part}/${id}/close`, said)
    : part === "settings" ? await post("settings", { values: draft, before, ...said })
      : await post(`${part}/${encodeURIComponent(draft.id)}`, { value: draft, before: closed ? null : before, ...said });
  if (!answer) return;
  close();
  staff.tell("green", t(`catalogue.done_${step === "close" ? "close" : "keep"}`, { name: part === "settings" ? title : titleOf(part, draft) }));
}

/** One writing call; null after a refusal, which then stands in the dialog. */
export async function post(path, body, options = WAITS) {
  busy.value = true;
  set({ refused: null });
  try {
    return await api.post(staff.path(`layout/${path}`), body, options);
  } catch (error) {
    refuse(error);
    return null;
  } finally {
    busy.value = false;
    refreshNow();
  }
}

function refuse(error) {
  if (error.status === 401) staff.session.value = null;
  if (!dialog.value) return;
  const { code, details, message } = error;
  if (code === "link_down") return set({ refused: { lead: t("common.link_down"), words: [] } });
  if (code === "import_refused") return set({ mistakes: details });
  if (code !== "bad_body" && code !== "bad_layout") {
    const [lead, ...words] = message.split("\n");
    return set({ refused: { lead, words, moved: code === "layout_moved" } });
  }
  const mistakes = (details.mistakes ?? [details]).map((one) => ({ ...one, field: one.field.replace(/^values?\./, "") }));
  const own = mistakes.filter(isOwn);
  const wrong = Object.fromEntries(own.map(({ field, expected }) => [field, expected]));
  const back = dialog.value.step === "review" && own.some(({ field }) => field !== "reason");
  set({ wrong, refused: { words: mistakes.map(inWords) }, step: back ? "write" : dialog.value.step });
}

/** Whether a mistake is of what is being written (what stands twice, too), or of another part that it would leave astray. */
function isOwn({ part, id, field, value }) {
  const { name, part: mine, draft } = dialog.value;
  if (name !== "edit") return false;
  return !part || part === "settings" || (part === mine && (id === draft.id || draft[field] === value));
}

function inWords(mistake) {
  const { part, id, field, expected } = mistake;
  const said = { field: labelAt(field, dialog.value.draft ?? {}), expected };
  if (isOwn(mistake)) return t("catalogue.mistake_own", said);
  const name = nameOf(part, id);
  return t(dialog.value.step === "close" ? "catalogue.still_used" : "catalogue.mistake_other", { ...said, name });
}

/** After another's change: theirs is what counts as shown, with what was typed here upon it. */
export async function takeNew() {
  const { part, id, before, draft } = dialog.value;
  const now = await (part === "settings" ? settingsNow(Object.keys(before)) : valueNow(part, draft.id ?? id)).catch((error) => void refuse(error));
  if (now === undefined) return;
  const mine = before && now ? rebased(before, draft, now) : draft;
  const shown = now ?? before;
  set({ closed: before !== null && now === null, before: shown, draft: mine, refused: null, changes: differences(shown, mine), theirs: before && now ? differences(before, now) : [] });
}

async function settingsNow(keys) {
  const { settings } = await staff.get("layout");
  return Object.fromEntries(keys.map((key) => [key, settings[key]]));
}

/** The open part of that id, or null. */
async function valueNow(part, id) {
  for (let after = null; ; ) {
    const found = await staff.get(`layout/${part}?${new URLSearchParams({ text: id, limit: 500, ...(after && { after }) })}`);
    const one = found.parts.find(({ value }) => value.id === id);
    if (one || !found.after) return one?.value ?? null;
    after = found.after;
  }
}

const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** What was changed here stands; everything else is as it is now. */
function rebased(old, mine, now) {
  if (![old, mine, now].every(isPlain)) return same(mine, old) ? now : mine;
  const keys = new Set([...Object.keys(now), ...Object.keys(mine)]);
  return Object.fromEntries([...keys].map((key) => [key, rebased(old[key], mine[key], now[key])]).filter(([, value]) => value !== undefined));
}
