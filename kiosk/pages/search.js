// Search with the kiosk's own keyboard: pinyin, initials, English; a Chinese input method types into the same field.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import { found } from "web/match.js";
import { hall, modes, screen } from "./state.js";
import { Heading } from "./screens.js";
import { Pages, Take } from "./parts.js";

const ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
const typed = signal("");

function type(text) {
  typed.value = text.slice(0, 40);
  if (screen.value.page) screen.value = { ...screen.value, page: 0 };
}

export function Search() {
  useEffect(() => type(""), []);
  const items = hall.value ? found(hall.value, typed.value) : [];
  return html`<${Heading} title=${t("kiosk.search_title")} hint=${!typed.value && t("kiosk.search_hint")} />
    <${Found} items=${items} />
    <${Field} />
    <${Keyboard} />`;
}

function Found({ items }) {
  if (!typed.value) return html`<div class="choices"></div>`;
  if (!items.length) {
    return html`<div class="choices none"><p class="words" role="status" data-say>${t("kiosk.search_none", { text: typed.value })}</p></div>`;
  }
  const most = modes.value.low ? 2 : modes.value.large ? 4 : 6;
  return html`<${Pages} items=${items} most=${most}
    draw=${(one) => html`<${Take} ...${one} key=${(one.line ?? one.matter).id} />`} />`;
}

function Field() {
  const field = useRef(null);
  useEffect(() => field.current.focus({ preventScroll: true }), []);
  return html`<input class="field" ref=${field} value=${typed.value} aria-label=${t("kiosk.search_label")} autocomplete="off"
    autocapitalize="off" spellcheck=${false} maxlength="40" inputmode="none" onInput=${(event) => type(event.target.value)} />`;
}

function Keyboard() {
  // The field keeps the focus, so that a keyboard or an input method goes on where the finger left off.
  const stay = (event) => event.preventDefault();
  const letter = (one) => html`<button type="button" class="key letter" key=${one} onPointerDown=${stay}
    onClick=${() => type(typed.value + one)}>${one.toUpperCase()}</button>`;
  const other = (words, press, own = "") => html`<button type="button" class="key letter ${own}" onPointerDown=${stay}
    onClick=${press}>${words}</button>`;
  return html`<div class="keyboard" role="group" aria-label=${t("kiosk.keyboard")}>
    <div>${[...ROWS[0]].map(letter)}</div>
    <div>${[...ROWS[1]].map(letter)}</div>
    <div>${other(t("kiosk.clear"), () => type(""), "wide")}${[...ROWS[2]].map(letter)}${other(`⌫ ${t("kiosk.delete")}`, () => type(typed.value.slice(0, -1)), "wide")}</div>
  </div>`;
}
