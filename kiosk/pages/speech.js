// Spoken help: reads what stands on the screen, with the browser's own voice or with sounds from the kiosk PC.
import { effect, signal } from "@preact/signals";
import { language, t } from "web/texts.js";
import { issuing, modes, problem, screen } from "./state.js";

const SETTLE_MS = 200; // the screen is drawn first

/** Whether something is being read out; the number does not go away meanwhile. */
export const speaking = signal(false);

let player = null;
let round = 0; // what is said now; an older round falls silent

const voiceFor = (spoken) =>
  globalThis.speechSynthesis?.getVoices().find((voice) => voice.localService && voice.lang.split(/[-_]/)[0] === spoken.split("-")[0]);

export function beSilent() {
  round += 1;
  speaking.value = false;
  globalThis.speechSynthesis?.cancel();
  player?.pause();
}

/** Says the sentences one after the other; a later call ends an earlier one. */
async function say(sentences) {
  beSilent();
  const own = round;
  speaking.value = true;
  for (const sentence of sentences) {
    if (own !== round) return;
    await sayOne(sentence, language.value).catch((error) => console.warn("not spoken:", sentence, error.message));
  }
  if (own === round) speaking.value = false;
}

function sayOne(text, spoken) {
  const voice = voiceFor(spoken);
  if (!voice) return play(`/local/speech?${new URLSearchParams({ text, language: spoken })}`);
  return new Promise((ready) => {
    const words = Object.assign(new SpeechSynthesisUtterance(text), { voice, lang: voice.lang, onend: ready, onerror: ready });
    speechSynthesis.speak(words);
  });
}

function play(address) {
  return new Promise((ready, failed) => {
    player = Object.assign(new Audio(address), { onended: ready, onpause: ready });
    player.onerror = () => failed(new Error("no sound"));
    player.play().catch(failed);
  });
}

/** Digits one by one: A023 is "A 零 二 三". */
export function spelled(number) {
  const digits = t("kiosk.digits").split(" ");
  return [...number].map((one) => digits[one] ?? one).join(" ");
}

const wordsOf = (element) => {
  const own = element.dataset?.say === "true" ? null : element.dataset?.say;
  const number = element.closest?.(".taken") ? screen.value.ticket?.number : null;
  const text = own || [...element.childNodes].map((node) => node.textContent.trim()).filter(Boolean).join("，");
  return number ? text.replaceAll(number, spelled(number)) : text;
};

function screenWords() {
  const dialog = document.querySelector("dialog[open]");
  if (dialog) return [...dialog.querySelectorAll("h2, p, button")].map(wordsOf);
  const shown = [...document.querySelectorAll("main [data-say], main .choice")].map(wordsOf);
  if (screen.value.name === "taken") return [t("kiosk.say_number", { number: spelled(screen.value.ticket.number) }), ...shown];
  const below = [...document.querySelectorAll("footer .way")].map(wordsOf);
  return [...shown, `${t("kiosk.say_below")}：${below.join("，")}`];
}

export function watchSpeech() {
  globalThis.speechSynthesis?.getVoices();
  let waiting = null;
  effect(() => {
    const on = modes.value.voice;
    void [screen.value.name, screen.value.id, screen.value.tab, screen.value.page, screen.value.slip?.state === "failed"];
    void [problem.value, language.value];
    clearTimeout(waiting);
    if (!on) return beSilent();
    if (!issuing.peek()) waiting = setTimeout(() => say(screenWords()), SETTLE_MS);
  });
  // Whoever goes by keyboard hears each key; whoever touches has heard enough.
  addEventListener("focusin", ({ target }) => {
    if (modes.peek().voice && target.matches(":focus-visible") && target.matches("button, input")) say([wordsOf(target) || target.ariaLabel]);
  });
}
