// What a screen says of itself: the `seq` that stands painted on it, and from how far its numbers can be read.
import { effect } from "@preact/signals";
import { pageData } from "web/ui.js";

export const PAINTED_EVERY = 5_000; // ms; a page that has stopped painting falls silent
const DISTANCE_OVER_HEIGHT = 200;
const METRES_AN_INCH = 0.0254;

/** Sends `painted {page, seq, epoch, digit_px, legible_metres, …}` once what came is painted, and every 5 s. */
export function reportPainted({ board, socket }, about) {
  let waiting = false;
  const tell = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      const { seq = null, epoch = null } = board.value ?? {};
      requestAnimationFrame(() => {
        waiting = false;
        if (socket.connected) socket.emit("painted", { ...about(), seq, epoch, ...legible() });
      });
    });
  };
  effect(() => (board.value, tell()));
  socket.on("connect", tell);
  setInterval(tell, PAINTED_EVERY);
}

/** The height of the smallest called figure, and the distance from which it can be read on a screen of known size. */
function legible() {
  const digit_px = digitHeight(document.querySelector(".call:not(.fresh) > .number, .call > .number, .current"));
  const diagonal = Math.hypot(innerWidth, innerHeight);
  const metres = pageData.diagonal && digit_px && (digit_px / diagonal) * pageData.diagonal * METRES_AN_INCH * DISTANCE_OVER_HEIGHT;
  return { digit_px, legible_metres: metres ? Math.round(metres * 10) / 10 : null };
}

let known = null; // what was measured last, for the time when nobody is called
let brush;
function digitHeight(element) {
  if (!element) return known;
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(element);
  brush ??= document.createElement("canvas").getContext("2d");
  brush.font = `${fontWeight} ${fontSize} ${fontFamily}`;
  return (known = Math.round(brush.measureText("0").actualBoundingBoxAscent));
}
