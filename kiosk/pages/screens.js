// The screens of choosing: the commonest lines, by unit, by category, the guide desk, and asking for help.
import { language, t } from "web/texts.js";
import { html, pageData } from "web/ui.js";
import { askForHelp, canTake, go, hall, lineOf, linkUp, screen, speak } from "./state.js";
import { Choice, Fit, Group, Heading, Pages, lineWords } from "./parts.js";
import { Take, press } from "./take.js";

const MOST_COMMON = 8; // a hall that marks no line as common shows its first ones

function commonLines({ lines }) {
  const common = lines.filter((line) => line.common);
  return common.length ? common : lines.length > MOST_COMMON ? lines.slice(0, MOST_COMMON) : lines;
}

const linesOf = (unit) => {
  const keys = new Set(hall.value.matters.filter((matter) => matter.unit === unit.id).map((matter) => matter.line));
  return hall.value.lines.filter((line) => keys.has(line.id));
};
const mattersOf = (key, id) => hall.value.matters.filter((matter) => matter[key] === id);
const drawTake = (one) => html`<${Take} ...${one} key=${(one.line ?? one.matter).id} />`;

const TABS = ["common", "unit", "category"];
const TITLES = { common: "kiosk.choose", unit: "kiosk.choose_unit", category: "kiosk.choose_category" };
const TAB_WORDS = { common: "kiosk.common", unit: "kiosk.by_unit", category: "kiosk.by_category" };

export function Start() {
  const { tab } = screen.value;
  return html`<${Heading} title=${t(TITLES[tab])} hint=${t(tab === "common" ? "kiosk.touch_hint" : "kiosk.then_hint")} />
    <div class="tabs" role="group" aria-label=${t("kiosk.choose")}>
      ${TABS.map((name) => html`<button type="button" class="tab" key=${name} aria-pressed=${name === tab ? "true" : "false"}
        onClick=${() => go("start", { tab: name })}><${Fit} lines=${1} text=${t(TAB_WORDS[name])} /></button>`)}
    </div>
    ${hall.value && html`<${{ common: Common, unit: Units, category: Categories }[tab]} />`}`;
}

const Common = () =>
  html`<${Pages} items=${commonLines(hall.value)} draw=${(line) => drawTake({ line })} />`;

function Units() {
  const units = hall.value.units.filter((unit) => linesOf(unit).length);
  return html`<${Pages} items=${units} draw=${(unit) => html`<${Group} key=${unit.id} name=${unit.name}
    text=${linesOf(unit).map((line) => line.name).join("\u00a0· ")} onPress=${() => go("unit", { id: unit.id })} />`} />`;
}

function Categories() {
  const categories = hall.value.categories.filter((category) => mattersOf("category", category.id).length);
  return html`<${Pages} items=${categories} draw=${(category) => html`<${Group} key=${category.id} name=${category.name}
    text=${t("kiosk.matters_of", { n: mattersOf("category", category.id).length })}
    onPress=${() => go("category", { id: category.id })} />`} />`;
}

/** A unit's lines and its matters. */
export function Unit() {
  const unit = hall.value?.units.find((one) => one.id === screen.value.id);
  if (!unit) return html`<${Heading} title=${t("kiosk.choose_unit")} />`;
  const lines = linesOf(unit);
  const matters = mattersOf("unit", unit.id);
  // Of one line the matters say all; several lines come first.
  const items = [...(lines.length > 1 ? lines.map((line) => ({ line })) : []), ...matters.map((matter) => ({ matter }))];
  return html`<${Heading} title=${unit.name} hint=${t("kiosk.touch_hint")} /><${Pages} items=${items} draw=${drawTake} />`;
}

export function Category() {
  const category = hall.value?.categories.find((one) => one.id === screen.value.id);
  if (!category) return html`<${Heading} title=${t("kiosk.choose_category")} />`;
  const items = mattersOf("category", category.id).map((matter) => ({ matter }));
  return html`<${Heading} title=${category.name} hint=${t("kiosk.touch_hint")} /><${Pages} items=${items} draw=${drawTake} />`;
}

/** Not sure what to take a number for: the guide desk. */
export function Guide() {
  const line = lineOf(hall.value?.guide_line);
  return html`<${Heading} title=${t("kiosk.guide_title")} />
    <div class="panel blue">
      <p class="lead" data-say>${t("kiosk.guide_lead")}</p>
      <p class="words" data-say>${t(line ? "kiosk.guide_words" : "kiosk.guide_none")}</p>
    </div>
    ${line && html`<div class="choices one"><${GuideKey} line=${line} /></div>`}`;
}

function GuideKey({ line }) {
  const { closed, text } = lineWords(line);
  return html`<${Choice} name=${t("kiosk.guide_take", { line: line.name })} text=${text} state=${closed ? "closed" : "first"}
    disabled=${closed || !canTake.value} onPress=${() => press({ line: line.id }, line)} />`;
}

/** Priority or help: the guide desk, or someone of it comes here; nothing promised that this kiosk cannot do. */
export function Help() {
  const places = lineOf(hall.value?.guide_line)?.zones.map((zone) => zone.name).join(" / ");
  return html`<${Heading} title=${t("kiosk.help_title")} />
    <div class="panel amber">
      <p class="lead" data-say>${t("kiosk.help_where")}</p>
      ${places && html`<p class="place" data-say>${t("kiosk.guide_place", { place: places })}</p>`}
      <p class="words" data-say>${t("kiosk.help_words")}</p>
    </div>
    <div class="choices one"><${HelpKey} /></div>
    <p class="words quiet-words" data-say>${t("kiosk.help_who")}</p>`;
}

function HelpKey() {
  const asked = hall.value?.help_wanted;
  return html`<${Choice} name=${t(asked ? "kiosk.help_asked" : "kiosk.help_ask")} text=${t(asked ? "kiosk.help_stay" : "kiosk.help_come")}
    state=${asked ? "" : "first"} disabled=${!linkUp.value} onPress=${() => asked || askForHelp()} />`;
}

/** More than two languages: each by its own name. */
export function Languages() {
  const all = Object.entries(pageData.languages);
  const choose = async (code) => {
    await speak(code);
    go("start", { tab: "common" });
  };
  return html`<${Heading} title=${t("kiosk.choose_language")} />
    <${Pages} items=${all} draw=${([code, name]) => html`<${Choice} key=${code} name=${name} state="group"
      text=${code === language.value ? "✓" : ""} onPress=${() => choose(code)} />`} />`;
}
