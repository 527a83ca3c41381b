// Which calls a board shows, in which order, and which of them are new: pure, so that it can be tested alone.

export const FRESH_FOR = 10_000; // ms of this screen's own time in amber
export const SHOWN_FOR = 180_000; // ms of the hall's time
export const TURN_EVERY = 8_000; // ms before a page of a longer list makes room for the next
const LAST_ROWS = 2; // that take turns when more numbers are called than there are rows

/** Remembers when this screen first saw each call, so that a recall is new again and a reload invents nothing. */
export function makeSeen() {
  const seen = new Map(); // "id/at" → this screen's ms when the call was made
  const key = (call) => `${call.id}/${call.at}`;
  return {
    /** `age`: ms of this screen's time since the call. */
    note(calls, now, age) {
      const before = new Map(seen);
      seen.clear();
      for (const call of calls) seen.set(key(call), before.get(key(call)) ?? now - age(call));
    },
    isFresh: (call, now) => now - (seen.get(key(call)) ?? -Infinity) < FRESH_FOR,
  };
}

/** The calls to show, newest first: called less than 3 minutes ago and not yet served, and every one in amber. */
export function shownCalls(board, { zone, isFresh, hallNow }) {
  const zones = new Map(board.windows.map((window) => [window.id, window.zone]));
  return board.calls
    .filter((call) => !zone || zones.get(call.window) === zone)
    .map((call) => ({ ...call, fresh: isFresh(call) }))
    .filter((call) => call.fresh || (call.status === "called" && hallNow - Date.parse(call.at) < SHOWN_FOR));
}

/** What stands in so many rows at a turn: all, or the newest fixed and the others by turns in the last rows. */
export function rowsAt(calls, turn, room) {
  if (calls.length <= room) return { rows: calls, page: 1, pages: 1 };
  const fixed = calls.slice(0, room - LAST_ROWS);
  const { part, page, pages } = pageAt(calls.slice(fixed.length), LAST_ROWS, turn);
  return { rows: [...fixed, ...part], page, pages };
}

/** One page of a list that is too long for the screen. */
export function pageAt(list, size, turn) {
  const pages = Math.max(1, Math.ceil(list.length / size));
  const page = turn % pages;
  return { part: list.slice(page * size, (page + 1) * size), page: page + 1, pages };
}
