// What people read, in their language: `await loadTexts("en", ["kiosk"])`, then `t("kiosk.choose", {n: 3})`.
import { signal } from "@preact/signals";

/** The language the page speaks now. Parts that call `t` are drawn anew when it changes. */
export const language = signal(document.documentElement.lang || "zh-CN");

const catalogues = new Map(); // language → {key: text or [a form for each plural]}

/** Fetches the domains of a language and makes it the page's own. It tries until it gets them: no words, no page. */
export async function loadTexts(wanted, domains) {
  await fetchTexts(wanted, domains);
  language.value = wanted;
  document.documentElement.lang = wanted;
}

/** Fetches the domains of a language without switching to it; `translator` then speaks it beside the page's own. */
export async function fetchTexts(wanted, domains) {
  await Promise.all(domains.map((domain) => fetchDomain(wanted, domain)));
}

const fetched = new Set();
async function fetchDomain(wanted, domain) {
  const address = `/texts/${wanted}/${domain}.json`;
  for (let wait = 250; !fetched.has(address); wait = Math.min(wait * 2, 5000)) {
    try {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      const messages = await answer.json(); // first, or two domains at once would overwrite each other
      catalogues.set(wanted, { ...catalogues.get(wanted), ...messages });
      fetched.add(address);
    } catch (error) {
      console.warn("texts not loaded, trying again:", error.message);
      await new Promise((go) => setTimeout(go, wait));
    }
  }
}

/** The message in the page's language, {named} values filled; plural forms are chosen by `n`. */
export const t = (key, values = {}) => say(language.value, key, values);

/** The same for another language whose domains were fetched. */
export const translator = (other) => (key, values = {}) => say(other, key, values);

function say(spoken, key, values) {
  let text = catalogues.get(spoken)?.[key];
  if (text === undefined) {
    console.warn("no text for", spoken, key);
    return key;
  }
  if (Array.isArray(text)) text = text[new Intl.PluralRules(spoken).select(values.n) === "one" ? 0 : text.length - 1];
  return text.replace(/\{\{|\}\}|\{(\w+)\}/g, (found, name) => (name ? (values[name] ?? "") : found[0]));
}
