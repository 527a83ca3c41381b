// The page as loudspeaker: what the display client sends as `play` is played one after another, and answered.
import { signal } from "@preact/signals";

/** True while the browser wants a touch before it lets a page make sound. */
export const blocked = signal(false);
/** Which way the sound goes: "sound_card", "page", "none"; null until the display client has said so. */
export const path = signal(null);

/** True while the loudspeaker of this display client speaks, by whichever way. */
export const speaking = signal(false);

const LONGEST_SPEECH = 60_000; // ms; an end that was lost must not keep a film silent
const SPARE = 3000; // ms a recording may take longer than it said

/** Keeps `speaking` as the display client says. */
export function listenForSpeech(socket) {
  let end;
  const set = (on) => {
    clearTimeout(end);
    speaking.value = on;
    if (on) end = setTimeout(() => set(false), LONGEST_SPEECH);
  };
  socket.on("speaking", ({ on }) => set(on));
  socket.on("disconnect", () => set(false));
}

/** Offers this page as a loudspeaker on a socket and plays what comes. */
export function offerLoudspeaker(socket) {
  let last = Promise.resolve();
  const offer = () => {
    socket.emit("can_play", {});
    setTimeout(readPath, 500); // the offer itself may have changed it
  };
  socket.on("connect", offer);
  if (socket.connected) offer();
  socket.on("play", (call) => {
    last = last.then(async () => socket.emit("played", { id: call.id, ...(await play(call)) }));
  });
  watchPath();
}

async function play({ url, duration = 10 }) {
  const audio = new Audio(url);
  const started_at = new Date().toISOString();
  try {
    await begin(audio);
    await ended(audio, duration * 1000 + SPARE);
    return { started_at, ended_at: new Date().toISOString() };
  } catch (error) {
    audio.pause();
    return { started_at, ended_at: new Date().toISOString(), error: String(error.message || error.name) };
  }
}

async function begin(audio) {
  try {
    await audio.play();
    blocked.value = false;
  } catch (error) {
    if (error.name === "NotAllowedError") waitForTouch();
    throw error;
  }
}

function waitForTouch() {
  blocked.value = true;
  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, () => (blocked.value = false), { once: true });
  }
}

function ended(audio, limit) {
  return new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error("the recording did not end")), limit);
    audio.addEventListener("ended", () => (clearTimeout(late), done()));
    audio.addEventListener("error", () => (clearTimeout(late), fail(new Error("the recording cannot be played"))));
  });
}

async function watchPath() {
  await readPath();
  setTimeout(watchPath, 5000);
}

async function readPath() {
  try {
    path.value = (await (await fetch("/status", { cache: "no-store" })).json()).sound;
  } catch {
    path.value = null; // nothing is claimed while nobody says so
  }
}
