// Codes, on whatever screen: of a reader that types like a keyboard, many keys at once, then Enter; and of a scanner on
// a serial port, which the kiosk's own server reads.
import { makeApi } from "web/api.js";

const GAP_MS = 300; // between two keys of a reader, on a slow machine
const LEAST = 6; // shorter than any code
const LEAST_IN_FIELD = 16; // in a field a hand may type too; every code of ours is longer

let typed = "";
let last = -Infinity;

/** Calls `onCode(code)` for each code read; its Enter presses no key of the page. */
export function watchReader(onCode) {
  addEventListener("keydown", (event) => {
    const near = event.timeStamp - last <= GAP_MS;
    if (event.key === "Enter") {
      const code = near ? typed : "";
      typed = "";
      if (code.length < (event.target.matches?.("input") ? LEAST_IN_FIELD : LEAST)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      onCode(code);
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      typed = near ? typed + event.key : event.key;
      last = event.timeStamp;
    }
  }, true);
}

const local = makeApi("/local");
const OPEN_MS = 30_000; // a question for the next code is answered before
const AGAIN_MS = 1000;

/** Calls `onCode(code)` for each code the scanner reads, `onRubbish()` for what was none. */
export async function watchScanner(onCode, onRubbish) {
  for (let after = ""; ; ) {
    try {
      const { last, codes } = await local.get(`/reads?after=${after}`, { timeout: OPEN_MS });
      after = last;
      for (const code of codes) code === null ? onRubbish() : onCode(code);
    } catch {
      await new Promise((ready) => setTimeout(ready, AGAIN_MS));
    }
  }
}
