// Taking a number for someone else: its options, each with a key, and the papers ticked off before.
import { signal } from "@preact/signals";
import { language, t } from "web/texts.js";
import { html, Key, pageData } from "web/ui.js";
import { useFocusOn } from "./desk_focus.js";
import * as staff from "web/staff.js";
import * as desk from "./desk_store.js";

const MOST = 99; // cases on one number
const blank = () => ({ language: language.value, count: 1, visitor_class: "ordinary", guide: false });
const wish = signal(blank());
const ticked = signal(new Set());
const person = signal("");

export function openIssue({ line, matter }) {
  wish.value = blank();
  ticked.value = new Set();
  person.value = "";
  staff.notice.value = null;
  desk.typed.value = "";
  desk.view.value = { name: "issue", line: staff.lineOf(line?.id ?? matter.line), matter };
}

const set = (changes) => (wish.value = { ...wish.value, ...changes });
const papersOf = () => desk.view.value.matter?.papers ?? [];

function tick(place) {
  const now = new Set(ticked.value);
  if (!now.delete(place)) now.add(place);
  ticked.value = now;
}

function nextLanguage() {
  const all = Object.keys(pageData.languages);
  set({ language: all[(all.indexOf(wish.value.language) + 1) % all.length] });
}

// Priority needs its proof; a second press takes it back.
function priority() {
  if (wish.value.visitor_class === "priority") set({ visitor_class: "ordinary", proof: undefined, words: undefined });
  else desk.question.value = { dialog: "proof", done: (shown) => set({ visitor_class: "priority", ...shown }) };
}

function take() {
  const { line, matter } = desk.view.value;
  const { count, ...rest } = wish.value;
  const device = desk.printer.value?.id;
  const asked = { ...(matter ? { matter: matter.id } : { line: line.id }), ...rest };
  if (count > 1) asked.count = count;
  if (device) asked.device = device;
  if (person.value) asked.person = person.value;
  desk.issue(asked);
}

const KEYS = {
  l: nextLanguage,
  p: priority,
  g: () => set({ guide: !wish.value.guide }),
  d: () => desk.nextPrinter(),
  m: () => papersOf().length && print(),
  i: () => document.querySelector("input[name=person]")?.focus(),
  "+": () => set({ count: Math.min(MOST, wish.value.count + 1) }),
  "-": () => set({ count: Math.max(1, wish.value.count - 1) }),
  Enter: take,
};

export function keyInIssue(key) {
  if (/^[1-9]$/.test(key) && papersOf()[key - 1]) tick(key - 1);
  else KEYS[key === "=" ? "+" : key]?.();
}

// ——— the card ———

export function Issue() {
  const { line, matter } = desk.view.value;
  const own = useFocusOn(matter?.id ?? line.id);
  return html`<section class="card issue" ref=${own} tabindex="-1" aria-labelledby="issue-title">
    <header>
      <h2 id="issue-title">${line.name}${matter && html`<span>${matter.name}</span>`}</h2>
      <p class="quiet-words">${lineWords(line)}</p>
    </header>
    <div class="two ${papersOf().length ? "" : "one"}"><${Options} line=${line} />${papersOf().length > 0 && html`<${Papers} />`}</div>
    <footer>
      <button type="button" class="key primary take" aria-busy=${desk.busy.value === "issue" ? "true" : undefined}
        aria-disabled=${staff.cutOff.value ? "true" : undefined} onClick=${take}><span>${t("desk.take")}</span><kbd>${t("desk.key_enter")}</kbd></button>
      <${Key} kind="quiet" onPress=${desk.goHome}>${t("desk.back")}<kbd>Esc</kbd><//>
    </footer>
  </section>`;
}

export function lineWords(line) {
  if (!line.open) return line.reason_text ?? t("desk.line_closed");
  const wait = line.expected_wait;
  const people = t("desk.waiting", { n: line.waiting });
  return wait && line.waiting ? `${people} · ${t("desk.wait", wait)}` : people;
}

function Options({ line }) {
  const { count, language: spoken, visitor_class: visitorClass, proof, words, guide } = wish.value;
  return html`<ul class="options">
    ${line.identity && line.identity !== "none" && html`<li><label class="option">
      <span>${t("desk.person")}</span><input name="person" autocomplete="off" value=${person.value}
        onInput=${(event) => (person.value = event.target.value)} /><kbd>I</kbd></label></li>`}
    <${Option} name="class" key_="P" press=${priority} on=${visitorClass === "priority"}
      value=${proof ? t(`story.proof_${proof}`) : t("desk.class_ordinary")} more=${words} />
    <${Option} name="language" key_="L" press=${nextLanguage} value=${pageData.languages[spoken]} />
    <${Option} name="count" key_="+ −" press=${KEYS["+"]} on=${count > 1} value=${t("desk.cases", { n: count })} />
    <${Option} name="guide" key_="G" press=${KEYS.g} on=${guide} value=${t(guide ? "desk.yes" : "desk.no")} />
    <${Option} name="printer" key_="D" press=${KEYS.d} value=${desk.printer.value?.name ?? t("desk.no_printer")} />
  </ul>`;
}

const Option = ({ name, key_, press, value, more, on = false }) => html`<li>
  <button type="button" class="option ${on ? "on" : ""}" data-option=${name} onClick=${press}>
    <span>${t(`desk.option_${name}`)}</span><b>${value}${more && html`<small>${more}</small>`}</b><kbd>${key_}</kbd></button></li>`;

function Papers() {
  const papers = papersOf();
  const lacking = papers.length - ticked.value.size;
  return html`<div class="papers">
    <h3>${t("desk.papers")}</h3>
    <ol>${papers.map((paper, place) => html`<li key=${paper}><button type="button" class="paper"
      role="checkbox" aria-checked=${ticked.value.has(place) ? "true" : "false"} onClick=${() => tick(place)}>
      <i aria-hidden="true"></i><span>${paper}</span><kbd>${place + 1}</kbd></button></li>`)}</ol>
    <p class="lacking ${lacking ? "amber" : "green"}" role="status">
      ${lacking ? t("desk.lacking", { n: lacking }) : t("desk.complete")}</p>
    <${Key} kind="quiet" onPress=${() => print()}>${t("desk.print_papers")}<kbd>M</kbd><//>
  </div>`;
}

// What a visitor takes home: the papers of the matter, the ticked ones marked.
export function PaperSheet() {
  const { line, matter } = desk.view.value;
  return html`<div class="sheet">
    <p>${staff.catalogue.value.hall.name}</p><h1>${matter.name}</h1><p>${t("desk.sheet_papers", { line: line.name })}</p>
    <ol>${papersOf().map((paper, place) => html`<li key=${paper}>${ticked.value.has(place) ? "☑" : "☐"} ${paper}</li>`)}</ol>
  </div>`;
}
