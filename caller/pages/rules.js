// What a key means at a window: a command for the server, one question first, or a word to the clerk.
// The same rules as caller/session.py, in the same order; both are held to tests/caller/presses.json.

import { ask, isCalled, number, say, send, steps, typeIn } from "./meant.js";
import { RARER } from "./moves.js";

export const SECOND_NEXT_SECONDS = 2;
// The reasons a chosen number is called out of its order; their codes go to the server.
export const CALL_REASONS = ["arranged", "papers", "mobility", "same_visitor"];
const WAITS = { 1: 5, 2: 10, 3: 15 };

// view: {window, rules, now (ms), lunchUntil, held, outcomes, lastFor}; the last: names of lines that only I serve.
// Answers what meant.js makes.
export function meaning(action, view) {
  return MEANINGS[action](view);
}

export function secondsUntilMissed(view) {
  const { ticket } = view.window;
  const rule = ticket.class === "priority" ? "no_show_seconds_priority" : "no_show_seconds";
  return Math.max(0, Math.ceil((Date.parse(ticket.first_called_at) - view.now) / 1000 + view.rules[rule]));
}

// An absent visitor would have been called again: docs/decisions/0004-next-on-a-called-number.md.
export function isEvidentlyServed(view) {
  return isCalled(view) && view.window.ticket.calls === 1 && secondsUntilMissed(view) === 0;
}

function next(view) {
  if (view.window.status !== "open" && !view.window.ticket) return say("caller.open_first");
  if (!isCalled(view)) return send("call-next");
  if (isEvidentlyServed(view)) return send("call-next", { finish: "completed" });
  return ask("caller.ask_called", { number: number(view) }, {
    enter: send("call-next", { finish: "completed" }),
    n: send("call-next", { finish: "no_show" }),
  });
}

const calledOnly = (verb) => (view) => {
  if (isCalled(view)) return send(verb);
  return view.window.ticket ? say("caller.already_serving", { number: number(view) }) : say("caller.nobody_here");
};

const finish = (view) => (view.window.ticket ? send("complete") : say("caller.nobody_here"));

function pause(view) {
  if (view.window.status !== "open") return say("caller.not_open");
  const after = view.window.ticket ? { after_current: true } : {};
  const answers = {};
  for (const [key, minutes] of Object.entries(WAITS)) {
    const until = new Date(view.now + minutes * 60_000).toISOString().replace(/\.\d+Z$/, "Z");
    answers[key] = send("pause", { reason: "break", until, ...after });
  }
  if (view.lunchUntil) answers[4] = send("pause", { reason: "lunch", until: view.lunchUntil, ...after });
  answers[5] = send("pause", { reason: "break", ...after });
  const question = view.window.ticket ? "caller.ask_pause_after" : "caller.ask_pause";
  return warned(view, ask(question, { number: number(view), time: view.lunchUntil ?? "" }, answers));
}

// Before the last window of a line leaves, who asks is told.
const warned = (view, asked) =>
  view.lastFor ? { ...asked, warn: { message: "caller.last_window", values: { lines: view.lastFor } } } : asked;

const open = (view) =>
  view.window.status === "open" && !view.window.closing ? say("caller.already_open") : send("open");

function close(view) {
  if (view.window.status === "closed") return say("caller.already_closed");
  const after = view.window.ticket ? { after_current: true } : {};
  const question = view.window.ticket ? "caller.ask_close_after" : "caller.ask_close";
  return warned(view, ask(question, { number: number(view) }, { enter: send("close", after) }));
}

function call(view) {
  if (view.window.status !== "open") return say("caller.open_first");
  if (isCalled(view)) return say("caller.finish_first", { number: number(view) });
  const reasons = CALL_REASONS.map((reason, place) => [place + 1, send("call", { reason })]);
  return typeIn("caller.ask_number", {}, "number", ask("caller.ask_reason", {}, Object.fromEntries(reasons)));
}

const MEANINGS = {
  next,
  recall: calledOnly("recall"),
  arrived: calledOnly("start"),
  finish,
  missed: calledOnly("no-show"),
  pause,
  open,
  close,
  call,
  ...RARER,
};

// The question that turns a refusal into a choice; null where the refusal's own words are all there is.
export function afterRefusal(refused, code, details, view) {
  if (code === "window_taken") {
    const claim = ["open", { take_over: true }];
    const again = [refused.verb, refused.body];
    return askTakeOver(details?.clerk, refused.verb === "open" ? steps(claim) : steps(claim, again));
  }
  if (code === "too_early" && view.window.ticket) {
    const seconds = details?.seconds ?? 0;
    const values = { number: number(view), seconds, calls: view.window.ticket.calls };
    const answers = { enter: send(refused.verb, { ...refused.body, early: true }) };
    return ask(seconds ? "caller.ask_early" : "caller.ask_early_calls", values, answers);
  }
  return null;
}

export const askTakeOver = (clerk, then) => ask("caller.ask_take_over", { clerk: clerk ?? "" }, { enter: then });

// Lets one Next through and ignores another within two seconds, of a clock that only rises, before it even asks.
export class NextGuard {
  #last = -Infinity;

  lets({ send = [], ask: question }, seconds) {
    const calls = send.some((one) => one.verb === "call-next");
    if (!calls && question !== "caller.ask_called") return true;
    if (seconds - this.#last < SECOND_NEXT_SECONDS) return false;
    if (calls) this.#last = seconds;
    return true;
  }
}

// When calling starts again today, as 13:30; null after the last. `now` is the hall's wall time, HH:MM.
export function lunchEnd(calling, now) {
  const starts = calling.map((span) => span.split("-")[0].trim()).sort();
  return starts.find((start) => start > now) ?? null;
}

// Whether calling hours are left today; `now` as for lunchEnd.
export const stillCalling = (calling, now) => calling.some((span) => span.split("-")[1].trim() > now);

export const longestFirst = (tickets) =>
  [...tickets].sort((a, b) => (a.queued_at + a.number < b.queued_at + b.number ? -1 : 1));

// The list of who waits for `lines` (a Set) or for `window` alone after a staff event, until the server's own list comes.
export function foldWaiting(tickets, lines, event, window) {
  if (event.type === "day.started") return [];
  if (!event.ticket) return tickets;
  const others = tickets.filter((one) => one.id !== event.ticket.id);
  const { status, pool, line, queued_at: since } = event.ticket;
  const waits = status === "waiting" && since && (pool ? pool === `w:${window}` : lines.has(line));
  return waits ? longestFirst([...others, event.ticket]) : others;
}

export function waitMark(queuedAt, rules, now) {
  const minutes = Math.max(0, Math.floor((now - Date.parse(queuedAt)) / 60_000));
  if (minutes >= rules.red_wait_minutes) return { minutes, mark: "red" };
  return { minutes, mark: minutes >= rules.amber_wait_minutes ? "amber" : "" };
}
