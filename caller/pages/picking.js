// The lists that a question picks from: where a number can be sent, which matter it is, what a visitor without a number wants.
import { found } from "web/match.js";

const SHOWN = 40;

// data: {catalogue, windows, mine, waiting: {line: count}}. Each entry: {key, kind, name, more, body}; `more` is
// {line, matterOf, window, clerk, status, waiting, windows}, for the page to put into words.
export function entries(of, data, typed) {
  return LISTS[of](data, typed.trim()).slice(0, SHOWN);
}

const serves = (data, line) => data.mine.lines.some((one) => one.id === line);
const ranked = (data) => [...data.mine.lines].sort((one, other) => one.rank - other.rank).map((one) => one.id);

const lineEntry = (data, line) => ({
  key: `l:${line.id}`, kind: "line", name: line.name, body: { line: line.id },
  more: { waiting: data.waiting[line.id] ?? 0, windows: openFor(data, line.id) },
});
const openFor = (data, line) =>
  data.windows.filter((one) => one.status === "open" && one.lines.some((served) => served.id === line)).length;

const matterEntry = (data, matter) => ({
  key: `m:${matter.id}`, kind: "matter", name: matter.name, body: { matter: matter.id }, more: { line: matter.line },
});

const forWindow = (data, window) => window.lines.reduce((sum, line) => sum + (data.waiting[line.id] ?? 0), 0);
const windowEntry = (data, window) => ({
  key: `w:${window.id}`, kind: "window", name: window.name, body: { window: window.id },
  more: { clerk: window.clerk, status: window.status, waiting: forWindow(data, window) },
});
const clerkEntry = (data, window) => ({
  key: `c:${window.clerk}`, kind: "clerk", name: window.clerk, body: { clerk: window.clerk },
  more: { window: window.name, status: window.status, waiting: forWindow(data, window) },
});

function targets(data, typed) {
  const others = data.windows.filter((one) => one.id !== data.mine.id && one.status !== "closed");
  const begins = (name) => name.toLowerCase().startsWith(typed.toLowerCase());
  const windows = others.filter((one) => begins(one.name)).map((one) => windowEntry(data, one));
  const clerks = others.filter((one) => one.clerk && one.clerk !== data.mine.clerk && begins(one.clerk)).map((one) => clerkEntry(data, one));
  const lines = typed ? found(data.catalogue, typed).map((one) => one.line).filter(Boolean) : data.catalogue.lines;
  const exact = windows.filter((one) => one.name.toLowerCase() === typed.toLowerCase());
  return [...exact, ...lines.map((one) => lineEntry(data, one)), ...windows.filter((one) => !exact.includes(one)), ...clerks];
}

function matters(data, typed) {
  if (typed) return found(data.catalogue, typed).filter((one) => one.matter).map((one) => matterEntry(data, one.matter));
  return ranked(data).flatMap((line) => data.catalogue.matters.filter((one) => one.line === line))
    .map((one) => matterEntry(data, one));
}

function services(data, typed) {
  if (!typed) {
    const lines = ranked(data).map((id) => data.catalogue.lines.find((one) => one.id === id)).filter(Boolean);
    return lines.map((one) => lineEntry(data, one));
  }
  const all = found(data.catalogue, typed).filter(({ line, matter }) => serves(data, line?.id ?? matter.line));
  return all.map(({ line, matter }) => (line ? lineEntry(data, line) : matterEntry(data, matter)));
}

const LISTS = { targets, matters, services };
