// The forms of the catalogue: which fields each part has, the common ones open, the rarer ones folded away.
import { language, t } from "web/texts.js";
import { html } from "web/ui.js";
import { asId, at, dialog, put, set, slug } from "./catalogue_draft.js";
import { Choice, Day, Folded, Group, Names, Text, Tick, Whole } from "./catalogue_fields.js";
import { Categories, Days, Papers, Ranks, Route, SlotQuotas, Spans } from "./catalogue_rows.js";
import { categoryName, latestSet, layout, nameIn, windowName } from "./catalogue_state.js";

const choices = (field, values) => values.map((value) => [value, t(`catalogue.${field}_${value}`)]);
const parts = (what, words = ({ name }) => nameIn(name)) => layout.value[what].map((one) => [one.id, words(one)]);
const lineChoices = () => parts("lines", ({ prefix, name }) => `${prefix} ${nameIn(name)}`);

/** The id of what is new; made of the English name until somebody types another. */
function Id() {
  if (dialog.value.before) return null;
  const type = (path, typed) => (put(path, asId(typed)), set({ named: true }));
  return html`<${Text} path="id" required max="40" pattern="[a-z0-9][a-z0-9\\-]*" hint=${t("catalogue.id_hint")} onType=${type} />`;
}

function Name() {
  const type = (path, typed) => {
    put(path, typed);
    if (path === "name.en" && !dialog.value.before && !dialog.value.named) put("id", slug(typed));
  };
  return html`<${Names} path="name" onType=${type} />`;
}

const Zone = () => html`<${Name} /><div class="pair"><${Id} /><${Whole} path="floor" least="-9" most="99" required /></div>`;

const Unit = () => html`<${Name} /><div class="pair"><${Id} /><${Choice} path="kind" required options=${choices("kind", ["local", "dual", "vertical"])} hint=${t("catalogue.kind_hint")} /></div>`;

function Line() {
  const booking = at("booking");
  const issuing = at("issuing");
  const more = ["slot_quotas", "capacity_quota", "booking", "remote_share", "batch_limit", "identity", "agent_limit"];
  const count = [at("slot_quotas").length, at("capacity_quota"), booking, at("remote_share"), at("batch_limit"), at("identity") !== "none"].filter(Boolean).length;
  return html`<${Name} />
    <div class="pair"><${Id} /><${Text} path="prefix" required max="2" pattern="[A-Z]{1,2}" hint=${t("catalogue.prefix_hint")} onType=${(path, typed) => put(path, typed.toUpperCase())} /><${Whole} path="daily_quota" most="999999" hint=${t("catalogue.none_hint")} /></div>
    <div class="ticks"><${Tick} path="common" hint=${t("catalogue.common_hint")} />
    <${Tick} path="issuing" label=${t("catalogue.own_hours")} checked=${issuing !== null} hint=${t("catalogue.own_hours_hint", { spans: layout.value.settings.issuing.join(t("catalogue.comma")) })}
      onTick=${(on) => put("issuing", on ? dialog.value.before?.issuing ?? layout.value.settings.issuing : null)} /></div>
    ${issuing !== null && html`<${Spans} path="issuing" />`}
    <${Folded} title=${t("catalogue.more")} count=${count} paths=${more}>
      <${SlotQuotas} />
      <div class="pair"><${Whole} path="capacity_quota" most="1440" hint=${t("catalogue.capacity_quota_hint")} /><${Whole} path="batch_limit" most="99" hint=${t("catalogue.batch_limit_hint")} /><${Whole} path="remote_share" least="0" most="100" required hint=${t("catalogue.remote_share_hint")} /></div>
      <${Tick} path="booking" checked=${booking !== null} onTick=${(on) => put("booking", on ? dialog.value.before?.booking ?? { slot_minutes: 30, capacity: 3, days_ahead: 7 } : null)} />
      ${booking && html`<div class="pair"><${Whole} path="booking.slot_minutes" least="5" most="240" required /><${Whole} path="booking.capacity" required /><${Whole} path="booking.days_ahead" least="0" most="60" required /></div>`}
      <div class="pair"><${Choice} path="identity" required options=${choices("identity", ["none", "typed", "card"])} hint=${t("catalogue.identity_hint")} />
        ${at("identity") !== "none" && html`<${Whole} path="agent_limit" most="99" required />`}</div><//>`;
}

const GUIDE = ["handled_by", "conditions", "basis", "fee", "fee_basis", "time_limit", "complaints"];

function Matter() {
  const guide = at("guide");
  return html`<${Name} />
    <div class="pair"><${Id} /><${Choice} path="unit" required options=${parts("units")} /><${Choice} path="line" required options=${lineChoices()} /></div>
    <div class="pair"><${Choice} path="category" required options=${categoryChoices()} /><${Entry} /></div>
    <${Papers} /><${Route} />
    <${Folded} title=${t("catalogue.guide")} paths=${["guide"]} count=${Object.values(guide ?? {}).filter((texts) => Object.values(texts ?? {}).some(Boolean)).length}>
      ${GUIDE.map((key) => html`<${Names} key=${key} path=${`guide.${key}`} rows="2" max="500" optional />`)}<//>`;
}

/** The latest set's; an older one only where this matter still has it. */
function categoryChoices() {
  const latest = latestSet()?.categories.map(({ id }) => id) ?? [];
  const mine = dialog.value.before?.category;
  return [...latest, ...(mine && !latest.includes(mine) ? [mine] : [])].map((id) => [id, categoryName(id)]);
}

function Entry() {
  if (!dialog.value.before) return html`<${Choice} path="entry" required options=${choices("entry", ["in_hall", "pending"])} hint=${t("catalogue.entry_new_hint")} />`;
  return html`<div class="field"><span>${t("catalogue.field_entry")}</span><p class="fixed">${t(`catalogue.entry_${at("entry")}`)} · <a href=${`/register?language=${language.value}`}>${t("catalogue.to_register")}</a></p><small>${t("catalogue.entry_hint")}</small></div>`;
}

const Window = () => html`<div class="pair"><${Text} path="name" max="12" required hint=${t("catalogue.window_hint")} label=${t("catalogue.window_name")}
    onType=${(path, typed) => (put(path, typed), !dialog.value.before && !dialog.value.named && put("id", slug(/^\d/.test(typed) ? `w${typed}` : typed)))} /><${Id} /><${Choice} path="zone" required options=${parts("zones")} /></div><${Ranks} />`;

const Assignment = () => html`<div class="pair"><${Text} path="clerk" max="40" required hint=${t("catalogue.clerk_hint")} /><${Choice} path="window" none=${t("catalogue.any_window")} options=${parts("windows", ({ name }) => windowName(name))} />
    <${Choice} path="unit" none=${t("catalogue.center")} options=${parts("units")} /></div>
  <div class="pair"><${Day} path="from_day" required /><${Day} path="to_day" min=${at("from_day")} hint=${t("catalogue.to_day_hint")} /></div>`;

const Hours = () => html`<${Spans} path="issuing" hint=${t("catalogue.issuing_hint")} /><${Spans} path="calling" hint=${t("catalogue.calling_hint")} />`;

const Calendar = () => html`<${Text} path="calendar.holidays" max="6" pattern="[A-Z]{2}(-[A-Z0-9]{1,3})?" hint=${t("catalogue.holidays_hint")} onType=${(path, typed) => put(path, typed.toUpperCase() || null)} />
  <${Days} path="calendar.closed" hint=${t("catalogue.closed_hint")} /><${Days} path="calendar.open" hint=${t("catalogue.open_hint")} />`;

const Hall = () => html`<${Name} /><div class="pair"><${Choice} path="guide_line" none=${t("catalogue.none")} options=${lineChoices()} hint=${t("catalogue.guide_line_hint")} />
  <${Choice} path="complaint_line" none=${t("catalogue.none")} options=${lineChoices()} hint=${t("catalogue.complaint_line_hint")} /></div>`;

const rule = (key, least, most) => html`<${Whole} key=${key} path=${`rules.${key}`} least=${least} most=${most} required />`;
const Rules = () => html`<${Group} title=${t("catalogue.waits")}><div class="pair">${rule("amber_wait_minutes", 1, 1440)}${rule("red_wait_minutes", 1, 1440)}</div><//>
  <${Group} title=${t("catalogue.missed")}><div class="pair">${rule("no_show_calls", 1, 9)}${rule("no_show_seconds", 0, 86400)}${rule("no_show_seconds_priority", 0, 86400)}</div><${Tick} path="rules.automatic_no_show" />
    <div class="pair"><${Choice} path="rules.reinstate_policy" required options=${choices("reinstate_policy", ["interleave", "after_n", "tail", "expire"])} />${rule("reinstate_within_minutes", 1, 1440)}
      ${at("rules.reinstate_policy") === "after_n" && rule("reinstate_after", 1, 99)}</div><//>
  <div class="pair">${rule("undo_seconds", 0, 86400)}<${Choice} path="rules.rating" required options=${choices("rating", ["on", "off", "export"])} /></div>
  <p class="quiet-words"><a href=${`/order?language=${language.value}`}>${t("catalogue.to_order")}</a></p>`;

function CategorySet() {
  const path = `category_sets.${dialog.value.index}`;
  const fresh = dialog.value.index >= dialog.value.before.category_sets.length;
  return html`<${Names} path=${`${path}.name`} />${fresh && html`<${Text} path=${`${path}.id`} max="40" required pattern="[a-z0-9][a-z0-9\\-]*" hint=${t("catalogue.id_hint")} onType=${(where, typed) => put(where, asId(typed))} />
    <p class="notice blue">${t("catalogue.new_set_words")}</p>`}<${Categories} path=${path} />`;
}

const FORMS = { zones: Zone, units: Unit, lines: Line, matters: Matter, windows: Window, assignments: Assignment, hours: Hours, calendar: Calendar, hall: Hall, rules: Rules, categories: CategorySet };

export const formOf = ({ part, group }) => FORMS[group ?? part];
