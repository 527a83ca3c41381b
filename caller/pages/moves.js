// What the rarer keys mean: hold and take back, transfer, another matter, no number, how it ended, undo.
// The same rules as caller/moves.py; both are held to tests/caller/presses.json.
import { ask, isCalled, number, pick, say, send, steps, typeIn } from "./meant.js";

// Codes of why a visitor is set aside; other words go to the server as they are.
export const HOLD_REASONS = ["papers", "form", "copy", "payment", "review"];
const HOLD_MINUTES = { 1: 5, 2: 10, 3: 15, 4: 30 };

const withTicket = (meant) => (view) => (view.window.ticket ? meant(view) : say("caller.nobody_here"));

const atFreeWindow = (meant) => (view) => {
  if (view.window.ticket) return say("caller.finish_first", { number: number(view) });
  return view.window.status === "open" ? meant(view) : say("caller.open_first");
};

// One answer for each of a list, its key the place: {1: …, 2: …}.
const numbered = (all, meant) => Object.fromEntries(all.map((one, place) => [place + 1, meant(one)]));

function hold(view) {
  const values = { number: number(view) };
  const forHow = (body) => {
    const timed = Object.entries(HOLD_MINUTES).map(([key, minutes]) => [key, send("hold", { ...body, minutes })]);
    return ask("caller.ask_hold_minutes", values, { ...Object.fromEntries(timed), enter: send("hold", body) });
  };
  const reasons = numbered(HOLD_REASONS, (reason) => forHow({ reason }));
  return ask("caller.ask_hold", values, { ...reasons, 6: typeIn("caller.ask_hold_words", values, "reason", forHow({})) });
}

function takeBack(view) {
  const held = view.held ?? [];
  if (!held.length) return say("caller.none_held");
  const back = (ticket) => send("resume", { number: ticket.number });
  if (held.length === 1) return back(held[0]);
  const first = held.slice(0, 9);
  return { ...ask("caller.ask_take_back", {}, numbered(first, back)), labels: numbered(first, (one) => one.number) };
}

const targets = (values, then) => pick("caller.ask_transfer_to", values, "targets", then);

function transfer(view) {
  const values = { number: number(view) };
  const ways = { enter: send("transfer"), b: send("transfer", { come_back: true }) };
  const noted = typeIn("caller.ask_note", values, "note", ask("caller.ask_transfer", values, ways));
  return targets(values, ask("caller.ask_transfer", values, { ...ways, n: noted }));
}

function sendOn() {
  const go = { enter: send("transfer") };
  const noted = typeIn("caller.ask_note", {}, "note", ask("caller.ask_transfer", {}, go));
  return typeIn("caller.ask_send_number", {}, "number", targets({}, ask("caller.ask_transfer", {}, { ...go, n: noted })));
}

// Who talks about another matter is here: a number only called is started first.
function matter(view) {
  const begun = isCalled(view) ? [["start"]] : [];
  const change = steps(...begun, ["change-matter"]);
  const add = steps(...begun, ["change-matter", { add: true }]);
  const values = { number: number(view) };
  const how = ask("caller.ask_matter_how", values, { enter: change, a: add });
  return pick("caller.ask_matter", values, "matters", view.window.ticket.matter ? how : change);
}

const walkIn = () => pick("caller.ask_walk_in", {}, "services", send("walk-in"));

function outcome(view) {
  const values = { number: number(view) };
  const all = view.outcomes ?? [];
  const labels = numbered(all, (one) => one.name);
  const ways = numbered(all, (one) => send("complete", { outcome: one.id }));
  const rest = { ...ask("caller.ask_outcome", values, { ...ways, enter: send("complete") }), labels };
  const numberFirst = typeIn("caller.ask_case_number", values, "case_number", rest);
  return { ...ask("caller.ask_outcome", values, { ...ways, n: numberFirst }), labels };
}

export const isMoreToCome = (ticket) => Boolean(ticket?.route?.length) || (ticket?.count ?? 1) > 1;

function finishAll(view) {
  if (!isMoreToCome(view.window.ticket)) return send("complete");
  return ask("caller.ask_finish_all", { number: number(view) }, { enter: send("complete", { all: true }) });
}

const undo = (view) => (view.window.ticket ? send("undo") : say("caller.nothing_to_undo"));

export const RARER = {
  hold: withTicket(hold),
  take_back: atFreeWindow(takeBack),
  transfer: withTicket(transfer),
  send_on: sendOn,
  matter: withTicket(matter),
  walk_in: atFreeWindow(walkIn),
  outcome: withTicket(outcome),
  finish_all: withTicket(finishAll),
  undo,
};
