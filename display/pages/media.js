// Pictures and films between calls: one at a time, a broken one is skipped, their sound ducks under speech.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { html, pageData } from "web/ui.js";
import { speaking } from "./sound.js";

const PICTURE_FOR = 12_000; // ms
const FILM_AT_MOST = 300_000;
const LIST_EVERY = 60_000;
const DUCKED = 0.03; // of full volume, while a call is spoken

const files = signal([]); // [{name, kind}] as the display client lists its folder
const place = signal(0);
const broken = new Set(); // of this list; tried again with the next one that differs
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** What is to be shown now, or null. */
export function picture() {
  const good = files.value.filter((one) => !broken.has(one.name) && !(one.kind === "film" && calm.matches));
  return good.length ? good[place.value % good.length] : null;
}

const next = () => (place.value += 1);

/** The picture or film itself. It is unmade when it leaves the page, so that memory holds one of them. */
export function Media({ file, children }) {
  const Kind = file.kind === "film" ? Film : Picture;
  return html`<figure class="media"><${Kind} key=${`${place.value}/${file.name}`} name=${file.name} />${children}</figure>`;
}

const address = (name) => `/media/${encodeURIComponent(name)}`;

function skip(name) {
  console.warn("cannot be shown:", name);
  broken.add(name);
  next();
}

function Picture({ name }) {
  useEffect(() => {
    const turn = setTimeout(next, PICTURE_FOR);
    return () => clearTimeout(turn);
  }, []);
  return html`<img src=${address(name)} alt="" onError=${() => skip(name)} />`;
}

function Film({ name }) {
  const own = useRef(null);
  const volume = pageData.media_volume ?? 0;
  const heard = speaking.value ? volume * DUCKED : volume;
  useEffect(() => {
    const film = own.current;
    const turn = setTimeout(next, FILM_AT_MOST);
    film.play().catch(() => ((film.muted = true), film.play().catch(() => {}))); // a browser that allows no sound
    return () => {
      clearTimeout(turn);
      film.pause();
      film.removeAttribute("src");
      film.load();
    };
  }, []);
  useEffect(() => void (own.current.volume = heard), [heard]);
  return html`<video ref=${own} src=${address(name)} muted=${!volume} playsinline onEnded=${next} onError=${() => skip(name)} />`;
}

/** Keeps the list of what there is to show, where this screen has any. */
export async function keepMedia() {
  if (!pageData.media) return;
  try {
    const answer = await fetch("/media", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    const found = (await answer.json()).media;
    if (JSON.stringify(found) !== JSON.stringify(files.value)) {
      broken.clear();
      files.value = found;
    }
  } catch (error) {
    console.warn("media not listed:", error.message);
  }
  setTimeout(keepMedia, LIST_EVERY);
}
