// Setting up a second factor: a picture for the app on one's phone, a code of it, and codes to write down.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, Refusal } from "web/api.js";
import { t } from "web/texts.js";
import { html, Key, Notice } from "web/ui.js";
import { Field } from "./password.js";

/** `now`: the password, where it was just typed. `onCodes` when the recovery codes stand there, which are shown this once;
 * `onDone` once they were seen; `children`: another key beside the one that goes on. */
export function Factor({ now = "", onCodes, onDone, children }) {
  const own = useRef(null);
  const [password, setPassword] = useState(now);
  const [made, setMade] = useState(null); // {secret, picture}
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState(null);
  const [wrong, setWrong] = useState("");
  const ask = (call) => async (event) => {
    event?.preventDefault();
    setWrong("");
    try {
      await call();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      setWrong(error.code === "link_down" ? t("sign_in.cut") : error.message);
    }
  };
  // What was pressed is gone with its step, and the keyboard with it.
  useLayoutEffect(() => own.current?.querySelector("input, .key")?.focus(), [made, codes]);
  const begin = ask(async () => setMade(await api.post("/account/second-factor", { password })));
  const confirm = ask(async () => {
    setCodes((await api.post("/account/second-factor/confirm", { code })).recovery_codes);
    onCodes?.();
  });
  const said = wrong && html`<${Notice} kind="red">${wrong}<//>`;
  if (codes) return html`<div class="form" ref=${own}><${Notice} kind="green">${t("sign_in.factor_on")}<//><p>${t("sign_in.recovery_words")}</p>
    <ul class="recovery number">${codes.map((one) => html`<li key=${one}>${one}</li>`)}</ul><div class="keys"><${Key} kind="primary" onPress=${onDone}>${t("sign_in.recovery_done")}<//></div></div>`;
  if (!made) return html`<form class="form" onSubmit=${begin} ref=${own}>${said}
    ${!now && html`<${Field} secret label=${t("sign_in.current")} name="factor-password" autocomplete="current-password" value=${password} onInput=${(event) => setPassword(event.target.value)} />`}
    <div class="keys"><button type="submit" class="key primary">${t("sign_in.factor_begin")}</button>${children}</div></form>`;
  return html`<form class="form" onSubmit=${confirm} ref=${own}>${said}<p>${t("sign_in.factor_scan")}</p>
    <img class="qr" src=${made.picture} width="220" height="220" alt=${t("sign_in.factor_picture")} />
    <p class="quiet-words">${t("sign_in.factor_by_hand")} <span class="secret number">${made.secret.replace(/(.{4})/g, "$1 ").trim()}</span></p>
    <${Field} label=${t("sign_in.code")} name="factor-code" autocomplete="one-time-code" inputmode="numeric" value=${code} maxlength="8" onInput=${(event) => setCode(event.target.value)} />
    <div class="keys"><button type="submit" class="key primary">${t("sign_in.factor_confirm")}</button>${children}</div></form>`;
}
