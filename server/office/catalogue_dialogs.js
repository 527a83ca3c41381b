// The catalogue's dialogs: fill in, see before and after, say why, be answered; to read only; to close.
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "web/texts.js";
import { Dialog, html, Key, Notice } from "web/ui.js";
import { busy, close, dialog, leave, openEdit, review, send, set } from "./catalogue_draft.js";
import { formOf } from "./catalogue_forms.js";
import { ImportDialog } from "./catalogue_import.js";
import { Changes, Facts, Reason, Refused } from "./catalogue_shown.js";
import { may } from "./catalogue_state.js";

const NAMED = { edit: EditDialog, view: ViewDialog, import: ImportDialog };

export function Dialogs() {
  const { value: open } = dialog;
  return open && html`<${NAMED[open.name]} key=${`${open.name} ${open.id}`} />`;
}

function ViewDialog() {
  const { part, title, id, before, closed } = dialog.value;
  return html`<${Dialog} title=${title} onClose=${close} class="broad"><p class="quiet-words">${t(`catalogue.one_${part}`)} · <code>${id}</code></p><${Facts} value=${before} />
    <div class="keys"><${Key} kind="primary" onPress=${close}>${t("catalogue.dismiss")}<//>${may(part) && html`<${Key} onPress=${() => openEdit(part, { value: before, closed })}>${t("catalogue.do_edit")}<//>`}</div><//>`;
}

const STEPS = { write: WriteStep, review: ReviewStep, close: CloseStep, leave: LeaveStep };

function EditDialog() {
  const { part, id, title, step, closed } = dialog.value;
  const Step = STEPS[step];
  const act = step === "close" ? `close_${part}` : closed ? "do_reopen" : "do_edit";
  const what = part === "settings" ? title : id === null ? t(`catalogue.new_${part}`) : `${t(`catalogue.${act}`)} · ${title}`;
  return html`<${Dialog} title=${what} onClose=${leave} class="broad"><${Step} key=${step} /><//>`;
}

function WriteStep() {
  const { closed, refused, part, id, wrong } = dialog.value;
  const own = useRef(null);
  useLayoutEffect(() => {
    const first = own.current.querySelector(Object.keys(wrong).length ? "[aria-invalid=true]" : "input:not([disabled]), select");
    first?.focus();
  }, [refused]);
  const unfold = ({ target }) => target.closest("details")?.setAttribute("open", "");
  const Form = formOf(dialog.value);
  const shut = () => set({ step: "close", refused: null, wrong: {} });
  return html`<form ref=${own} class="form" onSubmit=${review} onInvalidCapture=${unfold}>
    ${closed && html`<${Notice} kind="amber">${t("catalogue.is_closed")}<//>`}<${Refused} /><${Form} />
    <div class="keys last"><button type="submit" class="key primary">${t("catalogue.do_review")}</button><${Key} kind="quiet" onPress=${leave}>${t("catalogue.cancel")}<//>
      ${part !== "settings" && id !== null && !closed && html`<${Key} kind="danger" class="far" onPress=${shut}>${t(`catalogue.close_${part}`)}<//>`}</div></form>`;
}

function ReviewStep() {
  const { changes, closed, before, draft, theirs = [] } = dialog.value;
  const moved = changes.length > 0 || closed || before === null;
  const back = () => set({ step: "write", refused: null });
  return html`<form class="form" onSubmit=${send}>
    ${theirs.length > 0 && html`<${Notice} kind="amber"><strong>${t("catalogue.theirs")}</strong><${Changes} changes=${theirs} /><//>`}
    ${closed && html`<${Notice} kind="amber">${t("catalogue.will_reopen")}<//>`}
    ${before === null ? html`<${Facts} value=${draft} />` : changes.length > 0 ? html`<h3>${t("catalogue.will_change")}</h3><${Changes} changes=${changes} />` : !closed && html`<${Notice}>${t("catalogue.nothing_changed")}<//>`}
    <${Reason} /><${Refused} />
    <div class="keys last"><button type="submit" class="key primary" disabled=${!moved} aria-busy=${busy.value ? "true" : undefined}>${t("catalogue.do_keep")}</button><${Key} kind="quiet" onPress=${back}>${t("catalogue.do_back")}<//>
      <${Key} kind="quiet" onPress=${leave}>${t("catalogue.cancel")}<//></div></form>`;
}

function CloseStep() {
  const { part } = dialog.value;
  return html`<form class="form" onSubmit=${send}><${Notice} kind="amber">${t("catalogue.close_words")} ${t(`catalogue.close_words_${part}`)}<//>
    <${Reason} /><${Refused} />
    <div class="keys last"><button type="submit" class="key danger" aria-busy=${busy.value ? "true" : undefined}>${t(`catalogue.close_${part}`)}</button><${Key} kind="quiet" onPress=${() => set({ step: "write", refused: null })}>${t("catalogue.do_back")}<//></div></form>`;
}

function LeaveStep() {
  const own = useRef(null);
  useLayoutEffect(() => own.current.querySelector("button").focus(), []);
  return html`<div class="form" ref=${own}><${Notice} kind="amber">${t("catalogue.leave_words")}<//>
    <div class="keys last"><${Key} kind="primary" onPress=${leave}>${t("catalogue.do_go_on")}<//><${Key} kind="danger" onPress=${close}>${t("catalogue.do_discard")}<//></div></div>`;
}
