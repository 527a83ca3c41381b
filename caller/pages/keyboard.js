// Keys become actions only while nothing is being typed and no dialog is open; the page never takes the focus itself.
import { signal } from "@preact/signals";
import { answer, inTurn, press, putAside, question, settingsOpen, typed } from "./job.js";
import { notice } from "./truth.js";
import { actionOf, keyOf } from "./keymap.js";
import { submit } from "./writing.js";

export const pressed = signal(null); // the action whose key is seen going down
const PRESSED_FOR = 150;

// A key of the page, clicked.
export function act(action) {
  show(action);
  return inTurn((pressedAt) => press(action, pressedAt));
}

function show(action) {
  pressed.value = action;
  setTimeout(() => pressed.value === action && (pressed.value = null), PRESSED_FOR);
}

const isTyping = (element) => element?.closest?.("input, textarea, select, dialog, [contenteditable]");
// A control reached by Tab keeps its own Enter and Space; under a question only the question's own answers do.
const isChosen = (element) =>
  element?.matches?.(question.value ? ".answer:focus-visible" : "button:focus-visible, a:focus-visible");
const isWritten = () => question.value?.type || question.value?.pick;

export function listenToKeys() {
  addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || settingsOpen.value) return;
    if (isTyping(event.target) || event.defaultPrevented) return;
    const key = keyOf(event);
    if ((key === " " || key === "Enter") && isChosen(event.target)) return;
    const action = question.value ? null : actionOf(key);
    if (action) show(action);
    if (action || (question.value && isAnswer(key))) event.preventDefault();
    // What it means is seen when its turn comes: the key before it may ask a question.
    inTurn((pressedAt) => (question.value ? answerBy(key, pressedAt) : actBy(key, pressedAt)));
  });
}

const answerOf = (key) => (key === "Enter" ? "enter" : key);
const isAnswer = (key) => key === "Escape" || key === " " || isWritten() || question.value.menu || answerOf(key) in question.value.answers;

function answerBy(key, pressedAt) {
  if (key === "Escape") return putAside();
  if (isWritten()) return write(key, pressedAt);
  if (!question.value.menu) return answer(answerOf(key), pressedAt);
  putAside();
  return actBy(key, pressedAt);
}

// Typed before the field had the focus.
function write(key, pressedAt) {
  if (key === "Enter") return submit(pressedAt);
  if (key === "Backspace") typed.value = typed.value.slice(0, -1);
  else if (key.length === 1) typed.value += key;
}

function actBy(key, pressedAt) {
  if (key === "Escape") notice.value = null;
  const action = actionOf(key);
  if (action) return press(action, pressedAt);
}

// A key pressed with the mouse must not keep the focus, or the next Space would press it again.
export const keepFocus = (event) => event.preventDefault();
