// The visitor's hand: a double touch does nothing twice, and a page left alone goes back to the start.
import { signal } from "@preact/signals";
import { pageData } from "web/ui.js";
import { issuing, linked, nextVisitor, screen, untouched } from "./state.js";

const DOUBLE_MS = 450;
const DOUBLE_PX = 60;
const LINKED_SECONDS = 10; // before the warning: a stranger who comes next must not join the last visitor's number

/** Seconds until the page goes back to the start; null while there is no need to warn. */
export const secondsLeft = signal(null);

let last = { at: 0, x: 0, y: 0, screen: null };
let active = performance.now();

/** The second half of a double touch hits a screen that was not there when the finger came down: it is dropped. */
function dropDouble(event) {
  const now = performance.now();
  const near = Math.hypot(event.clientX - last.x, event.clientY - last.y) < DOUBLE_PX;
  const byFinger = event.detail > 0;
  if (byFinger && near && now - last.at < DOUBLE_MS && last.screen !== screen.value.name) {
    event.stopPropagation();
    event.preventDefault();
    return;
  }
  if (byFinger) last = { at: now, x: event.clientX, y: event.clientY, screen: screen.value.name };
}

function dropHeldKey(event) {
  if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
}

/** The answer to the warning. */
export const stay = () => {
  active = performance.now();
  secondsLeft.value = null;
};

// The warning stays until its key is let go: gone at once, the touch would press what lies below it.
const stillHere = () => {
  if (secondsLeft.value === null) active = performance.now();
};

function lookForIdle() {
  // The screen with the number has its own ring; a page nobody touched needs no reset.
  if (untouched() || screen.value.name === "taken" || issuing.value) return stay();
  const quiet = pageData.idle_seconds - pageData.warning_seconds;
  const left = pageData.warning_seconds + (linked.value ? Math.min(quiet, LINKED_SECONDS) : quiet) - (performance.now() - active) / 1000;
  if (left <= 0) {
    nextVisitor();
    stay();
  } else if (left <= pageData.warning_seconds) secondsLeft.value = Math.ceil(left);
}

export function watchTouches() {
  addEventListener("click", dropDouble, true);
  addEventListener("keydown", dropHeldKey, true);
  for (const name of ["pointerdown", "keydown", "input"]) addEventListener(name, stillHere, true);
  // Two fingers and the long press are no way out of the page.
  addEventListener("contextmenu", (event) => event.preventDefault());
  setInterval(lookForIdle, 250);
}
