// The two dialogs of the guide desk's page: what was shown for priority, and where a number is sent.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "web/texts.js";
import { Dialog, html, Key } from "web/ui.js";
import * as staff from "web/staff.js";
import * as desk from "./desk_store.js";

const PROOFS = ["elderly", "disabled", "infant", "serviceman", "illness", "other"];
const shown = signal(null);
const close = () => (desk.question.value = null);

export function Dialogs() {
  const name = desk.question.value?.dialog;
  return name === "proof" ? html`<${ProofDialog} />` : name === "transfer" ? html`<${TransferDialog} />` : null;
}

function ProofDialog() {
  const words = useRef(null);
  const { done } = desk.question.value;
  useEffect(() => () => (shown.value = null), []);
  const submit = (event) => {
    event.preventDefault();
    const said = words.current.value.trim();
    close();
    done({ proof: shown.value, ...(said && { words: said }) });
  };
  // A digit chooses and goes on to the words, where Enter ends it.
  const choose = (event) => {
    if (event.target.name === "words" || !PROOFS[event.key - 1]) return;
    event.preventDefault();
    shown.value = PROOFS[event.key - 1];
    words.current.focus();
  };
  return html`<${Dialog} title=${t("desk.ask_proof")} onClose=${close} onKeyDown=${choose}>
    <form onSubmit=${submit}>
      <fieldset class="proofs"><legend class="unseen">${t("desk.ask_proof")}</legend>
        ${PROOFS.map((code, place) => html`<label key=${code} class="key proof"><kbd>${place + 1}</kbd>
          <input type="radio" name="proof" required value=${code} checked=${shown.value === code} autofocus=${place === 0}
            onChange=${() => (shown.value = code)} /><span>${t(`story.proof_${code}`)}</span></label>`)}</fieldset>
      <label class="asked-words">${t("desk.proof_words")}<input ref=${words} name="words" maxlength="200" autocomplete="off" /></label>
      <${Ends} words=${t("desk.proof_done")} />
    </form><//>`;
}

const Ends = ({ words }) => html`<div class="keys">
  <button type="submit" class="key primary">${words}<kbd>${t("desk.key_enter")}</kbd></button>
  <${Key} kind="quiet" onPress=${close}>${t("desk.back")}<kbd>Esc</kbd><//></div>`;

function TransferDialog() {
  const line = useRef(null);
  const reason = useRef(null);
  const { ticket } = desk.view.value.told;
  const submit = (event) => {
    event.preventDefault();
    const said = reason.current.value.trim();
    close();
    desk.act("transfer", "transfer", { line: line.current.value, ...(said && { note: said }) }, "desk.done_transferred");
  };
  // A list of its own keeps Enter for itself.
  const enter = (event) => event.key === "Enter" && (event.preventDefault(), line.current.form.requestSubmit());
  return html`<${Dialog} title=${t("desk.ask_transfer", { number: ticket.number })} onClose=${close}>
    <form onSubmit=${submit}>
      <label class="asked-words">${t("desk.transfer_line")}<select ref=${line} name="line" autofocus onKeyDown=${enter}>
        ${staff.catalogue.value.lines.map((one) => html`<option key=${one.id} value=${one.id} selected=${one.id === ticket.line}>
          ${one.prefix} · ${one.name}</option>`)}</select></label>
      <label class="asked-words">${t("desk.transfer_note")}<input ref=${reason} name="note" maxlength="200" autocomplete="off" /></label>
      <${Ends} words=${t("desk.transfer_done")} />
    </form><//>`;
}
