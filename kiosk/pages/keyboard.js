// Keys to type with: letters as on a keyboard, figures as on a telephone.
import { t } from "web/texts.js";
import { html } from "web/ui.js";

// What is typed into keeps the focus, so that a keyboard or an input method goes on where the finger left off.
const stay = (event) => event.preventDefault();

export const LetterKey = ({ words, onPress, class: own = "", ...rest }) =>
  html`<button type="button" class="key letter ${own}" onPointerDown=${stay} onClick=${onPress} ...${rest}>${words}</button>`;

/** Rows of letters; the last row stands between `before` and `after`. */
export function Keyboard({ rows, onLetter, before, after }) {
  const letter = (one) => html`<${LetterKey} key=${one} words=${one} onPress=${() => onLetter(one)} />`;
  return html`<div class="keyboard" role="group" aria-label=${t("kiosk.keyboard")}>
    ${rows.map((row, index) => html`<div key=${index}>${index === rows.length - 1 && before}${[...row].map(letter)}${index === rows.length - 1 && after}</div>`)}
  </div>`;
}

const FIGURES = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** Figures in three columns; `left` stands beside the 0. */
export function Keypad({ onFigure, onDelete, left }) {
  const key = (one) => html`<button type="button" class="key figure" key=${one} onClick=${() => onFigure(one)}>${one}</button>`;
  return html`<div class="keypad" role="group" aria-label=${t("kiosk.keyboard")}>
    ${FIGURES.map(key)}${left ?? html`<span></span>`}${key("0")}
    <button type="button" class="key figure small" aria-label=${t("kiosk.delete")} onClick=${onDelete}>⌫</button>
  </div>`;
}
