// What the guide desk's page decides by itself, without a screen: what was typed, what rings, which keys a ticket has.
import { found } from "web/match.js";

const NUMBER = /^([a-z]{1,2})\s*0*(\d{1,6})$/i;
const CODE = /(?:\/t\/)?([\w-]{20,})\/?$/;
const NEAR = 2; // people ahead from which a marked visitor is fetched
const MOST_FOUND = 12;

// What the field holds: {number}, {code}, {text} or nothing.
export function meant(typed) {
  const text = typed.trim();
  const number = NUMBER.exec(text);
  if (number) return { number: number[1].toUpperCase() + number[2].padStart(3, "0") };
  const code = CODE.exec(text);
  return code ? { code: text } : text ? { text } : {};
}

// The lines and matters that fit what was typed, and those of a unit whose name fits: [{line} or {matter}].
export function choices(hall, text) {
  if (!text) return hall.lines.map((line) => ({ line }));
  const fit = found(hall, text);
  const known = new Set(fit.map((one) => one.matter?.id));
  const typed = text.toLowerCase();
  const units = new Set(hall.units.filter((unit) => unit.name.toLowerCase().includes(typed)).map((unit) => unit.id));
  const ofUnits = hall.matters.filter((one) => units.has(one.unit) && !known.has(one.id)).map((matter) => ({ matter }));
  return [...fit, ...ofUnits].slice(0, MOST_FOUND);
}

// What rings: who called at a kiosk, and marked visitors near their call or called; each with a key of its own.
export function alarms(wanted, guided, answered) {
  const called = wanted.map((one) => ({ key: `wanted:${one.device}:${one.at}`, kind: "wanted", ...one }));
  const marked = guided.flatMap((ticket) => {
    const kind = ticket.status === "called" ? "called" : ticket.ahead !== null && ticket.ahead <= NEAR ? "near" : null;
    return kind ? [{ key: `${ticket.id}:${kind}:${kind === "called" ? ticket.called_at : ""}`, kind, ticket }] : [];
  });
  return [...called, ...marked].filter((one) => !answered.has(one.key));
}

const KEYS = { reinstate: "r", reprint: "b", class: "p", guide: "g", transfer: "t", cancel: "c" };

// The keys of a ticket in the order of the page: [{action, key, first}]; one is the first to put it right, or none.
export function actionsOf(ticket, may, withoutPaper) {
  const first = may.includes("reinstate") ? "reinstate" : withoutPaper ? "reprint" : null;
  return Object.entries(KEYS)
    .filter(([action]) => may.includes(action))
    .map(([action, key]) => ({ action, key, first: action === first }));
}
