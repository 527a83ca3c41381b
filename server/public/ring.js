// What makes a phone noticed when its number is called: two soft notes, vibration, and a screen that stays on.
let sound = null;
let lock = null;
let wanted = false;
let ringing = null;

/** Browsers are silent until touched: `key` says so and goes once a touch anywhere has let the sound through. */
export function unlockSound(key, done) {
  const Context = window.AudioContext ?? window.webkitAudioContext;
  if (!Context) return;
  sound = new Context();
  const shown = () => (key.hidden = sound.state === "running");
  const touch = async () => {
    await sound.resume();
    if (!key.hidden) key.title = done;
    shown();
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, touch, { once: true });
  sound.addEventListener("statechange", shown);
  shown();
}

/** Rings and vibrates now and every 8 s, three times at most, while `still` says so. */
export function ring(still) {
  clearInterval(ringing);
  let times = 0;
  const once = () => {
    times += 1;
    if (times > 3 || (times > 1 && !still())) return clearInterval(ringing);
    chime();
    navigator.vibrate?.([400, 150, 400, 150, 800]);
  };
  ringing = setInterval(once, 8000);
  once();
}

function chime() {
  if (sound?.state !== "running") return;
  for (const [pitch, start] of [[784, 0], [587, 0.35]]) {
    const at = sound.currentTime + start;
    const [note, swell] = [sound.createOscillator(), sound.createGain()];
    note.frequency.value = pitch;
    swell.gain.setValueAtTime(0, at);
    swell.gain.linearRampToValueAtTime(0.5, at + 0.02);
    swell.gain.exponentialRampToValueAtTime(0.001, at + 0.8);
    note.connect(swell).connect(sound.destination);
    note.start(at);
    note.stop(at + 0.85);
  }
}

/** Keeps the screen on while there is something to wait for, where the browser allows it. */
export async function keepAwake(on) {
  wanted = on;
  if (!on) {
    await lock?.release().catch(() => {});
    lock = null;
  } else if (!lock && document.visibilityState === "visible") {
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
    lock?.addEventListener("release", () => (lock = null));
  }
}
document.addEventListener("visibilitychange", () => keepAwake(wanted));
