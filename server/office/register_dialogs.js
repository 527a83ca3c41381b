// The register's dialogs: each decision with the words and dates it needs, and what it will do.
import { t } from "web/texts.js";
import { Dialog, html, Key } from "web/ui.js";
import { is, Refused } from "./shell.js";
import { busy, close, decide, dialog, overview, putAside, set } from "./register_state.js";

const reason = () => ({ reason: dialog.value.reason.trim() });
const document_ = () => {
  const { document_number, decided_on, review_due, replaces } = dialog.value;
  return { document_number: document_number.trim(), decided_on, review_due, replaces: replaces ?? null };
};

// What each is sent to, with what, and what is asked for it.
const WAYS = {
  propose: { path: () => "exemptions", body: () => ({ matter: dialog.value.matter, kind: dialog.value.kind, ...reason() }), fields: [Kind, Reason] },
  approve: { path: (id) => `exemptions/${id}/approve`, body: document_, fields: [Paper], done: "approve" },
  review: { path: (id) => `exemptions/${id}/approve`, body: document_, fields: [Paper], done: "approve" },
  reject: { path: (id) => `exemptions/${id}/reject`, body: reason, fields: [Reason], danger: true },
  end: { path: (id) => `exemptions/${id}/end`, body: reason, fields: [Reason] },
  enter: { path: () => `matters/${dialog.value.matter}/enter`, body: reason, fields: [Reason] },
  consult: { path: () => "consultations", body: () => ({ matter: dialog.value.matter, ...reason() }), fields: [Reason] },
  sign: { path: (id) => `consultations/${id}/sign`, body: () => ({}), fields: [] },
  withdraw: { path: (id) => `consultations/${id}/withdraw`, body: reason, fields: [Reason], danger: true },
};

export function Dialogs() {
  return dialog.value && html`<${Way} key=${dialog.value.name} />`;
}

function Way() {
  const { name, id, title } = dialog.value;
  const way = WAYS[name];
  const submit = (event) => {
    event.preventDefault();
    decide(way.done ?? name, way.path(id), way.body());
  };
  const side = t(`register.side_${is("unit_head") ? "unit" : "center"}`);
  return html`<${Dialog} title=${`${t(`register.do_${name}`)} · ${title}`} onClose=${putAside}><form class="form" onSubmit=${submit}>
    <p class="quiet-words">${t(`register.${name}_lead`, { side })}</p>
    ${way.fields.map((Field) => html`<${Field} key=${Field.name} />`)}
    <${Refused} />
    <div class="keys"><button type="submit" class=${`key ${way.danger ? "danger" : "primary"}`} aria-busy=${busy.value ? "true" : undefined}>${name === "sign" ? t("register.do_sign_for", { side }) : t(`register.do_${name}`)}</button>
      <${Key} kind="quiet" onPress=${close}>${t("register.dismiss")}<//></div></form><//>`;
}

function Reason() {
  return html`<label class="field">${t("register.reason")}<small>${t("register.reason_hint")}</small>
    <textarea required rows="3" maxlength="500" value=${dialog.value.reason ?? ""} onInput=${(event) => set({ reason: event.target.value })}></textarea></label>`;
}

function Kind() {
  return html`<fieldset class="ways-out"><legend>${t("register.how")}</legend>${["exempt", "separate"].map((kind) => html`<label key=${kind}>
    <input type="radio" name="kind" checked=${dialog.value.kind === kind} onChange=${() => set({ kind })} /><span>${t(`register.kind_${kind}`)}</span></label>`)}</fieldset>`;
}

function Paper() {
  const { document_number = "", decided_on = "", review_due = "" } = dialog.value;
  const today = overview.value.day;
  const tomorrow = new Date(Date.parse(today) + 86_400_000).toISOString().slice(0, 10);
  return html`<label class="field">${t("register.document_number")}<input required maxlength="80" value=${document_number} onInput=${(event) => set({ document_number: event.target.value })} /></label>
    <div class="pair"><label class="field">${t("register.decided_on")}<input type="date" required max=${today} value=${decided_on} onInput=${(event) => set({ decided_on: event.target.value })} /></label>
    <label class="field">${t("register.review_due")}<input type="date" required min=${tomorrow} value=${review_due} onInput=${(event) => set({ review_due: event.target.value })} /></label></div>`;
}
