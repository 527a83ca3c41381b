// A page's line to the hall: `follow({hall})` keeps the board of now over Socket.IO through gaps, cuts and restarts.
import { signal } from "@preact/signals";
import { io } from "socket.io-client";
import { fold } from "./board.js";

export const STALE_AFTER = 12_000; // ms without a word from the server, which ticks every 5 s
const HUNG_AFTER = 25_000;

// The server's clock, told by each tick; a trial clock may run faster than ours (START@SPEED).
let heard = null; // {at, local}; `late`: by how much nobody knows, so no pace is measured from it
let pace = 1;

/** What a first answer said of the server's time: it dates what is shown until the first tick. */
export function setClock(at) {
  heard ??= { at: Date.parse(at), local: performance.now(), late: true };
}

function hearClock(at) {
  const now = { at: Date.parse(at), local: performance.now() };
  const apart = heard && !heard.late ? now.local - heard.local : Infinity;
  if (apart < 1000) return; // several halls followed, or ticks held up on the way: too close to measure by
  if (apart < Infinity) {
    const measured = (now.at - heard.at) / apart;
    pace = measured > 1.5 ? measured : 1;
  }
  heard = now;
}

/** The server's time now, in ms since 1970; this machine's own until it was told. */
export const serverNow = () => (heard ? heard.at + (performance.now() - heard.local) * pace : Date.now());

/** How many times faster than ours the server's clock runs; 1 but in trials. */
export const hallPace = () => pace;

/**
 * Follows a hall. Returns {board, link, socket, stop}:
 * `board` signal: the board as hall/board.py describes it, null before the first snapshot.
 * `link` signal: {state: "up" | "down" | "stale", since: ms of this machine's clock, refused: message or null};
 *   "down": cut off; "stale": no word from the server for 12 s, `since` when it last spoke.
 * onEvent(event, board) for each event that came live, in order; onBoard(board) for each snapshot.
 */
export function follow({ url, token, hall, track, onEvent = () => {}, onBoard = () => {} }) {
  const board = signal(null);
  const link = signal({ state: "down", since: Date.now(), refused: null });
  let last = Date.now();
  let renewed = 0; // when a line that had gone silent was last begun anew
  let asking = false;
  let fresh = false; // ask for a whole snapshot at the next connect
  let cut = false; // a display client says that its own line to the server is cut

  const socket = io(url, {
    transports: ["websocket", "polling"], tryAllTransports: true,
    reconnectionDelay: 300, reconnectionDelayMax: 3000, timeout: 5000,
    auth: (answer) => answer({ hall, ...(token && { token }), ...(track && { track }), ...place() }),
  });
  const place = () => (board.value && !fresh ? { since: board.value.seq, epoch: board.value.epoch } : {});

  const setLink = (state, since, refused = null) => {
    const was = link.value;
    if (was.state !== state || was.since !== since || was.refused !== refused) link.value = { state, since, refused };
  };
  const hear = (at) => {
    if (cut) return; // what it still sends is its last board, not news
    last = Date.now();
    if (at) hearClock(at);
    if (link.value.state !== "up" && socket.connected) setLink("up", last);
  };
  const again = () => socket.disconnect().connect();
  const resync = () => {
    fresh = true;
    again();
  };

  const take = (events) => {
    for (const event of events) {
      const now = board.value;
      if (!now) return;
      if (event.epoch !== now.epoch) return resync();
      if (event.seq > now.seq + 1) return catchUp();
      if (event.seq === now.seq + 1) {
        board.value = fold(now, event);
        onEvent(event, board.value);
      }
    }
  };

  async function catchUp() {
    if (asking) return;
    asking = true;
    try {
      for (let more = true; more; ) {
        const answer = await socket.timeout(5000).emitWithAck("since", board.value.seq);
        if (answer.answer === "resync" || answer.epoch !== board.value.epoch) return resync();
        const before = board.value.seq;
        take(answer.events ?? []);
        more = answer.more && board.value.seq > before;
      }
    } catch {
      if (socket.connected) again(); // no answer in time: begin anew
    } finally {
      asking = false;
    }
  }

  socket.on("connect", () => hear());
  socket.on("snapshot", (snapshot) => {
    fresh = false;
    hear(); // its `at` is the last event's, which in a quiet hall is long ago: no clock to set ours by
    board.value = snapshot;
    onBoard(snapshot);
  });
  socket.on("events", (events) => {
    hear();
    take(Array.isArray(events) ? events : [events]);
  });
  socket.on("tick", (tick) => {
    hear(tick.at);
    const now = board.value;
    if (!now || tick.epoch !== now.epoch || tick.seq < now.seq) resync();
    else if (tick.seq > now.seq) catchUp();
  });
  socket.on("upstream", ({ up, since }) => {
    cut = !up;
    if (up) return hear();
    if (since) last = Math.min(last, Date.parse(since));
    if (link.value.state === "up") setLink("down", last);
  });
  socket.on("disconnect", (reason) => {
    if (link.value.state === "up") setLink("down", Date.now());
    if (reason === "io server disconnect") later();
  });
  socket.on("connect_error", (error) => {
    if (socket.active) return; // the client tries again by itself
    setLink(link.value.state, link.value.since, error.message);
    later();
  });
  const later = () => setTimeout(() => socket.connect(), 2000);

  const watch = setInterval(() => {
    const silent = Date.now() - last;
    if (silent > STALE_AFTER) setLink("stale", last, link.value.refused);
    if (silent > HUNG_AFTER && Date.now() - renewed > HUNG_AFTER && socket.connected && !cut) {
      renewed = Date.now();
      again();
    }
  }, 500);

  const stop = () => {
    clearInterval(watch);
    socket.disconnect();
  };
  return { board, link, socket, stop };
}
