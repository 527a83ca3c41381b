// The keys of the clerk's page: their defaults, what this computer keeps instead, and how they are printed.
import { signal } from "@preact/signals";

export const DEFAULTS = {
  next: " ",
  recall: "r",
  arrived: "a",
  finish: "f",
  missed: "n",
  hold: "h",
  take_back: "b",
  transfer: "t",
  matter: "m",
  undo: "z",
  pause: "p",
  open: "o",
  close: "x",
  call: "c",
  walk_in: "w",
  outcome: "d",
  finish_all: "l",
  send_on: "s",
  change_window: "g",
  settings: "k",
  more: "e",
};
const STORE = "hallcall.clerk.keys";
// Answers of questions and the browser's own way round the page.
const RESERVED = new Set(["Enter", "Escape", "Tab", "Shift", "Control", "Alt", "Meta", "CapsLock", "Process", "Dead"]);

function kept() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return Object.fromEntries(Object.entries(stored).filter(([action]) => action in DEFAULTS));
  } catch {
    return {};
  }
}

export const keymap = signal({ ...DEFAULTS, ...kept() });

// A letter's key whatever the case or the input method that swallowed it ("Process").
export function keyOf(event) {
  if (event.key === "Process" && /^Key[A-Z]$/.test(event.code)) return event.code.slice(3).toLowerCase();
  if (event.key === "Process" && event.code === "Space") return " ";
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

export function actionOf(key) {
  return Object.keys(DEFAULTS).find((action) => keymap.value[action] === key) ?? null;
}

export const isReserved = (key) => RESERVED.has(key) || /^[0-9]$/.test(key);

// Gives `action` the key; answers null when kept, else {reserved} or {conflict: the other action}.
export function remap(action, key) {
  if (isReserved(key)) return { reserved: true };
  const holder = actionOf(key);
  if (holder && holder !== action) return { conflict: holder };
  keymap.value = { ...keymap.value, [action]: key };
  localStorage.setItem(STORE, JSON.stringify(keymap.value));
  return null;
}

export function resetKeys() {
  localStorage.removeItem(STORE);
  keymap.value = { ...DEFAULTS };
}

export function keyName(t, key) {
  if (key === " ") return t("caller.key_space");
  if (key === "Enter" || key === "enter") return t("caller.key_enter");
  return key.length === 1 ? key.toUpperCase() : key.replace("Arrow", "");
}

// How the key of an action is printed.
export const named = (t, action) => keyName(t, keymap.value[action]);
