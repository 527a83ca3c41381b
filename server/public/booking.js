// The booking page for phone and desk: line, day, time, number, then the booking with its code; one question a screen.
import { t } from "web/texts.js";
import { html, Notice, start } from "web/ui.js";
import { Booking } from "./booking_done.js";
import { Days, Header, Lines, Slots, WhoseNumber } from "./booking_steps.js";
import { at, begin, failed, loaded } from "./booking_state.js";

function Step() {
  const { code, change, line, day, slot, ask } = at.value;
  if (code && !change) return html`<${Booking} />`;
  if (!line) return html`<${Lines} />`;
  if (!day) return html`<${Days} />`;
  if (!slot || (code && !ask)) return html`<${Slots} />`;
  return html`<${WhoseNumber} />`;
}

function App() {
  return html`<div class="booking"><${Header} />
    <main>
      ${failed.value && html`<${Notice} kind="red">${failed.value}<//>`}
      ${loaded.value ? html`<${Step} />` : !failed.value && html`<p class="quiet-words">${t("booking.loading")}</p>`}
    </main></div>`;
}

await begin();
start(App);
