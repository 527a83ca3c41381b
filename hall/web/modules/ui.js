// Small parts all pages are built of: html templates, keys, notices, dialogs, and how a page starts.
import { h, render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import htm from "htm";

/** Templates: html`<${Key} primary onPress=${next}>${t("caller.next")}<//>` */
export const html = htm.bind(h);

/** What the server wrote into the page. */
export const pageData = JSON.parse(document.getElementById("page-data")?.textContent || "{}");

/** Draws a component into the page. */
export function start(component, props = {}) {
  render(html`<${component} ...${props} />`, document.getElementById("app"));
}

/** A key to press. `kind`: "primary", "quiet", "danger" or none; `shortcut` is printed on it; `busy` shows work. */
export function Key({ kind = "", shortcut, busy = false, disabled = false, onPress, children, class: own = "", ...rest }) {
  const press = (event) => {
    if (!disabled && !busy) onPress?.(event);
  };
  return html`<button type="button" class="key ${kind} ${own}" aria-busy=${busy ? "true" : undefined}
    aria-disabled=${disabled ? "true" : undefined} aria-keyshortcuts=${shortcut} onClick=${press} ...${rest}>
    ${children}${shortcut && html`<kbd aria-hidden="true">${shortcut}</kbd>`}
  </button>`;
}

/** A few words beside the matter at hand. `kind`: "blue", "amber", "green", "red"; red ones are read out at once. */
export function Notice({ kind = "blue", children, ...rest }) {
  return html`<div class="notice ${kind}" role=${kind === "red" ? "alert" : "status"} ...${rest}>${children}</div>`;
}

export const Tag = ({ kind = "", children }) => html`<span class="tag ${kind}">${children}</span>`;

/** A question that must be answered first; Escape calls onClose. The browser keeps the focus inside. */
export function Dialog({ title, onClose, children, ...rest }) {
  const own = useRef(null);
  // At once, not after the next paint: a key pressed in between would go to the page below.
  useLayoutEffect(() => {
    const dialog = own.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  // A browser closes it on a second Escape whatever the page says; it goes when it is drawn no more.
  const closed = () => {
    if (!own.current?.isConnected) return;
    onClose?.();
    own.current?.showModal();
  };
  return html`<dialog ref=${own} onCancel=${cancel} onClose=${closed} aria-label=${title} ...${rest}><h2>${title}</h2>${children}</dialog>`;
}

/** Large type (×1.35) and high contrast for the whole page. */
export function setMode({ large = false, contrast = false }) {
  document.documentElement.classList.toggle("large", large);
  document.documentElement.classList.toggle("contrast", contrast);
}
