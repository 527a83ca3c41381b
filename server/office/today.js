// The hall at a glance for the supervisor: alarms first, every line against the marks, every window as a tile.
import { t } from "web/texts.js";
import { html, Key } from "web/ui.js";
import { open } from "./shell.js";
import { Dialogs } from "./today_dialogs.js";
import { Find } from "./today_find.js";
import { Lines } from "./today_lines.js";
import { alarms, level, mayAct, openDialog, refresh, shown, sums } from "./today_state.js";
import { Windows } from "./today_windows.js";

function Main() {
  return html`<${Bar} /><div class="hall">
    <div class="now"><${Sums} /><${Windows} /><${Lines} /></div>
    <${Alarms} /></div><${Dialogs} />`;
}

function Bar() {
  return html`<div class="toolbar"><${Find} />
    ${mayAct() && html`<${Key} onPress=${() => openDialog("message", { until: "" })}>${t("today.message")}<//>
      <${Key} onPress=${() => openDialog("lend")}>${t("today.lend")}<//>`}</div>`;
}

function Sums() {
  const { waiting, longest, open: opened, windows, idle, served } = sums.value;
  const one = (name, value, unit, kind = "") => html`<div class=${`sum ${kind}`} key=${name}><dt>${t(`today.${name}`)}</dt><dd><b class="number">${value}</b> ${unit}</dd></div>`;
  return html`<dl class="sums">${one("waiting", waiting, t("today.people"))}${one("longest", longest, t("today.minutes"), level(longest))}
    ${one("open", opened, t("today.of", { n: windows }))}${one("idle", idle, "")}${one("served", served, t("today.pieces"))}</dl>`;
}

function Alarms() {
  return html`<aside aria-labelledby="alarms"><h2 id="alarms">${t("today.alarms")} <span class="number">${alarms.value.length || ""}</span></h2>
    ${alarms.value.length === 0 && html`<p class="notice green">${t("today.alarms_none")}</p>`}
    <ul>${alarms.value.map((one) => html`<li class=${`alarm ${one.kind}`} key=${one.key}><h3>${one.title}</h3><p>${one.words}</p>
      ${mayAct() && html`<div class="keys"><${AlarmKeys} one=${one} /></div>`}</li>`)}</ul></aside>`;
}

function AlarmKeys({ one }) {
  if (one.window) return html`<${Key} onPress=${() => openDialog("window", { id: one.window.id })}>${t("today.act")}<//>`;
  if (one.kind === "blue") return html`<${Key} onPress=${() => openDialog("resume", { id: one.line.id })}>${t("today.resume")}<//>`;
  return html`<${Key} kind="primary" onPress=${() => openDialog("lend", { line: one.line.id })}>${t("today.lend")}<//>
    <${Key} onPress=${() => openDialog("line", { id: one.line.id })}>${t("today.act")}<//>`;
}

await open({ title: "today.title", domains: ["today", "caller"], refresh, ready: () => shown.value !== null, Main });
