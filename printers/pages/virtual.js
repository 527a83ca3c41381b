// The virtual printer's page: slips as they were cut, newest first, and keys to take its paper out.
import { signal } from "@preact/signals";
import { language, loadTexts, t } from "web/texts.js";
import { makeApi } from "web/api.js";
import { Key, Notice, Tag, html, pageData, start } from "web/ui.js";

const EVERY_MS = 700;
const api = makeApi("");
const slips = signal([]);
const count = signal(0);
const printer = signal({ paper: "ok", refused: null });
const lost = signal(false);

async function refresh() {
  try {
    const answer = await api.get("/slips", { timeout: 3000 });
    if (answer.slips[0]?.name !== slips.value[0]?.name || answer.count !== count.value) slips.value = answer.slips;
    count.value = answer.count;
    if (JSON.stringify(answer.printer) !== JSON.stringify(printer.value)) printer.value = answer.printer;
    lost.value = false;
  } catch {
    lost.value = true;
  }
  setTimeout(refresh, EVERY_MS);
}

async function setPaper(state) {
  try {
    printer.value = (await api.post("/paper", { state })).printer;
  } catch {
    lost.value = true;
  }
}

const KIND = { ok: "green", near_end: "amber", out: "red" };

function Paper() {
  const paper = printer.value.paper;
  return html`<div class="paper">
    <span role="status"><${Tag} kind=${KIND[paper]}>${t(`printers.paper_${paper}`)}<//></span>
    ${paper === "ok" && html`<${Key} kind="quiet" onPress=${() => setPaper("near_end")}>${t("printers.near_end")}<//>`}
    ${paper === "out"
      ? html`<${Key} kind="primary" onPress=${() => setPaper("ok")}>${t("printers.put_paper")}<//>`
      : html`<${Key} onPress=${() => setPaper("out")}>${t("printers.take_paper")}<//>`}
  </div>`;
}

function Slip({ slip }) {
  const at = new Date(slip.at).toLocaleTimeString(language.value, { hour12: false });
  const phone = slip.codes?.find((code) => /^https?:/.test(code));
  return html`<li class="slip">
    <img src=${slip.url} width=${slip.width / 2} height=${slip.height / 2}
      alt=${t("printers.slip_alt", { text: slip.text.replaceAll("\n", " ") || slip.name })} />
    <time datetime=${slip.at}>${at}</time>
    ${phone && html`<a href=${phone} target="_blank" rel="noopener">${t("printers.open_code", { number: slip.number })}</a>`}
  </li>`;
}

function Empty() {
  return html`<div class="empty"><p>${t("printers.page_empty")}</p><p class="quiet-words">${t("printers.page_empty_hint")}</p></div>`;
}

function Page() {
  const other = pageData.languages.find((one) => one !== language.value);
  return html`<header>
      <div>
        <h1>${t("printers.page_title")}</h1>
        <p class="quiet-words">${t("printers.page_lead")}</p>
      </div>
      <${Paper} />
      <a class="key" href=${`/template?language=${language.value}`}>${t("printers.template_title")}</a>
      <${Key} kind="quiet" lang=${other} onPress=${() => loadTexts(other, ["printers"])}>${t("printers.other_language")}<//>
    </header>
    <main>
      ${lost.value && html`<${Notice} kind="red">${t("printers.page_lost")}<//>`}
      ${printer.value.refused && html`<${Notice} kind="amber">${t("printers.page_refused", { reason: printer.value.refused })}<//>`}
      <p class="count quiet-words">${count.value > 0 && t("printers.page_slips", { n: count.value })}</p>
      ${count.value === 0 && !lost.value && html`<${Empty} />`}
      <ul class="slips">${slips.value.map((slip) => html`<${Slip} key=${slip.name} slip=${slip} />`)}</ul>
    </main>`;
}

await loadTexts(language.value, ["printers"]);
start(Page);
refresh();
