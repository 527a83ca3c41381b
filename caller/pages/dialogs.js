// The settings of this computer: which key does what, how large and how sharp.
import { effect, signal } from "@preact/signals";
import { language, t } from "web/texts.js";
import { Dialog, html, Key, setMode } from "web/ui.js";
import { settingsOpen } from "./job.js";
import { session } from "./truth.js";
import { DEFAULTS, keymap, keyName, keyOf, remap, resetKeys } from "./keymap.js";

const kept = (name) => {
  const own = signal(localStorage.getItem(`hallcall.clerk.${name}`) === "yes");
  effect(() => localStorage.setItem(`hallcall.clerk.${name}`, own.value ? "yes" : "no"));
  return own;
};
const MODES = { large: kept("large"), contrast: kept("contrast") };
effect(() => setMode({ large: MODES.large.value, contrast: MODES.contrast.value }));

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
      ${Object.entries(MODES).map(([name, mode]) => html`<${Key} key=${name} kind="quiet" aria-pressed=${mode.value ? "true" : "false"}
        onPress=${() => (mode.value = !mode.value)}>${t(`caller.settings_${name}`)}${mode.value ? " ✓" : ""}<//>`)}
      ${session.value?.account && html`<a class="key quiet" href=${`/account?language=${language.value}`}>${t("common.account")}</a>`}
    </div><//>`;
}
