// Folding, the same as hall/board.py: a snapshot of the hall and the events after it give the board of now.
const AT_A_WINDOW = new Set(["called", "serving"]);

function callOf(ticket) {
  const { id, number, window, line, status, first_called_at, calls, language } = ticket;
  return { id, number, window, line, status, at: ticket.called_at, first_called_at, calls, language };
}

/** The board after `event`. What is older is dropped; a type or field it does not know changes only `seq`. */
export function fold(board, event) {
  if (event.seq <= board.seq) return board;
  const { data } = event;
  const after = { ...board, seq: event.seq, at: event.at };
  if (event.type === "day.started") {
    const waiting = Object.fromEntries(Object.keys(board.waiting).map((line) => [line, 0]));
    return { ...after, day: data.day, calls: [], missed: [], waiting };
  }
  if (data.window) {
    after.windows = board.windows.map((window) => (window.id === data.window.id ? data.window : window));
  }
  if (data.waiting) after.waiting = { ...board.waiting, ...data.waiting };
  if (data.board) Object.assign(after, data.board);
  if ("message" in data) after.message = data.message;
  if (event.ticket) foldTicket(after, event.ticket, event.at);
  return after;
}

function foldTicket(board, ticket, at) {
  const calls = board.calls.filter((call) => call.id !== ticket.id);
  const missed = board.missed.filter((one) => one.id !== ticket.id);
  if (AT_A_WINDOW.has(ticket.status)) {
    calls.push(callOf(ticket));
    calls.sort((one, other) => compare(other.at, one.at) || compare(other.number, one.number));
  } else if (ticket.status === "no_show") {
    missed.push({ id: ticket.id, number: ticket.number, at });
    missed.sort((one, other) => compare(one.at, other.at) || compare(one.number, other.number));
  }
  board.calls = calls;
  board.missed = missed;
}

const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/** Whether the catalogue is another after an event; as hall/events.py. */
export const rearranges = (event) => /^(layout|line|matter)\.|^window\.lines_/.test(event.type);
