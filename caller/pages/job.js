// The clerk's job: a key becomes a command, a question first or a calm word; one at a time, in the order pressed.
import { signal } from "@preact/signals";
import { api } from "web/api.js";
import { clockText } from "web/clock.js";
import { serverNow } from "web/live.js";
import { language } from "web/texts.js";
import { filled, steps } from "./meant.js";
import { afterRefusal, askTakeOver, lunchEnd, meaning, NextGuard, stillCalling } from "./rules.js";
import { settle } from "./settle.js";
import {
  catalogue, changed, chooseWindow, cutOff, held, lineName, lostTo, mine, notice, path, probe, refreshSoon, rules, session,
  tell, tellText, ticket, waitingIn, windowId, zone,
} from "./truth.js";

export const question = signal(null);
export const settingsOpen = signal(false);
export const typed = signal(""); // what is being written into the question
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

function view() {
  const calling = catalogue.value.hall.calling ?? [];
  const clock = clockText(serverNow(), zone.value);
  return {
    window: mine.value, rules: rules.value, now: serverNow(), lunchUntil: lunchEnd(calling, clock), held: held.value,
    outcomes: catalogue.value.outcomes, lastFor: linesLeftAlone(stillCalling(calling, clock)),
  };
}

// The names of the lines that only this window serves, while anybody may come for them.
function linesLeftAlone(today) {
  const left = (mine.value.last_for ?? []).filter((line) => today || waitingIn.value[line]);
  return left.map(lineName).join(language.value.startsWith("zh") ? "、" : ", ");
}

export async function press(action, pressedAt) {
  if (!mine.value || question.value || cutOff.value) return;
  if (lostTo.value) return action === "open" ? takeOver(mine.value) : undefined;
  if (action in OF_THE_PAGE) return OF_THE_PAGE[action]();
  await mean(action, meaning(action, view()), pressedAt);
}

const OF_THE_PAGE = {
  more: () => ask({ ask: "caller.more", values: {}, answers: {}, menu: true }),
  settings: () => (settingsOpen.value = true),
  change_window: () => {
    if (mine.value.status === "open" || mine.value.ticket || session.value?.window) tell("blue", "caller.close_first");
    else chooseWindow(null);
  },
};

// Taking a window from the clerk who uses it, once confirmed.
export function takeOver(window) {
  ask({ ...askTakeOver(window.clerk, steps(["open", { take_over: true }])), action: "open", window: window.id });
}

function ask(asked) {
  notice.value = null;
  typed.value = "";
  question.value = asked;
}

export const putAside = () => (question.value = null);

export async function answer(key, pressedAt) {
  const asked = question.value;
  const chosen = asked?.answers[key];
  if (!chosen) return;
  if (asked.window && asked.window !== windowId.value) chooseWindow(asked.window);
  question.value = null;
  await mean(asked.action, chosen, pressedAt);
}

// What was typed, or picked as one of a list, goes on to what the question was for.
export async function fill(body, values, pressedAt) {
  const { action, then } = question.value;
  question.value = null;
  await mean(action, filled(then, body, values), pressedAt);
}

async function mean(action, meant, pressedAt) {
  if (!guard.lets(meant, pressedAt)) return;
  if (meant.say) return tell("blue", meant.say, meant.values);
  if (meant.ask) return ask({ ...meant, action });
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
    if (asked) ask({ ...asked, action });
    else tellText("amber", error.message);
  }
}
