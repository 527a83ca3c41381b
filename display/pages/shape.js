// How a board is laid out: what its settings ask for, and what the screen's own size makes of it.
import { signal } from "@preact/signals";
import { pageData } from "web/ui.js";

/** "full": calls and how many wait; "calls": calls alone, larger; "split": calls beside pictures and films. */
export const layout = pageData.layout ?? "full";
/** "landscape", "portrait" (a screen standing upright) or "strip" (twice and a half as wide as high, or more). */
export const shape = signal(shapeNow());

const ROWS = {
  landscape: { full: 6, calls: 4, split: 6 },
  portrait: { full: 7, calls: 8, split: 7 },
  strip: { full: 4, calls: 2, split: 3 },
};
/** How many numbers have room. Their size follows from it, whether two or six are called: it never changes. */
export const rows = () => ROWS[shape.value][layout];
/** Whether there is room beside or below the calls for those who wait and those who were missed. */
export const hasSide = () => layout !== "calls" && (shape.value === "landscape" || (shape.value === "portrait" && layout === "full"));
/** Whether pictures have a place of their own, which they keep while numbers are called elsewhere. */
export const hasMediaPlace = () => layout === "split";

function shapeNow() {
  const ratio = innerWidth / innerHeight;
  return ratio >= 2.5 ? "strip" : ratio < 1 ? "portrait" : "landscape";
}

function wear() {
  shape.value = shapeNow();
  Object.assign(document.documentElement.dataset, { shape: shape.value, layout, flash: pageData.flash ?? "auto" });
}

wear();
addEventListener("resize", wear);
