// The catalogue (大厅目录): matters, lines, windows, units, zones, hours, categories and clerks, searched and changed.
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import { open } from "./shell.js";
import { Dialogs } from "./catalogue_dialogs.js";
import { Categories, Hours } from "./catalogue_hall.js";
import { List } from "./catalogue_lists.js";
import { choose, layout, page, part, refresh, view, VIEWS } from "./catalogue_state.js";

function Main() {
  const Shown = { hours: Hours, categories: Categories }[view.value] ?? List;
  return html`<${Views} /><${Shown} key=${view.value} /><${Dialogs} />`;
}

const count = (name) => layout.value.counts[name] ?? { hours: null, categories: layout.value.settings.category_sets.length }[name];

function Views() {
  return html`<div class="views" role="group" aria-label=${t("catalogue.title")}>${VIEWS.map((name) => html`<button type="button" key=${name} aria-pressed=${name === view.value ? "true" : "false"} onClick=${() => choose(name)}>
    <span>${t(`catalogue.view_${name}`)}</span>${count(name) !== null && html`<b class="number">${count(name)}</b>`}</button>`)}</div>`;
}

await open({ title: "catalogue.title", domains: ["catalogue"], refresh, ready: () => layout.value !== null && (part.value === null || page.value !== null), Main });
