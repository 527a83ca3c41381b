// What is being typed into a question, or picked of its list, and where Enter leads.
import { computed, effect, signal } from "@preact/signals";
import { t } from "web/texts.js";
import { fill, question, typed } from "./job.js";
import { entries } from "./picking.js";
import * as truth from "./truth.js";

export const place = signal(0); // in the list
effect(() => {
  typed.value;
  question.value;
  place.value = 0;
});

export const listed = computed(() => {
  const of = question.value?.pick;
  if (!of) return [];
  const data = {
    catalogue: truth.catalogue.value, windows: truth.windows.value, mine: truth.mine.value, waiting: truth.waitingIn.value,
  };
  return entries(of, data, typed.value);
});

export function nameOf({ kind, name }) {
  if (kind === "window") return t("caller.window", { name });
  return kind === "clerk" ? truth.staffName(name) : name;
}

// Enter, wherever it was pressed.
export function submit(pressedAt) {
  const { type, pick } = question.value;
  if (pick) {
    const one = listed.value[place.value];
    return one && fill(one.body, { name: nameOf(one) }, pressedAt);
  }
  const text = typed.value.trim();
  const said = type === "number" ? text.toUpperCase() : text;
  return said ? fill({ [type]: said }, { [type]: said }, pressedAt) : undefined;
}
