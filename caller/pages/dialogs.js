// The two dialogs of the clerk's page: calling a chosen number with its reason, and which key does what.
import { effect, signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "web/texts.js";
import { Dialog, html, Key, setMode } from "web/ui.js";
import { callNumber, question } from "./job.js";
import { CALL_REASONS } from "./rules.js";
import { DEFAULTS, keymap, keyName, keyOf, remap, resetKeys } from "./keymap.js";

export const settingsOpen = signal(false);
const LARGE = "hallcall.clerk.large";
const large = signal(localStorage.getItem(LARGE) === "yes");
effect(() => {
  setMode({ large: large.value });
  localStorage.setItem(LARGE, large.value ? "yes" : "no");
});

export function CallNumber() {
  const number = useRef(null);
  const reason = useRef(null);
  const close = () => (question.value = null);
  const submit = (event) => {
    event.preventDefault();
    callNumber(number.current.value.trim().toUpperCase(), reason.current.value);
  };
  return html`<${Dialog} title=${t("caller.ask_number")} onClose=${close}>
    <form class="call-number" onSubmit=${submit}>
      <label>${t("caller.ask_number_number")}
        <input ref=${number} name="number" autofocus required maxlength="12" autocomplete="off" autocapitalize="characters" /></label>
      <label>${t("caller.ask_number_reason")}
        <select ref=${reason} name="reason">
          ${CALL_REASONS.map((code) => html`<option key=${code} value=${code}>${t(`caller.reason_${code}`)}</option>`)}</select></label>
      <div class="keys">
        <button type="submit" class="key primary">${t("caller.ask_number_enter")}<kbd>${t("caller.key_enter")}</kbd></button>
        <${Key} kind="quiet" onPress=${close}>${t("caller.back")}<kbd>Esc</kbd><//>
      </div>
    </form><//>`;
}

const asking = signal(null); // the action whose new key is being asked for
const refused = signal(null);

function take(event) {
  if (!asking.value || event.key === "Tab") return;
  event.preventDefault();
  event.stopPropagation();
  const key = keyOf(event);
  if (key === "Escape") asking.value = refused.value = null;
  else if (!["Shift", "Control", "Alt", "Meta"].includes(key)) given(key);
}

function given(key) {
  const wrong = remap(asking.value, key);
  const name = keyName(t, key);
  if (!wrong) asking.value = refused.value = null;
  else if (wrong.reserved) refused.value = t("caller.settings_reserved", { key: name });
  else refused.value = t("caller.settings_conflict", { key: name, action: t(`caller.${wrong.conflict}`) });
}

export function KeySettings() {
  const close = () => {
    settingsOpen.value = false;
    asking.value = refused.value = null;
  };
  return html`<${Dialog} title=${t("caller.settings_title")} onClose=${() => asking.value || close()} onKeyDown=${take}>
    <p class="quiet-words">${t("caller.settings_hint")}</p>
    <p class="notice amber" role="alert" hidden=${!refused.value}>${refused.value}</p>
    <ul class="key-list">${Object.keys(DEFAULTS).map((action) => html`<li key=${action}>
      <button type="button" class="key" aria-pressed=${asking.value === action} data-action=${action}
        onClick=${() => (asking.value = action)}><span>${t(`caller.${action}`)}</span>
        ${asking.value === action ? html`<em>${t("caller.settings_press")}</em>` : html`<kbd>${keyName(t, keymap.value[action])}</kbd>`}
      </button></li>`)}</ul>
    <div class="keys">
      <${Key} kind="primary" onPress=${close}>${t("caller.settings_done")}<//>
      <${Key} kind="quiet" onPress=${resetKeys}>${t("caller.settings_reset")}<//>
      <${Key} kind="quiet" aria-pressed=${large.value} onPress=${() => (large.value = !large.value)}>
        ${t("caller.settings_large")}${large.value ? " ✓" : ""}<//>
    </div><//>`;
}
