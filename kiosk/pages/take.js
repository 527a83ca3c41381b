// A key that takes a number, at once or after what its line asks first.
import { t } from "web/texts.js";
import { html } from "web/ui.js";
import { canTake, issuing, lineOf, problem } from "./state.js";
import { Choice, lineWords, waitWords } from "./parts.js";
import { begin } from "./steps.js";

/** Takes a number for `asked` {line} or {matter}, or says first why it may come to nothing. */
export function press(asked, line) {
  const { closed, text } = lineWords(line);
  if (!canTake.value) return;
  if (closed) problem.value = { code: "line_closed", line, text };
  else if (line.warning) problem.value = { code: "warning", line, text: `${waitWords(line)}\n${line.warning_text}`, again: () => begin(asked, line) };
  else begin(asked, line);
}

/** A line, or a matter on its line: one touch takes the number. */
export function Take({ line, matter }) {
  const own = line ?? lineOf(matter.line);
  if (!own) return null;
  const asked = matter ? { matter: matter.id } : { line: own.id };
  const { closed, paused, warned, text } = lineWords(own);
  const special = closed || paused || warned || own.offline || !own.waiting;
  const about = !canTake.value ? "" : matter ? `${own.name}\u00a0· ${special ? text : t("kiosk.waiting", { n: own.waiting })}` : text;
  const state = closed ? "closed" : paused || warned ? "paused" : "";
  const busy = issuing.value && JSON.stringify(issuing.value) === JSON.stringify(asked);
  return html`<${Choice} name=${(matter ?? own).name} text=${about} state=${`${matter ? "matter " : ""}${state}`}
    busy=${busy} disabled=${closed || !canTake.value} onPress=${() => press(asked, own)} />`;
}
