// What the parts of the audit page share: moments in words, and a list read a page at a time.
import { signal } from "@preact/signals";
import { api } from "web/api.js";
import * as clock from "web/clock.js";
import { language, t } from "web/texts.js";
import { html } from "web/ui.js";
import * as staff from "web/staff.js";

const LONG = 30_000; // ms that a busy server may take over a search

/** A moment as the hall's clock has it. */
export function momentText(at) {
  return clock.momentText(at, staff.zone.value, true);
}

/** A text that may be missing: a kind that only a newer server knows. */
export function known(key, otherwise) {
  const said = t(key);
  return said === key ? otherwise : said;
}

/** A list of which `rows`, `more` and `asked` are kept; `ask(form)` begins anew, `goOn()` adds the next page. */
export function listOf(path, rowsOf, cursor) {
  const rows = signal(null);
  const more = signal(false);
  const extra = signal({});
  let asked = {};
  async function read(after) {
    try {
      const found = await api.get(staff.path(`${path}?${queryOf({ ...asked, after })}`), { timeout: LONG });
      rows.value = after ? [...rows.value, ...found[rowsOf]] : found[rowsOf];
      [more.value, extra.value] = [found.more, found];
    } catch (error) {
      staff.tell("amber", error.code === "link_down" ? t("common.link_down") : error.message, true);
    }
  }
  return {
    rows, more, extra,
    ask: (form) => ((asked = form), read(null)),
    goOn: () => read(rows.value.at(-1)[cursor]),
    file: (form) => `/api/v1${staff.path(`${path}?${queryOf({ ...asked, form })}`)}`,
  };
}

const queryOf = (asked) => new URLSearchParams(Object.entries({ ...asked, language: language.value }).filter(([, value]) => value));

/** The whole list as a file. */
export function Files({ list }) {
  return ["csv", "xlsx"].map((form) => html`<a class="key" key=${form} href=${list.file(form)} download>${t(`audit.${form}`)}</a>`);
}
