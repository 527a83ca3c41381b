// What the catalogue page knows: which view is open, the layout as it stands, and the page of parts that was asked for.
import { computed, signal } from "@preact/signals";
import { language, t } from "web/texts.js";
import { pageData } from "web/ui.js";
import * as staff from "web/staff.js";
import { is } from "./shell.js";

const STEP = 100;
const AGAIN = 5000; // ms; the layout changes seldom, and the hall's events come every second
const NOTHING = { text: "", unit: "", line: "", state: "open", afters: [] };

export const VIEWS = ["matters", "lines", "windows", "units", "zones", "hours", "categories", "assignments"];
const WITHOUT_LIST = ["hours", "categories"];

export const layout = signal(null);
export const page = signal(null); // {part, parts: [{value, closed}], total, after}
export const view = signal(VIEWS.find((one) => one === new URLSearchParams(location.search).get("view")) ?? VIEWS[0]);
export const asked = signal(NOTHING);
export const part = computed(() => (WITHOUT_LIST.includes(view.value) ? null : view.value));

/** Whether this person may change parts of that kind, or the hall's settings. */
export const may = (what) => is("system_admin") || (is("supervisor") && what === "assignments");

const readAt = { layout: -Infinity, list: -Infinity, query: null, catalogue: null };

export function refreshNow() {
  readAt.layout = readAt.list = -Infinity;
  staff.refreshSoon(0);
}

export async function refresh(get) {
  if (readAt.catalogue !== staff.catalogue.value) Object.assign(readAt, { layout: -Infinity, list: -Infinity, catalogue: staff.catalogue.value }); // it was read anew: it is another
  await Promise.all([readLayout(get), readList(get)]);
}

async function readLayout(get) {
  if (layout.value && performance.now() - readAt.layout < AGAIN) return;
  readAt.layout = performance.now();
  layout.value = await get("layout").catch((error) => {
    readAt.layout = -Infinity;
    throw error;
  });
}

async function readList(get) {
  const { value: of } = part;
  const query = of && `layout/${of}?${new URLSearchParams({ ...filters(), limit: STEP, ...(asked.value.afters.length && { after: asked.value.afters.at(-1) }) })}`;
  if (!query || (readAt.query === query && performance.now() - readAt.list < AGAIN)) return;
  Object.assign(readAt, { query, list: performance.now() });
  const found = await get(query).catch((error) => {
    readAt.query = null;
    throw error;
  });
  if (readAt.query === query) page.value = { part: of, ...found };
}

function filters() {
  const { text, unit, line, state } = asked.value;
  return { language: language.value, state, ...(text.trim() && { text: text.trim() }), ...(unit && { unit }), ...(line && { line }) };
}

/** Where the file of all that is found is fetched. */
export const fileOf = (form) => `/api/v1${staff.path(`layout/${part.value}?${new URLSearchParams({ ...filters(), form })}`)}`;

export function choose(to, filter = {}) {
  view.value = to;
  asked.value = { ...NOTHING, ...filter };
  page.value = null;
  readAt.query = null;
  history.replaceState(null, "", `?${new URLSearchParams({ language: language.value, view: to })}`);
  staff.refreshSoon(0);
}

export function ask(change) {
  asked.value = { ...asked.value, afters: [], ...change };
  staff.refreshSoon(200);
}

export const goOn = () => ask({ afters: [...asked.value.afters, page.value.after] });
export const goBack = () => ask({ afters: asked.value.afters.slice(0, -1) });
export const firstShown = () => asked.value.afters.length * STEP + 1;

/** The languages that names have a text in, the hall's own first: [[code, its own name]]. */
export const LANGUAGES = Object.entries(pageData.languages).sort(([one], [other]) => (other === "zh-CN") - (one === "zh-CN"));

export const nameIn = (names) => (typeof names === "string" ? names : (names?.[language.value] ?? names?.["zh-CN"] ?? ""));
export const windowName = (name) => (/^[\w-]+$/.test(name) ? t("catalogue.window", { name }) : name);
export const listed = (texts) => texts.join(t("catalogue.comma"));

/** What a part is called; its id where it is closed or unknown. */
export function nameOf(what, id) {
  if (what === "matters") return staff.matterOf(id)?.name ?? id;
  const one = layout.value[what]?.find((known) => known.id === id);
  if (!one) return id ?? "";
  return what === "windows" ? windowName(one.name) : nameIn(one.name);
}

export const titleOf = (what, value) => (what === "windows" ? windowName(value.name) : what === "assignments" ? value.clerk : nameIn(value.name));

export const sets = () => layout.value.settings.category_sets;
export const latestSet = () => sets().at(-1);

/** A category's name, with its set's where that is not the latest. */
export function categoryName(id, among = sets()) {
  const of = among.find((one) => one.categories.some((category) => category.id === id));
  const name = nameIn(of?.categories.find((one) => one.id === id).name) || id;
  return !of || of === among.at(-1) ? name : t("catalogue.of_set", { name, set: nameIn(of.name) });
}

/** The windows that serve a line, as few words as do. */
export const windowsOf = (line) => layout.value.windows.filter((one) => line in one.lines);

