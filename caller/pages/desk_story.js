// A ticket's whole story in sentences with times, and the keys that put it right.
import { clockText } from "web/clock.js";
import { language, t } from "web/texts.js";
import { html, Notice, pageData } from "web/ui.js";
import { useFocusOn } from "./desk_focus.js";
import * as staff from "web/staff.js";
import * as desk from "./desk_store.js";
import { actionsOf } from "./desk_rules.js";

const CANCEL_REASONS = ["left", "asked", "twice", "wrong_line"];
const told = () => desk.view.value.told;
const slipOf = (ticket) => desk.unprinted.value.find((one) => one.ticket === ticket.id);

const ACTIONS = {
  reinstate: () => desk.act("reinstate", "reinstate", {}, "desk.done_reinstated"),
  reprint: askPrinter,
  class: changeClass,
  guide: () => desk.act("guide", "guide", { wanted: !told().ticket.guide }, told().ticket.guide ? "desk.done_unguided" : "desk.done_guided"),
  transfer: () => (desk.question.value = { dialog: "transfer" }),
  cancel: askReason,
};

function askPrinter() {
  const { ticket } = told();
  const all = desk.printers.value.slice(0, 9);
  if (!all.length) return staff.tell("amber", t("desk.no_printer_known"));
  if (all.length === 1) return desk.reprint(ticket, all[0].id);
  const answers = all.map((one, place) => [String(place + 1), [one.name, () => desk.reprint(ticket, one.id)]]);
  desk.question.value = { ask: t("desk.ask_printer", { number: ticket.number }), answers: Object.fromEntries(answers) };
}

function changeClass() {
  const { ticket } = told();
  const give = (body, words) => desk.act("class", "class", body, words);
  if (ticket.class === "ordinary") {
    desk.question.value = {
      dialog: "proof", done: (shown) => give({ visitor_class: "priority", ...shown }, "desk.done_priority"),
    };
  } else {
    const yes = [t("desk.to_ordinary"), () => give({ visitor_class: "ordinary" }, "desk.done_ordinary")];
    desk.question.value = { ask: t("desk.ask_ordinary", { number: ticket.number }), answers: { Enter: yes } };
  }
}

function askReason() {
  const { ticket } = told();
  const cancel = (reason) => () => desk.act("cancel", "cancel", { reason }, "desk.done_cancelled");
  const answers = CANCEL_REASONS.map((code, place) => [String(place + 1), [t(`desk.cancel_${code}`), cancel(code)]]);
  desk.question.value = { ask: t("desk.ask_cancel", { number: ticket.number }), answers: Object.fromEntries(answers) };
}

// One more matter of the same person: the next number is linked with this one.
function another() {
  desk.linkedTo.value = told().ticket;
  desk.goHome();
  document.querySelector("input[name=find]")?.focus();
}

export function act(key) {
  const { ticket, may } = told();
  const found = actionsOf(ticket, may, slipOf(ticket)).find((one) => one.key === key);
  if (found) ACTIONS[found.action]();
  else if (key === "a" && isLive(ticket)) another();
  else if (key === "s") print();
  else if (key === "Enter") actionsOf(ticket, may, slipOf(ticket)).filter((one) => one.first).forEach((one) => ACTIONS[one.action]());
}

const isLive = (ticket) => ["waiting", "called", "serving", "held"].includes(ticket.status);

// ——— the card ———

export function Story() {
  const { ticket, sentences, may } = told();
  const own = useFocusOn(ticket.id);
  return html`<section class="card story" ref=${own} tabindex="-1" aria-labelledby="story-title">
    <header>
      <h2 id="story-title" class="number">${ticket.number}</h2>
      <div class="of"><p class="what"><b>${staff.lineName(ticket.line)}</b>${ticket.matter && ` · ${staff.matterOf(ticket.matter)?.name ?? ""}`}</p>
        <p class="stands is-${ticket.status}">${standing(ticket)}</p><${Tags} ticket=${ticket} /></div>
    </header>
    <${Acts} ticket=${ticket} may=${may} />
    <ol class="sentences" tabindex="0" aria-label=${t("desk.story", { number: ticket.number })}>
      ${sentences.map((one, place) => html`<${Said} key=${place} one=${one} />`)}</ol>
  </section>`;
}

function Said({ one }) {
  return html`<li class=${one.type.replace(".", "-")}><time datetime=${one.at}>${clockText(one.at, staff.zone.value, true)}</time>
    <p>${one.text}</p>${one.by && html`<small>${/^\d+$/.test(one.by) ? t("desk.staff", { name: one.by }) : one.by}</small>`}</li>`;
}

export function standing(ticket) {
  if (ticket.status === "waiting" && ticket.parked) return t(`desk.parked_${ticket.parked}`);
  if (ticket.status === "waiting") {
    const wait = ticket.expected_wait;
    return t("desk.ahead", { n: ticket.ahead ?? 0 }) + (wait && ticket.ahead ? ` · ${t("desk.wait", wait)}` : "") + placeOf(ticket);
  }
  const window = ticket.windows[0]?.name ?? "";
  return t(`desk.status_${ticket.status}`, { window });
}

const placeOf = (ticket) =>
  ticket.windows.length ? ` · ${t("desk.windows", { names: ticket.windows.map((one) => one.name).join(language.value.startsWith("zh") ? "、" : ", ") })}` : "";

function Tags({ ticket }) {
  const foreign = ticket.language !== "zh-CN";
  const tags = [
    ticket.class !== "ordinary" && [ticket.class === "priority" ? "amber" : "blue", t(`desk.class_${ticket.class}`)],
    ticket.guide && ["blue", t("desk.guided_tag")],
    ticket.count > 1 && ["", t("desk.cases", { n: ticket.count })],
    slipOf(ticket) && ["red", t("desk.without_paper")],
    foreign && ["", pageData.languages[ticket.language] ?? ticket.language],
  ].filter(Boolean);
  return tags.length > 0 && html`<p class="tags">${tags.map(([kind, words]) => html`<span class="tag ${kind}" key=${words}>${words}</span>`)}</p>`;
}

function Acts({ ticket, may }) {
  const keys = actionsOf(ticket, may, slipOf(ticket));
  const label = (action) =>
    action === "class" && ticket.class !== "ordinary" ? "desk.act_ordinary"
      : action === "guide" && ticket.guide ? "desk.act_unguide" : `desk.act_${action}`;
  return html`<div class="acts">
    ${keys.map(({ action, key, first }) => html`<${Act} key=${action} name=${action} letter=${key.toUpperCase()} first=${first}
      words=${t(label(action))} press=${ACTIONS[action]} />`)}
    ${isLive(ticket) && html`<${Act} name="another" letter="A" words=${t("desk.act_another")} press=${another} />`}
    <${Act} name="print" letter="S" words=${t("desk.act_print")} press=${() => print()} quiet=${true} />
    <${Act} name="back" letter="Esc" words=${t("desk.back")} press=${desk.goHome} quiet=${true} />
  </div>`;
}

function Act({ name, letter, words, press, first = false, quiet = false }) {
  const off = !quiet && staff.cutOff.value;
  return html`<button type="button" class="key act ${first ? "primary" : ""} ${quiet ? "plain" : ""}" data-act=${name}
    aria-busy=${desk.busy.value === name ? "true" : undefined} aria-disabled=${off ? "true" : undefined}
    onClick=${() => off || press()}><span>${words}</span><kbd>${letter}</kbd></button>`;
}

export function Question() {
  const asked = desk.question.value;
  if (!asked?.answers) return null;
  return html`<div class="card asked" role="alertdialog" aria-label=${asked.ask}><p aria-live="assertive">${asked.ask}</p>
    <div class="answers many">${Object.entries(asked.answers).map(([key, [words, done]]) => html`<button type="button" class="key answer" key=${key}
      onClick=${() => ((desk.question.value = null), done())}><kbd>${key === "Enter" ? t("desk.key_enter") : key}</kbd><span>${words}</span></button>`)}
      <button type="button" class="key answer plain" onClick=${() => (desk.question.value = null)}><kbd>Esc</kbd><span>${t("desk.back")}</span></button>
    </div></div>`;
}

export function Told() {
  const said = staff.notice.value;
  return said && html`<${Notice} kind=${said.kind}>${said.text}<//>`;
}
