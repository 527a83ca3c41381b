// Search with the kiosk's own keyboard: pinyin, initials, English; a Chinese input method types into the same field.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import { found } from "web/match.js";
import { hall, modes, screen } from "./state.js";
import { Heading, Pages } from "./parts.js";
import { Take } from "./take.js";
import { Keyboard, LetterKey } from "./keyboard.js";

const ROWS = ["QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"];
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
    <${Letters} />`;
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

const Letters = () => html`<${Keyboard} rows=${ROWS} onLetter=${(letter) => type(typed.value + letter.toLowerCase())}
  before=${html`<${LetterKey} words=${t("kiosk.clear")} class="wide" onPress=${() => type("")} />`}
  after=${html`<${LetterKey} words=${`⌫ ${t("kiosk.delete")}`} class="wide" onPress=${() => type(typed.value.slice(0, -1))} />`} />`;
