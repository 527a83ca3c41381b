// Which window is mine: asked once a computer; taking one that another clerk uses is asked again.
import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { language, t } from "web/texts.js";
import { html } from "web/ui.js";
import * as job from "./job.js";
import * as truth from "./truth.js";
import { Question } from "./asking.js";
import { Told } from "./parts.js";

const TYPED_FOR = 1200; // ms in which digits belong to one window's name
const typed = signal("");

export function Choose() {
  useLayoutEffect(() => {
    addEventListener("keydown", move);
    return () => removeEventListener("keydown", move);
  }, []);
  return html`<main class="choose">
    <h2>${t("caller.choose")}</h2>
    <p class="quiet-words">${t("caller.choose_hint")}</p>
    ${job.question.value && html`<${Question} />`}<${Told} />
    <ul>${truth.windows.value.map((window) => html`<${Choice} key=${window.id} window=${window} />`)}</ul>
  </main>`;
}

function Choice({ window }) {
  const others = window.clerk && !truth.isMe(window.clerk);
  const zone = truth.catalogue.value.zones?.find((one) => one.id === window.zone)?.name ?? "";
  const lines = window.lines.map((one) => truth.lineName(one.id)).join(language.value.startsWith("zh") ? "、" : ", ");
  return html`<li><button type="button" class="key choice ${window.status}" data-name=${window.name}
    onClick=${() => choose(window)}>
    <b>${t("caller.window", { name: window.name })}</b><span class="tag ${others ? "amber" : ""}">${whose(window, others)}</span>
    <small>${[t(`caller.state_${window.status}`), zone, lines].filter(Boolean).join(" · ")}</small></button></li>`;
}

function whose(window, others) {
  if (others) return t("caller.choose_taken", { clerk: window.clerk });
  return window.clerk ? t("caller.choose_mine") : t("caller.choose_free");
}

function choose(window) {
  if (window.clerk && !truth.isMe(window.clerk)) job.takeOver(window);
  else truth.chooseWindow(window.id);
}

let forget = null;
function move(event) {
  if (job.question.value) return;
  const keys = [...document.querySelectorAll(".choice")];
  const at = keys.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (step) keys[(at + step + keys.length) % keys.length].focus();
  else if (/^[0-9a-zA-Z]$/.test(event.key)) byName(keys, event.key);
  else return;
  event.preventDefault();
}

function byName(keys, letter) {
  typed.value += letter;
  clearTimeout(forget);
  forget = setTimeout(() => (typed.value = ""), TYPED_FOR);
  const wanted = typed.value.toLowerCase();
  const named = (test) => keys.find((key) => test(key.dataset.name.toLowerCase()));
  (named((name) => name === wanted) ?? named((name) => name.startsWith(wanted)))?.focus();
}
