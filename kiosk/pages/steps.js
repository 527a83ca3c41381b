// What a line asks before it gives a number: how many pieces an agent brings, and whose document it is.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import { canTake, go, hall, issuing, lineOf, screen, take } from "./state.js";
import { Card, cancelCard, readCard } from "./card.js";
import { Fit, Heading } from "./parts.js";
import { Keyboard, Keypad, LetterKey } from "./keyboard.js";

const MOST_PIECES = 99;
const LEAST_PLACES = 5;
const MOST_PLACES = 20;
const LETTERS = ["QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"];

/** Goes on to what the line still asks, else takes the number. */
export function begin(asked, line) {
  if (line.batch_limit && !asked.count) go("count", { asked, line: line.id });
  else if (line.identity && line.identity !== "none") go("identity", { asked, line: line.id });
  else take(asked);
}

const Confirm = ({ words, ready, onPress }) => html`<button type="button" class="key primary confirm" aria-busy=${issuing.value ? "true" : undefined}
  aria-disabled=${ready && canTake.value ? undefined : "true"} onClick=${() => ready && canTake.value && onPress()}>
  <${Fit} lines=${1} text=${issuing.value ? t("kiosk.issuing") : words} /></button>`;

/** How many pieces: one, unless an agent types more. */
export function Count() {
  const line = lineOf(screen.value.line);
  const { pieces = "" } = screen.value;
  const count = Number(pieces) || 1;
  const put = (text) => (screen.value = { ...screen.value, pieces: Number(text) ? String(Math.min(Number(text), MOST_PIECES)) : "" });
  if (!line) return null;
  const many = count > line.batch_limit;
  return html`<${Heading} title=${t("kiosk.count_title")} hint=${t("kiosk.count_hint", { line: line.name })} />
    <div class="entry number" role="status" data-say=${t("kiosk.count_of", { n: count })}><b>${count}</b> ${t("kiosk.pieces", { n: count })}</div>
    <p class="hint entry-note" role="status" data-say>${many ? t("kiosk.count_more", { n: line.batch_limit }) : "\u00a0"}</p>
    <${Keypad} onFigure=${(figure) => put(pieces + figure)} onDelete=${() => put(pieces.slice(0, -1))} />
    <${Confirm} words=${t("kiosk.count_take", { n: count })} ready=${true}
      onPress=${() => begin({ ...screen.value.asked, count }, line)} />`;
}

// The numbers of documents live here while they are typed, and nowhere else on this machine. Of a card read there is
// only what stands for it: {card, tail}.
const NOTHING = { person: "", principal: "", shown: false, letters: false, field: "person", agent: false, cards: {}, keys: false, failed: "" };
const own = signal(NOTHING);
const set = (values) => (own.value = { ...own.value, ...values });
const NEXT = { field: "principal", shown: false, letters: false, failed: "" };

const hasReader = (line) => line.identity === "card" && Boolean(hall.value?.card_reader);
const byCard = (line) => !own.value.keys && line.identity === "card" && (hasReader(line) || Boolean(own.value.cards[own.value.field]));

/** Asks for a card while one is wanted; after a failure the number is typed. */
function useCard(line) {
  const { field, agent, cards } = own.value;
  const wanted = Boolean(line) && byCard(line) && !cards[field];
  useEffect(() => {
    if (!wanted) return undefined;
    return cancelCard(readCard((card) => set({ cards: { ...own.value.cards, [field]: card } }), (code) => set({ keys: true, failed: code })));
  }, [wanted, field, agent]);
}

const WORDS = {
  identity: { own: "kiosk.identity_own", person: "kiosk.identity_agent", principal: "kiosk.identity_principal" },
  card: { own: "kiosk.card_own", person: "kiosk.card_agent", principal: "kiosk.card_principal" },
};

/** Whose document it is, by card or typed and masked; an agent gives their own first, then the principal's. */
export function Identity() {
  const line = lineOf(screen.value.line);
  useEffect(() => {
    own.value = NOTHING;
    return () => (own.value = NOTHING);
  }, []);
  useCard(line);
  if (!line) return null;
  const { field, agent, cards, failed } = own.value;
  const card = byCard(line);
  const title = WORDS[card ? "card" : "identity"][agent ? field : "own"];
  return html`<${Heading} title=${t(title)} hint=${t("kiosk.identity_why")} />
    <div class="tabs" role="group" aria-label=${t("kiosk.identity_whose")}>
      ${[false, true].map((one) => html`<button type="button" class="tab" key=${String(one)} aria-pressed=${agent === one ? "true" : "false"}
        onClick=${() => set({ ...NOTHING, keys: own.value.keys, agent: one })}><${Fit} lines=${1} text=${t(one ? "kiosk.identity_for_other" : "kiosk.identity_for_self")} /></button>`)}
    </div>
    ${failed && html`<div class="notice amber" role="status" data-say>${t(failed)}</div>`}
    ${card ? html`<${Card} read=${cards[field]} />` : html`<${Typed} />${own.value.letters ? html`<${Letters} />` : html`<${Figures} />`}`}
    <div class="onto">
      ${hasReader(line) && html`<button type="button" class="key plain swap" onClick=${() => set({ keys: card, failed: "", cards: { ...cards, [field]: undefined } })}>
        <${Fit} text=${t(card ? "kiosk.card_type" : "kiosk.card_use")} /></button>`}
      <${Onward} line=${line} />
    </div>`;
}

const add = (place) => set({ [own.value.field]: (own.value[own.value.field] + place).slice(0, MOST_PLACES) });
const remove = () => set({ [own.value.field]: own.value[own.value.field].slice(0, -1) });

function Typed() {
  const { field, shown } = own.value;
  const text = own.value[field];
  const masked = shown ? text.replace(/(.{4})(?=.)/g, "$1 ") : `${"•".repeat(Math.max(0, text.length - 1))}${text.slice(-1)}`;
  return html`<div class="entry masked number"><span role="img" aria-label=${t("kiosk.identity_places", { n: text.length })}>${masked || "\u00a0"}</span>
    <button type="button" class="key show" aria-pressed=${shown ? "true" : "false"} onClick=${() => set({ shown: !shown })}>
      <${Fit} lines=${1} text=${t(shown ? "kiosk.identity_hide" : "kiosk.identity_show")} /></button></div>`;
}

const Figures = () => html`<${Keypad} onFigure=${add} onDelete=${remove} left=${html`<div class="pair">
  <button type="button" class="key figure" onClick=${() => add("X")}>X</button>
  <button type="button" class="key figure small" onClick=${() => set({ letters: true })}>ABC</button></div>`} />`;

const Letters = () => html`<${Keyboard} rows=${LETTERS} onLetter=${add}
  before=${html`<${LetterKey} words="123" class="wide" onPress=${() => set({ letters: false })} />`}
  after=${html`<${LetterKey} words="⌫" class="wide" aria-label=${t("kiosk.delete")} onPress=${remove} />`} />`;

const given = (field) => own.value.cards[field] ? { [`${field}_card`]: own.value.cards[field].card } : { [field]: own.value[field] };

function Onward({ line }) {
  const { agent, field, cards } = own.value;
  const ready = Boolean(cards[field]) || (!byCard(line) && own.value[field].length >= LEAST_PLACES);
  if (agent && field === "person") {
    return html`<${Confirm} words=${t("kiosk.identity_next")} ready=${ready} onPress=${() => set(NEXT)} />`;
  }
  return html`<${Confirm} words=${t("kiosk.guide_take", { line: line.name })} ready=${ready}
    onPress=${() => take(screen.value.asked, agent ? { ...given("person"), ...given("principal") } : given("person"))} />`;
}
