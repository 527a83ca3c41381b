// The clerk's job: a key becomes a command, a question first or a calm word; one at a time, in the order pressed.
import { signal } from "@preact/signals";
import { api } from "web/api.js";
import { clockText } from "web/clock.js";
import { serverNow } from "web/live.js";
import { afterRefusal, askTakeOver, lunchEnd, meaning, NextGuard } from "./rules.js";
import {
  catalogue, changed, chooseWindow, cutOff, lostTo, mine, notice, path, probe, put, refreshSoon, rules, session, tell,
  tellText, ticket, waiting, windowId, zone,
} from "./truth.js";

export const question = signal(null);
export const busy = signal(null); // the action under way
const guard = new NextGuard();
const ahead = []; // what was pressed and is not yet done, oldest first

// A clerk types ahead: what is pressed while a command is under way is done after it, as of the second it was pressed.
export async function inTurn(done) {
  ahead.push({ done, pressedAt: performance.now() / 1000 });
  if (ahead.length > 1) return;
  try {
    for (; ahead.length; ahead.shift()) await ahead[0].done(ahead[0].pressedAt);
  } finally {
    ahead.length = 0;
  }
}

export const view = () => ({
  window: mine.value,
  rules: rules.value,
  now: serverNow(),
  lunchUntil: lunchEnd(catalogue.value.hall.calling ?? [], clockText(serverNow(), zone.value)),
});

export async function press(action, pressedAt) {
  if (!mine.value || question.value || cutOff.value) return;
  if (!lostTo.value) await mean(action, meaning(action, view()), pressedAt);
  else if (action === "open") takeOver(mine.value);
}

// Taking a window from the clerk who uses it, once confirmed.
export function takeOver(window) {
  const asked = askTakeOver(window.clerk, [{ verb: "open", body: { take_over: true } }]);
  question.value = { ...asked, action: "open", window: window.id };
}

export async function answer(key, pressedAt) {
  const asked = question.value;
  const chosen = asked?.answers[key];
  if (!chosen) return;
  if (asked.window && asked.window !== windowId.value) chooseWindow(asked.window);
  question.value = null;
  await mean(asked.action, chosen, pressedAt);
}

export function callNumber(number, reason) {
  question.value = null;
  return inTurn((pressedAt) => mean("call", { send: [{ verb: "call", body: { number, reason } }] }, pressedAt));
}

async function mean(action, meant, pressedAt) {
  if (!guard.lets(meant, pressedAt)) return;
  if (meant.say) return tell("blue", meant.say, meant.values);
  if (meant.ask) {
    notice.value = null;
    question.value = { ...meant, action };
    return;
  }
  busy.value = action;
  notice.value = null;
  try {
    for (const one of meant.send) if (!(await carryOut(action, one))) return;
  } finally {
    busy.value = null;
    refreshSoon();
  }
}

// One command; whether the next may follow.
async function carryOut(action, { verb, body }) {
  const before = ticket.value;
  try {
    const got = await api.post(path(`windows/${encodeURIComponent(windowId.value)}/${verb}`), body, { timeout: 3000, tries: 3 });
    changed();
    settle(verb, got, before);
    return true;
  } catch (error) {
    refused(action, { verb, body }, error);
    return false;
  }
}

function refused(action, one, error) {
  ahead.length = 0; // typed for another state of things; least of all may it answer a question nobody has seen
  if (error.status === 401) session.value = null;
  else if (error.code === "link_down") {
    tell("amber", "caller.not_confirmed", {}, true);
    probe();
  } else {
    const asked = afterRefusal(one, error.code, error.details, view());
    if (asked) question.value = { ...asked, action };
    else tellText("amber", error.message);
  }
}

const AFTER = {
  recall: "caller.done_recalled",
  start: "caller.done_started",
  complete: "caller.done_completed",
  "no-show": "caller.done_missed",
  open: "caller.done_opened",
  pause: "caller.done_paused",
  close: "caller.done_closed",
};

// What is so after an answer, at once: the window's ticket, the list without it, and a word on what was done.
function settle(verb, got, before) {
  const held = verb === "call-next" || verb === "call" ? (got?.ticket ?? null) : heldAfter(got, before);
  if (got?.window) put(got.window, before);
  else put({ id: windowId.value, ticket: held });
  if (held) waiting.value = waiting.value.filter((one) => one.id !== held.id);
  if (verb === "call-next" && !got) return tell("blue", "caller.nobody_waits");
  if (verb === "call-next" || verb === "call") return tell("green", "caller.done_called", { number: held.number });
  const after = got?.window?.closing && { pause: "caller.done_pausing", close: "caller.done_closing" }[verb];
  return tell("green", after || AFTER[verb], { number: before?.number ?? "", n: got?.ticket?.calls });
}

const heldAfter = (got, before) => {
  if (!got?.ticket) return before;
  return ["called", "serving"].includes(got.ticket.status) ? got.ticket : null;
};
