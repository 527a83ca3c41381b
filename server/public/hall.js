// The hall's public page kept true while it is looked at, and large type; without it the page is whole all the same.
const EVERY = 6000; // ms; an answer may be kept for five seconds on its way
const LARGE = "hallcall.public.large";
const part = (id) => document.getElementById(id);

const large = part("large");
large.hidden = false;
setLarge(localStorage.getItem(LARGE) === "1");
large.addEventListener("click", () => setLarge(large.getAttribute("aria-pressed") !== "true"));

function setLarge(on) {
  document.documentElement.classList.toggle("large", on);
  large.setAttribute("aria-pressed", String(on));
  localStorage.setItem(LARGE, on ? "1" : "0");
}

function put(where, text) {
  if (where && where.textContent !== String(text)) where.textContent = text;
}

function draw(now) {
  put(part("state"), now.state);
  part("state").className = now.open ? "open" : "shut";
  put(part("at"), part("at").textContent.replace(/\d\d:\d\d/, now.at));
  put(part("waiting"), now.waiting);
  put(part("windows-open"), now.windows_open);
  put(part("windows"), now.windows);
  const rows = new Map([...part("lines").rows].map((row) => [row.dataset.line, row]));
  if (now.lines.length !== rows.size || now.lines.some((line) => !rows.has(line.id))) return location.reload(); // the layout changed
  for (const line of now.lines) drawLine(rows.get(line.id), line);
}

function drawLine(row, line) {
  row.classList.toggle("shut", !line.open);
  row.classList.toggle("calm", !line.waiting);
  const said = { ".line": line.name, ".why": line.why, ".count": line.count, ".wait": line.wait, ".open-windows": line.windows };
  for (const [where, text] of Object.entries(said)) put(row.querySelector(where), text);
}

// Figures that are no longer asked for look like those of this minute: the page says so.
async function refresh() {
  if (document.hidden) return;
  const address = `/hall/live?${new URLSearchParams({ hall: document.body.dataset.hall, language: document.documentElement.lang })}`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(8000) });
    if (answer.ok) draw(await answer.json());
    part("cut").hidden = answer.ok;
  } catch {
    part("cut").hidden = false;
  }
}

if (part("lines")) {
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
}
