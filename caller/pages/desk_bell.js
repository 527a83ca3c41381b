// Two soft notes, made here: someone of the guide desk is needed.
import { signal } from "@preact/signals";

// True while the browser wants a key or a touch before it lets a page make sound.
export const silent = signal(false);

const NOTES = [659.3, 523.3]; // Hz, e″ and c″
const LENGTH = 0.6; // seconds of one note
const APART = 0.28;
let sound = null;

function awake() {
  sound ??= new AudioContext();
  const look = () => (silent.value = sound.state === "suspended");
  if (sound.state === "suspended") sound.resume().then(look, look);
  look();
}

for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, awake);

export function ring() {
  awake();
  NOTES.forEach((height, place) => play(height, sound.currentTime + place * APART));
}

function play(height, at) {
  const tone = new OscillatorNode(sound, { type: "sine", frequency: height });
  const loudness = new GainNode(sound, { gain: 0 });
  loudness.gain.setTargetAtTime(0.22, at, 0.015);
  loudness.gain.setTargetAtTime(0, at + 0.09, 0.16);
  tone.connect(loudness).connect(sound.destination);
  tone.start(at);
  tone.stop(at + LENGTH);
}
