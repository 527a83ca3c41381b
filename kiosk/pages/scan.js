// Slip in hand, booking on the phone: where to hold the code, and a place to type a booking's.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import { go, issuing, linkUp, scan } from "./state.js";
import { Choice, Fit, Heading } from "./parts.js";
import { Keyboard, LetterKey } from "./keyboard.js";

const ROWS = ["1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm_"];
const LONGEST = 60;
const LEAST = 6;
const code = signal("");
const capital = signal(false);

/** Where to hold the code, and what it is good for. */
export function Scan() {
  return html`<${Heading} title=${t("kiosk.scan_title")} />
    <div class="panel blue scanning">
      <${Picture} />
      <div><p class="lead" data-say>${t("kiosk.scan_hold")}</p>
        <ul>${["missed", "booked", "remote", "place"].map((one) => html`<li key=${one} data-say>${t(`kiosk.scan_for_${one}`)}</li>`)}</ul></div>
    </div>
    <div class="choices one"><${Choice} name=${t("kiosk.scan_type")} text=${t("kiosk.scan_type_hint")} state="group"
      disabled=${!linkUp.value} onPress=${() => linkUp.value && go("code")} /></div>`;
}

const Picture = () => html`<svg class="picture" viewBox="0 0 200 240" aria-hidden="true">
  <rect x="45" y="8" width="110" height="142" rx="8" />
  <path d="M65 34h28v28H65zM107 34h28v28h-28zM65 76h28v28H65zM107 76h12v12h-12zM123 92h12v12h-12zM75 126h50" />
  <path d="M100 162v26m-12-12 12 12 12-12" /><rect x="25" y="204" width="150" height="28" rx="14" class="slot" />
</svg>`;

const type = (text) => (code.value = text.trim().slice(0, LONGEST));

/** A booking's code, typed as it stands on the phone or the paper: small letters and capitals differ. */
export function Code() {
  const field = useRef(null);
  useEffect(() => {
    type("");
    capital.value = false;
    field.current.focus({ preventScroll: true });
    return () => type("");
  }, []);
  const ready = code.value.length >= LEAST && linkUp.value && !issuing.value;
  const enter = () => ready && scan(code.value);
  const rows = capital.value ? ROWS.map((row) => row.toUpperCase()) : ROWS;
  return html`<${Heading} title=${t("kiosk.code_title")} hint=${t("kiosk.code_hint")} />
    <div class="gap"></div>
    <input class="field code" ref=${field} value=${code.value} aria-label=${t("kiosk.code_title")} autocomplete="off" autocapitalize="off"
      spellcheck=${false} maxlength=${LONGEST} inputmode="none" onInput=${(event) => type(event.target.value)}
      onKeyDown=${(event) => event.key === "Enter" && enter()} />
    <${Keyboard} rows=${rows} onLetter=${(letter) => type(code.value + letter)}
      before=${html`<${LetterKey} words=${capital.value ? "ABC" : "abc"} class="wide" aria-label=${t("kiosk.capitals")}
        aria-pressed=${capital.value ? "true" : "false"} onPress=${() => (capital.value = !capital.value)} />`}
      after=${html`<${LetterKey} words="⌫" class="wide" aria-label=${t("kiosk.delete")} onPress=${() => type(code.value.slice(0, -1))} />`} />
    <button type="button" class="key primary confirm" aria-disabled=${ready ? undefined : "true"} onClick=${enter}>
      <${Fit} lines=${1} text=${t("kiosk.code_enter")} /></button>`;
}
