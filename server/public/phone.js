// The page behind the slip's code, made live: the server says what is so in the ticket's words, this puts it in place.
import { io } from "/web/packages/socket.io.js";
import { keepAwake, ring, unlockSound } from "./ring.js";

const page = JSON.parse(document.getElementById("page-data").textContent);
const part = (id) => document.getElementById(id);
const STALE_AFTER = 12_000; // ms without a word from the server, which ticks every 5 s

let now = page.ticket;
let heard = Date.now();
let answered = 0; // the call that was seen and put away

function put(id, text) {
  const where = part(id);
  if (where.textContent !== (text ?? "")) where.textContent = text ?? "";
}

function show(id, shown) {
  part(id).hidden = !shown;
}

function take(ticket) {
  if (ticket.seq < now.seq) return; // overtaken on the way
  const { calls, status } = now;
  now = ticket;
  draw();
  if (ticket.rose) {
    put("rose", ticket.rose.words);
    show("rose", true);
  } else if (ticket.status !== "waiting") show("rose", false);
  if (ticket.status === "called" && (status !== "called" || ticket.calls > calls)) call();
  if (!page.live.includes(ticket.status)) location.reload(); // what has ended needs no live page
}

function draw() {
  document.body.dataset.status = now.status;
  put("words", now.words);
  show("words", now.words);
  show("turn", now.ahead !== null && !now.parked);
  put("ahead", now.ahead === null ? "" : String(now.ahead));
  put("people", page.people[now.ahead === 1 ? 0 : page.people.length - 1]);
  put("wait", now.wait_words);
  put("notice", now.notice);
  show("notice", now.notice);
  put("zone", now.zone);
  show("zone-row", now.zone);
  put("place", now.place);
  show("place-row", now.place);
  show("late", now.may_be_late);
  if (part("qr")) show("qr", now.parked === "remote");
  show("cancel", ["waiting", "called", "held"].includes(now.status));
  document.title = now.status === "called" ? `${now.words} · ${now.number}` : page.title;
  if (now.status !== "called") part("called").close();
  keepAwake(["waiting", "called"].includes(now.status));
}

/** What became of asking for notices. */
function say(words, kind) {
  put("notified", words);
  part("notified").className = `notice ${kind}`;
}

function call() {
  put("called-words", now.place);
  put("called-zone", now.zone);
  if (now.calls !== answered && !part("called").open) part("called").showModal();
  ring(() => now.status === "called" && part("called").open);
}

function connect() {
  const socket = io({
    transports: ["websocket", "polling"], tryAllTransports: true,
    reconnectionDelay: 300, reconnectionDelayMax: 5000, timeout: 5000, auth: { track: page.code },
  });
  const hear = () => (heard = Date.now());
  socket.on("ticket", (ticket) => {
    hear();
    document.documentElement.dataset.live = "yes";
    take(ticket);
  });
  socket.on("tick", hear);
  socket.on("connect_error", () => setTimeout(() => socket.active || socket.connect(), 30_000)); // refused: not soon
  addEventListener("online", () => socket.connect());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && !socket.connected) socket.connect();
  });
  setInterval(() => {
    const silent = Math.round((Date.now() - heard) / 1000);
    const stale = silent * 1000 > STALE_AFTER;
    show("stale", stale || !socket.connected);
    put("stale", stale ? page.stale.replace("{seconds}", String(silent)) : page.reconnecting);
  }, 1000);
}

/** A form says what it did on the page itself; where that fails the browser sends it as it always would. */
async function send(event) {
  event.preventDefault();
  const form = event.target;
  show("refused", false);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (said.refused) throw new Error(said.refused);
    if (said.ticket) take(said.ticket);
    if (said.done) say(said.done, "green");
  } catch (error) {
    put("refused", error instanceof SyntaxError || error instanceof TypeError ? page.refused : error.message);
    show("refused", true);
  }
  if (!("quiet" in form.dataset)) form.closest("details").open = false;
}

function largeType() {
  const key = part("large");
  const set = (on) => {
    document.documentElement.classList.toggle("large", on);
    key.setAttribute("aria-pressed", String(on));
  };
  key.hidden = false;
  set(localStorage.getItem("large") === "yes");
  key.addEventListener("click", () => {
    const on = key.getAttribute("aria-pressed") !== "true";
    localStorage.setItem("large", on ? "yes" : "no");
    set(on);
  });
}

async function readWhy() {
  if (!part("why").open) return;
  const answer = await fetch(`/api/v1/track/${page.code}/why`);
  if (answer.ok) put("why-words", (await answer.json()).why.words);
}

largeType();
unlockSound(part("sound"), page.sound_on);
if (page.push_key) import("./notify.js").then(({ offerPush }) => offerPush(part("push"), page, say));
for (const form of document.forms) if (!("leads" in form.dataset)) form.addEventListener("submit", send);
part("why").addEventListener("toggle", () => readWhy().catch(() => {}));
part("understood").addEventListener("click", () => {
  answered = now.calls;
  part("called").close();
});
draw();
if (now.status === "called") call();
connect();
