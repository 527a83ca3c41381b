// A field to type a password into, and the form with which one chooses one's own.
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { api, Refusal } from "web/api.js";
import { t } from "web/texts.js";
import { html, Notice } from "web/ui.js";

const LEAST = 10;
export const capsOn = signal(false);

/** Watches for a caps lock that is on while somebody types. */
export function mayBeCaps() {
  for (const kind of ["keydown", "keyup"]) {
    addEventListener(kind, (event) => event.getModifierState && (capsOn.value = event.getModifierState("CapsLock")));
  }
}

/** A labelled field; `secret`: its text is hidden until its own key shows it. */
export function Field({ label, secret = false, hint, wrong, ...rest }) {
  const [shown, setShown] = useState(false);
  const id = `field-${rest.name}`;
  const about = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
  return html`<div class="field"><label for=${id}>${label}</label>
    <div class="typed"><input id=${id} required type=${secret && !shown ? "password" : "text"} aria-invalid=${wrong ? "true" : undefined} aria-describedby=${about || undefined} ...${rest} />
      ${secret && html`<button type="button" class="show" aria-pressed=${shown ? "true" : "false"} aria-label=${t("sign_in.show_which", { label })} onClick=${() => setShown(!shown)}>${t(shown ? "sign_in.hide" : "sign_in.show")}</button>`}</div>
    ${hint && html`<small id=${`${id}-hint`}>${hint}</small>`}${wrong && html`<span class="wrong" id=${`${id}-wrong`}>${wrong}</span>`}</div>`;
}

/** `now`: the password one has, where it was just typed; without it it is asked for. `children`: another key beside. */
export function Choose({ now = "", onDone, children }) {
  const [{ current, fresh, again }, setTyped] = useState({ current: now, fresh: "", again: "" });
  const [wrong, setWrong] = useState("");
  const set = (name) => (event) => setTyped((typed) => ({ ...typed, [name]: event.target.value }));
  const short = fresh.length > 0 && fresh.length < LEAST;
  const apart = again.length > 0 && again !== fresh;
  const keep = async (event) => {
    event.preventDefault();
    if (short || again !== fresh) return setWrong(t(short ? "sign_in.too_short" : "sign_in.not_the_same", { least: LEAST }));
    try {
      await api.post("/account/password", { password: current, new: fresh });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return setWrong(error.code === "link_down" ? t("sign_in.cut") : error.message);
    }
    setTyped({ current: "", fresh: "", again: "" });
    setWrong("");
    onDone();
  };
  return html`<form class="form" onSubmit=${keep}>${wrong && html`<${Notice} kind="red">${wrong}<//>`}
    ${!now && html`<${Field} secret label=${t("sign_in.current")} name="current" autocomplete="current-password" value=${current} onInput=${set("current")} />`}
    <${Field} secret label=${t("sign_in.new")} name="new" autocomplete="new-password" value=${fresh} onInput=${set("fresh")} hint=${t("sign_in.new_words", { least: LEAST })} />
    <${Field} secret label=${t("sign_in.again")} name="again" autocomplete="new-password" value=${again} onInput=${set("again")} wrong=${apart && again.length >= fresh.length ? t("sign_in.not_the_same") : ""} />
    ${capsOn.value && html`<p class="caps-on">${t("sign_in.caps")}</p>`}
    <div class="keys"><button type="submit" class="key primary">${t("sign_in.keep")}</button>${children}</div></form>`;
}
