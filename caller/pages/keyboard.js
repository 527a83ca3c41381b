// Keys become actions only while nothing is being typed and no dialog is open; the page never takes the focus itself.
import { signal } from "@preact/signals";
import { settingsOpen } from "./dialogs.js";
import { answer, press, question } from "./job.js";
import { notice } from "./truth.js";
import { actionOf, keyOf } from "./keymap.js";

export const pressed = signal(null); // the action whose key is seen going down
const PRESSED_FOR = 150;

export function act(action) {
  pressed.value = action;
  setTimeout(() => pressed.value === action && (pressed.value = null), PRESSED_FOR);
  return press(action);
}

const isTyping = (element) => element?.closest?.("input, textarea, select, dialog, [contenteditable]");
// A control reached by Tab keeps its own Enter and Space; under a question only the question's own answers do.
const isChosen = (element) =>
  element?.matches?.(question.value ? ".answer:focus-visible" : "button:focus-visible, a:focus-visible");

export function listenToKeys() {
  addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || settingsOpen.value) return;
    if (isTyping(event.target) || event.defaultPrevented) return;
    const key = keyOf(event);
    if ((key === " " || key === "Enter") && isChosen(event.target)) return;
    if (question.value ? answerBy(key) : actBy(key)) event.preventDefault();
  });
}

function answerBy(key) {
  if (key === "Escape") {
    question.value = null;
    return true;
  }
  const chosen = key === "Enter" ? "enter" : key;
  const known = chosen in question.value.answers;
  if (known) answer(chosen);
  return known || key === " ";
}

function actBy(key) {
  if (key === "Escape") notice.value = null;
  const action = actionOf(key);
  if (action) act(action);
  return action !== null;
}

// A key pressed with the mouse must not keep the focus, or the next Space would press it again.
export const keepFocus = (event) => event.preventDefault();
