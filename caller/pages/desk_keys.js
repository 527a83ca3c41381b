// The keys of the guide desk's page. Letters act only while nothing is typed; a scanner's burst is never taken for keys.
import { keyOf } from "./keymap.js";
import { act as actOf } from "./desk_story.js";
import { keyInIssue } from "./desk_issue.js";
import * as desk from "./desk_store.js";

const BURST = 45; // ms; no hand types faster, every scanner does

export const field = () => document.querySelector("input[name=find]");

// Into the field, where numbers, codes and names are typed.
export function toField(text = null) {
  if (text !== null) desk.typed.value = text;
  field()?.focus();
  if (text === null) field()?.select();
}

const ALWAYS = {
  F2: () => toField(),
  F8: () => document.querySelector(".aside button:not(.answer)")?.focus(),
  F9: () => desk.answerAlarm(),
};

const isTyping = (element) => element?.closest?.("input, textarea, select, dialog");
const isChosen = (element) => element?.matches?.("button:focus-visible, a:focus-visible");

let burst = "";
let waiting = null;

export function listenToKeys() {
  addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (ALWAYS[event.key] && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      return ALWAYS[event.key]();
    }
    if (isTyping(event.target) || event.defaultPrevented) return;
    if (["Enter", " "].includes(event.key) && isChosen(event.target) && !waiting) return;
    if (event.key.length === 1 || waiting) event.preventDefault();
    collect(event.key, keyOf(event));
  });
}

// A single key acts after a moment in which no second follows; a burst goes into the field as it was read.
function collect(raw, key) {
  if (raw.length > 1 && !waiting) return press(key);
  clearTimeout(waiting);
  if (raw === "Enter") return endBurst(true);
  if (raw.length === 1) burst += raw;
  waiting = setTimeout(() => endBurst(false, key), BURST);
}

function endBurst(entered, key) {
  const read = burst;
  burst = "";
  waiting = null;
  if (read.length === 1 && !entered) return press(key);
  if (read.length === 1) return (press(read.toLowerCase()), press("Enter"));
  desk.question.value = null;
  if (entered) return desk.look(read);
  toField(read);
}

function press(key) {
  const asked = desk.question.value;
  if (asked?.dialog) return;
  if (asked) return key === "Escape" ? (desk.question.value = null) : answer(asked, key);
  if (key === "Escape") return goBack();
  if (key === "/") return toField();
  if (desk.view.value.name === "issue") keyInIssue(key);
  else if (desk.view.value.name === "story") actOf(key);
  else if (key.length === 1) toField(desk.typed.value + key);
}

function goBack() {
  desk.goHome();
  toField();
}

export function answer(asked, key) {
  const chosen = asked.answers[key];
  if (!chosen) return;
  desk.question.value = null;
  chosen[1]();
}
