// The template's preview: its text on the left, and beside it the slips it makes, anew with every change.
import { computed, effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { language, loadTexts, t } from "web/texts.js";
import { makeApi } from "web/api.js";
import { Key, Notice, html, pageData, start } from "web/ui.js";

const PAUSE_MS = 250; // between the last key and the picture
const LOOK_MS = 1500; // whether the file has changed
const api = makeApi("");

const file = signal(null);
const saved = signal("");
const text = signal("");
const look = signal({ width: 576, encoding: "gb18030", sample: "usual" });
const slips = signal([]);
const mistake = signal(null);
const lost = signal(false);
const told = signal(null);
const changed = computed(() => text.value !== saved.value);

/** Reads the file; what is being written here is kept unless `anyway`. */
async function reload(anyway) {
  try {
    const answer = await api.get("/template/text", { timeout: 4000 });
    file.value = answer.file;
    lost.value = false;
    if (anyway || (!changed.value && answer.text !== saved.value)) saved.value = text.value = answer.text;
  } catch {
    lost.value = true;
  }
}

async function keepLooking() {
  for (;;) {
    await reload(false);
    await new Promise((ready) => setTimeout(ready, LOOK_MS));
  }
}

async function save() {
  try {
    saved.value = (await api.post("/template/save", { text: text.value })).text;
    told.value = t("printers.template_saved");
  } catch (error) {
    told.value = null;
    if (error.code === "not_saved") mistake.value = error.message;
    else lost.value = true;
  }
}

let newest = 0;
async function show(wanted) {
  const own = (newest += 1);
  try {
    const answer = await api.post("/template/preview", wanted, { timeout: 9000 });
    if (own !== newest) return;
    mistake.value = answer.mistake;
    if (!answer.mistake) slips.value = answer.slips;
    lost.value = false;
  } catch {
    if (own === newest) lost.value = true;
  }
}

function watch() {
  let timer;
  return effect(() => {
    const wanted = { text: text.value, ...look.value };
    clearTimeout(timer);
    if (wanted.text) timer = setTimeout(() => show(wanted), PAUSE_MS);
  });
}

const WIDTHS = { 384: "printers.width_narrow", 512: "printers.width_middle", 576: "printers.width_wide" };
const ENCODINGS = { gb18030: "printers.by_printer", raster: "printers.by_dots" };
const SAMPLES = { usual: "printers.usual", long: "printers.long", bare: "printers.bare" };

function Choice({ name, words, of, number }) {
  const chosen = String(look.value[name]);
  return html`<div class="choice" role="group" aria-label=${words}>
    ${Object.entries(of).map(([value, key]) => html`<button type="button" class="option" key=${value}
      aria-pressed=${value === chosen ? "true" : "false"}
      onClick=${() => (look.value = { ...look.value, [name]: number ? Number(value) : value })}>${t(key)}</button>`)}
  </div>`;
}

function Editor() {
  const written = (event) => {
    text.value = event.target.value;
    told.value = null;
  };
  return html`<section class="editor" aria-labelledby="text-of">
    <h2 id="text-of">${t("printers.template_text")}</h2>
    <p class="quiet-words file">${file.value ?? t("printers.template_shipped")}</p>
    <textarea aria-labelledby="text-of" spellcheck="false" autocomplete="off" wrap="off" value=${text.value} onInput=${written}
      aria-invalid=${mistake.value ? "true" : undefined} aria-describedby=${mistake.value ? "mistake" : undefined}></textarea>
    <div class="keys">
      ${file.value && html`<${Key} kind="primary" disabled=${!changed.value || Boolean(mistake.value)} onPress=${save}>${t("printers.template_save")}<//>`}
      <${Key} disabled=${!changed.value} onPress=${() => reload(true)}>${t("printers.template_undo")}<//>
      <a class="key quiet" download="slip.yaml" href=${`data:text/yaml;charset=utf-8,${encodeURIComponent(text.value)}`}>${t("printers.template_download")}</a>
    </div>
    <p class="told" role="status">${told.value}</p>
  </section>`;
}

const OWN_NAMES = { "zh-CN": "中文", en: "English" };

function Slip({ slip }) {
  const name = OWN_NAMES[slip.language] ?? slip.language;
  return html`<figure>
    <figcaption lang=${slip.language}>${name}</figcaption>
    <img src=${slip.picture} width=${slip.width / 2} height=${slip.height / 2} alt=${t("printers.template_alt", { language: name })} />
    <a class="key" download=${`slip-${slip.language}-${slip.width}.png`} href=${slip.picture}>${t("printers.template_png")}</a>
  </figure>`;
}

function Page() {
  useEffect(watch, []);
  const other = pageData.languages.find((one) => one !== language.value);
  return html`<header>
      <div>
        <h1>${t("printers.template_title")}</h1>
        <p class="quiet-words">${t("printers.template_lead")}</p>
      </div>
      ${pageData.with_printer && html`<a class="key" href=${`/?language=${language.value}`}>${t("printers.page_title")}</a>`}
      <${Key} kind="quiet" lang=${other} onPress=${() => loadTexts(other, ["printers"])}>${t("printers.other_language")}<//>
    </header>
    <main>
      <${Editor} />
      <section class="shown" aria-label=${t("printers.template_slips")}>
        <div class="looks">
          <${Choice} name="width" number words=${t("printers.paper_width")} of=${WIDTHS} />
          <${Choice} name="sample" words=${t("printers.sample_kind")} of=${SAMPLES} />
          <${Choice} name="encoding" words=${t("printers.made_by")} of=${ENCODINGS} />
        </div>
        ${lost.value && html`<${Notice} kind="red">${t("printers.template_lost")}<//>`}
        ${mistake.value && html`<${Notice} kind="amber" id="mistake"><strong>${t("printers.template_mistake")}</strong>
          <span class="mistake">${mistake.value}</span><//>`}
        <div class="papers ${mistake.value ? "old" : ""}" aria-live="off">${slips.value.map((slip) => html`<${Slip} key=${slip.language} slip=${slip} />`)}</div>
      </section>
    </main>`;
}

await loadTexts(language.value, ["printers"]);
start(Page);
keepLooking();
