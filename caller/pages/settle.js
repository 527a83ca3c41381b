// What is so after a command was done, before the server's own lists come: my window's ticket, who waits, and a word on it.
import { held, lineName, linked, put, tell, tellText, tellUndoable, undoUntil, waiting, windowId } from "./truth.js";

const AFTER = {
  complete: "caller.done_completed",
  "no-show": "caller.done_missed",
  hold: "caller.done_held",
  transfer: "caller.done_transferred",
  "change-matter": "caller.done_matter",
  "walk-in": "caller.done_walk_in",
  undo: "caller.done_undone",
  open: "caller.done_opened",
  pause: "caller.done_paused",
  close: "caller.done_closed",
};
const UNDOABLE = {
  "call-next": "caller.done_called",
  call: "caller.done_called",
  recall: "caller.done_recalled",
  start: "caller.done_started",
  resume: "caller.done_resumed",
};

export function settle(verb, got, before) {
  const ticket = got?.ticket ?? null;
  if (got?.window) put(got.window, before);
  else put({ id: windowId.value, ticket: there(verb, ticket, before) });
  if (ticket) keepLists(ticket);
  undoUntil.value = null;
  say(verb, got, before);
}

const isHere = (ticket) => ticket.status === "called" || ticket.status === "serving";

function there(verb, ticket, before) {
  if (ticket && isHere(ticket)) return ticket;
  // A waiting or held one was sent on: whoever is here stays.
  return verb !== "call-next" && ticket && before && ticket.id !== before.id ? before : null;
}

function keepLists(ticket) {
  const without = (list) => list.filter((one) => one.id !== ticket.id);
  if (ticket.status !== "waiting") waiting.value = without(waiting.value);
  held.value = ticket.status === "held" ? [...without(held.value), ticket] : without(held.value);
  linked.value = without(linked.value);
}

function say(verb, got, before) {
  const ticket = got?.ticket;
  if (verb === "call-next" && !ticket) return tell("blue", "caller.nobody_waits");
  const values = { number: (ticket ?? before)?.number ?? "", n: ticket?.calls };
  if (UNDOABLE[verb]) return tellUndoable(UNDOABLE[verb], values);
  if (got?.warning) return tellText("amber", got.warning.message);
  if (verb === "complete" && ticket.status === "waiting") return movedOn(ticket, before);
  const after = got?.window?.closing && { pause: "caller.done_pausing", close: "caller.done_closing" }[verb];
  return tell("green", after || AFTER[verb], values);
}

// Done here, not yet in the hall: the rest of a batch, or the next leg of the way.
function movedOn(ticket, before) {
  const { number, count, line } = ticket;
  if (count < before?.count) return tell("green", "caller.done_pieces", { number, n: count });
  return tell("green", "caller.done_moved_on", { number, line: lineName(line) });
}
