// The keys of a window: one large, a calm second row, and the rare ones behind one; each bears its shortcut.
import { now } from "web/clock.js";
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import { Question } from "./asking.js";
import * as job from "./job.js";
import { act, keepFocus, pressed } from "./keyboard.js";
import { keymap, named } from "./keymap.js";
import { isMoreToCome } from "./moves.js";
import * as truth from "./truth.js";

export function WorkKey({ action, label = action, kind = "", off = false, children }) {
  const busy = job.busy.value === action;
  const disabled = off || truth.cutOff.value || Boolean(job.question.value);
  return html`<button type="button" class="key work-key ${kind} ${pressed.value === action ? "down" : ""}" data-key=${action}
    aria-busy=${busy ? "true" : undefined} aria-disabled=${disabled ? "true" : undefined}
    aria-keyshortcuts=${keymap.value[action] === " " ? "Space" : keymap.value[action]}
    onMouseDown=${keepFocus} onClick=${() => disabled || act(action)}>
    <span>${t(`caller.${label}`)}</span><kbd>${named(t, action)}${children}</kbd></button>`;
}

export function Keys() {
  const window = truth.mine.value;
  const status = window.ticket?.status;
  const open = window.status === "open" || Boolean(window.ticket);
  const asked = job.question.value;
  if (asked?.menu) return html`<${Menu} open=${open} />`;
  if (asked && !asked.type && !asked.pick) return html`<${Question} />`;
  return html`<${Primary} open=${open} />
    <div class="second" hidden=${!open}>
      <${WorkKey} action="recall" off=${status !== "called"} />
      <${WorkKey} action="arrived" off=${status !== "called"} />
      <${WorkKey} action="finish" off=${!status} />
      <${WorkKey} action="missed" off=${status !== "called"} />
      <${WorkKey} action="hold" off=${!status} />
      <${WorkKey} action="transfer" off=${!status} />
      <${WorkKey} action="matter" off=${!status} />
      <${WorkKey} action="undo" off=${!undoSeconds()} />
    </div>`;
}

export function undoSeconds() {
  const left = truth.undoUntil.value ? Math.ceil((truth.undoUntil.value - now.value) / 1000) : 0;
  return Math.max(0, Math.min(left, truth.rules.value.undo_seconds)); // the shown clock moves twice a second
}

function Primary({ open }) {
  if (truth.lostTo.value) {
    return html`<div class="card asked amber" role="alert"><p>${t("caller.taken_over", { clerk: truth.lostTo.value })}</p>
      <${WorkKey} action="open" label="ask_take_over_enter" /></div>`;
  }
  if (open) return html`<${WorkKey} action="next" kind="primary" />`;
  const paused = truth.mine.value.status === "paused";
  return html`<${WorkKey} action="open" label=${paused ? "resume" : "open"} kind="primary" />`;
}

// ——— the rare keys ———

const MENU = ["outcome", "finish_all", "take_back", "call", "walk_in", "send_on", "close", "change_window", "settings"];

function isFit(action, open) {
  const { status, ticket } = truth.mine.value;
  const fits = {
    outcome: ticket, finish_all: isMoreToCome(ticket), take_back: open && truth.held.value.length, call: open,
    walk_in: open, close: status !== "closed", change_window: !open && !truth.session.value?.window,
  };
  return action in fits ? Boolean(fits[action]) : true;
}

function Menu({ open }) {
  const choose = (action) => job.inTurn((pressedAt) => {
    job.putAside();
    return job.press(action, pressedAt);
  });

  return html`<div class="card asked menu" role="alertdialog" aria-label=${t("caller.more")}>
    <div class="answers many">${MENU.filter((action) => isFit(action, open)).map((action) => html`
      <button type="button" class="key answer" key=${action} data-key=${action} onMouseDown=${keepFocus} onClick=${() => choose(action)}>
        <kbd>${named(t, action)}</kbd><span>${t(`caller.${action}`)}</span></button>`)}
      <button type="button" class="key answer plain" onMouseDown=${keepFocus} onClick=${job.putAside}>
        <kbd>Esc</kbd><span>${t("caller.back")}</span></button>
    </div></div>`;
}
