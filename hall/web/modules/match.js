// Searching: what a visitor typed (a name, pinyin or pinyin initials) against the matters and lines of the hall.

const bare = (text) => (text ?? "").toLowerCase().replace(/[\s'’“”"·、，,.()（）-]+/g, "");

/** How well `typed` fits: 0 best; null not at all. Letters may be left out: 社保 finds 社会保险, SB too. */
function fit(one, typed) {
  const names = [bare(one.name), bare(one.initials), bare(one.pinyin)];
  if (names.some((name) => name.startsWith(typed))) return 0;
  if (words(one.name).some((word) => word.startsWith(typed))) return 1;
  if (typed.length > 1 && names.slice(0, 2).some((name) => leavesOut(name, typed))) return 2;
  if (names.slice(0, 2).some((name) => name.includes(typed))) return 3;
  if (typed.length > 2 && names[2].includes(typed)) return 4;
  return null;
}

const words = (name) => name.toLowerCase().split(/[^\p{L}\p{N}]+/u);

/** Whether all of `typed` stands in `name` in order, the first letter first. */
function leavesOut(name, typed) {
  if (!typed || name[0] !== typed[0]) return false;
  let at = 0;
  for (const letter of name) if (letter === typed[at]) at += 1;
  return at === typed.length;
}

/** Lines carry no initials; those of their characters stand in the matters' names. */
function lineInitials(hall) {
  const initial = new Map();
  for (const { name, initials } of hall.matters) {
    if (name.length === initials.length) [...name].forEach((character, index) => initial.set(character, initials[index]));
  }
  return (line) => line.initials ?? [...line.name].map((character) => initial.get(character) ?? character).join("");
}

/** Lines and matters that fit, best first: [{line} or {matter}]. */
export function found(hall, text) {
  const typed = bare(text);
  if (!typed) return [];
  const initials = lineInitials(hall);
  const all = [
    ...hall.lines.map((line) => ({ line, fit: fit({ ...line, initials: initials(line) }, typed) })),
    ...hall.matters.map((matter) => ({ matter, fit: fit(matter, typed) })),
  ];
  return all.filter((one) => one.fit !== null).sort((one, other) => one.fit - other.fit);
}
