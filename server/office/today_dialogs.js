// The supervisor's dialogs: a window, a line, lending, suspending, and what the boards say.
import { language, t } from "web/texts.js";
import { html, Key, pageData } from "web/ui.js";
import { Refused } from "./shell.js";
import { Choice, ListedReason, Reason, reasonWords, set, takers, Until, Way } from "./today_fields.js";
import { TicketWay } from "./today_find.js";
import { act, clockIn, close, dialog, lineName, lineOf, mayAct, names, openDialog, shown, time, waitOf, windowName, windowOf } from "./today_state.js";
import { stateWords } from "./today_windows.js";
import * as staff from "web/staff.js";

const WAYS = { window: WindowWay, line: LineWay, lend: LendWay, suspend: SuspendWay, resume: ResumeWay, leave: LeaveWay, message: MessageWay, ticket: TicketWay };

export function Dialogs() {
  const name = dialog.value?.name;
  return name ? html`<${WAYS[name]} key=${name} />` : null;
}

const Keys = ({ danger }) => html`<${Refused} /><div class="keys"><button type="submit" class=${`key ${danger ? "danger" : "primary"}`}>${t("today.ok")}</button>
  <${Key} kind="quiet" onPress=${close}>${t("today.dismiss")}<//></div>`;

function form(send) {
  return (event) => {
    event.preventDefault();
    send();
  };
}

function WindowWay() {
  const window = windowOf(dialog.value.id);
  const { id, status } = window;
  return html`<${Way} title=${windowName(window.name)}><p>${[window.zone_name, window.ticket && t("today.ticket_now", { number: window.ticket.number }), stateWords(window), reasonWords(window.reason)].filter(Boolean).join(" · ")}</p>
    <p class="quiet-words">${[window.clerk && t("today.clerk", { name: window.clerk }), t("today.today_served", { n: window.served }), window.mean_service_seconds && t("today.mean", { n: Math.round(window.mean_service_seconds / 60) })].filter(Boolean).join(" · ")}</p>
    <h3>${t("today.own_lines")}</h3>
    <ul class="served">${window.lines.map((line) => html`<li key=${line.id}><span>${line.until ? t("today.lent_until", { line: lineName(line.id), time: time(line.until) }) : lineName(line.id)}</span>
      ${line.until && mayAct() && html`<${Key} onPress=${() => act(`windows/${id}/lines/${line.id}/return`, { reason: t("today.take_back") })}>${t("today.take_back")}<//>`}</li>`)}</ul>
    <${Refused} /><div class="keys">${mayAct() && html`
      ${status === "paused" && html`<${Key} kind="primary" onPress=${() => act(`windows/${id}/open`, {})}>${t("today.open_window")}<//>`}
      ${status === "open" && html`<${Key} onPress=${() => openDialog("leave", { id, move: "pause", until: clockIn(30) })}>${t("today.pause")}<//>`}
      ${status !== "closed" && html`<${Key} onPress=${() => openDialog("leave", { id, move: "close" })}>${t("today.close")}<//>`}
      <${Key} onPress=${() => openDialog("lend", { window: id })}>${t("today.lend")}<//>`}
      <${Key} kind="quiet" onPress=${close}>${t("today.dismiss")}<//></div><//>`;
}

function LeaveWay() {
  const { id, move, until, taker = "" } = dialog.value;
  const window = windowOf(id);
  const left = window.last_for;
  return html`<${Way} title=${`${windowName(window.name)} · ${t(`today.${move}`)}`}><form class="form" onSubmit=${form(leave)}>
    ${window.ticket && html`<p class="notice blue">${t("today.after_current")}</p>`}
    <${ListedReason} />${move === "pause" && html`<${Until} value=${until} />`}
    ${left.length > 0 && html`<p class="notice amber">${t("today.last_for", { lines: names(left.map(lineName)) })}</p>
      <label class="field">${t("today.last_lend")}<select value=${taker} onChange=${(event) => set({ taker: event.target.value })}>
        <option value="">${t("today.last_nobody")}</option>${takers(left[0], id).map(([key, said]) => html`<option value=${key} key=${key}>${said}</option>`)}</select></label>`}
    <${Keys} danger /></form><//>`;
}

async function leave() {
  const { id, move, until, taker, reason = "system" } = dialog.value;
  const left = windowOf(id).last_for;
  const served = new Set(windowOf(taker)?.lines.map((line) => line.id));
  for (const line of taker ? left.filter((one) => !served.has(one)) : []) {
    if (!(await staff.send(`windows/${taker}/lines`, { line, until: until ?? "23:59", reason, rank: 1 }))) return;
  }
  act(`windows/${id}/${move}`, { reason, after_current: true, ...(move === "pause" && { until }) });
}

function LineWay() {
  const line = lineOf(dialog.value.id);
  return html`<${Way} title=${line.name}><p>${[t("today.n_waiting", { n: line.waiting }), line.waits_since && `${t("today.longest")} ${waitOf(line)} ${t("today.minutes")}`].filter(Boolean).join(" · ")}</p>
    <p class="quiet-words">${line.suspended?.text ?? line.reason_text ?? ""}</p>
    <ul class="served">${line.windows.map(windowOf).map((one) => html`<li key=${one.id}><span>${windowName(one.name)}</span><small>${one.ticket?.number ?? t(`today.state_${one.status}`)}</small></li>`)}</ul>
    <div class="keys">${mayAct() && html`<${Key} kind="primary" onPress=${() => openDialog("lend", { line: line.id })}>${t("today.lend")}<//>
      <${Key} onPress=${() => openDialog("suspend", { id: line.id, until: clockIn(60), reason: "system", those: "serve" })}>${t("today.suspend")}<//>
      ${line.suspended && html`<${Key} onPress=${() => openDialog("resume", { id: line.id })}>${t("today.resume")}<//>`}`}
      <${Key} kind="quiet" onPress=${close}>${t("today.dismiss")}<//></div><//>`;
}

function LendWay() {
  const { line = "", window = "", until = clockIn(60), rank = "1", reason } = dialog.value;
  const served = new Set(windowOf(window)?.lines.map((one) => one.id));
  const lines = shown.value.lines.filter((one) => !served.has(one.id)).map((one) => [one.id, `${one.name} · ${t("today.n_waiting", { n: one.waiting })}`]);
  const send = () => act(`windows/${window}/lines`, { line, until, rank: Number(rank), reason });
  return html`<${Way} title=${t("today.lend_title")}><form class="form" onSubmit=${form(send)}>
    <div class="pair"><${Choice} label=${t("today.choose_line")} name="line" value=${line} options=${lines} />
      <${Choice} label=${t("today.choose_window")} name="window" value=${window} options=${line ? takers(line) : shown.value.windows.map((one) => [one.id, windowName(one.name)])} /></div>
    <div class="pair"><${Until} value=${until} hint=${t("today.until_hint")} />
      <${Choice} label=${t("today.rank")} name="rank" value=${rank} options=${[["1", t("today.rank_1")], ["9", t("today.rank_2")]]} /></div>
    <${Reason} value=${reason} /><${Keys} /></form><//>`;
}

function SuspendWay() {
  const { id, until, those, move_to: to } = dialog.value;
  const line = lineOf(id);
  const others = shown.value.lines.filter((one) => one.id !== id && !one.suspended && !one.complaints && one.windows.length);
  const options = others.map((one) => [one.id, `${one.name} · ${t("today.served_by", { names: names(one.windows.map((key) => windowOf(key).name)) })}`]);
  const send = () => act(`lines/${id}/suspend`, { reason: dialog.value.reason ?? "system", until, move_to: those === "move" ? to : null });
  return html`<${Way} title=${t("today.suspend_title", { line: line.name })}><form class="form" onSubmit=${form(send)}>
    <div class="pair"><${ListedReason} /></div><${Until} value=${until} />
    <fieldset class="choices"><legend>${t("today.those_waiting", { n: line.waiting })}</legend>${(line.complaints ? ["serve"] : ["serve", "move"]).map((one) => html`<label key=${one}>
      <input type="radio" name="those" checked=${those === one} onChange=${() => set({ those: one })} />${t(`today.those_${one}`)}</label>`)}</fieldset>
    ${those === "move" && html`<${Choice} label=${t("today.move_to")} name="move_to" value=${to} options=${options} />`}
    <${Keys} danger /></form><//>`;
}

function ResumeWay() {
  const { id, reason } = dialog.value;
  return html`<${Way} title=${`${lineName(id)} · ${t("today.resume")}`}><form class="form" onSubmit=${form(() => act(`lines/${id}/resume`, { reason }))}>
    <${Reason} value=${reason} /><${Keys} /></form><//>`;
}

function MessageWay() {
  const said = shown.value.message?.text ?? {};
  const { text = said, until = "" } = dialog.value;
  const kept = Object.fromEntries(Object.entries(text).filter(([, words]) => words.trim()));
  const at = until && new Date(`${new Intl.DateTimeFormat("sv-SE", { timeZone: staff.zone.value, dateStyle: "short" }).format(Date.parse(shown.value.at))}T${until}:00${offset()}`).toISOString();
  const send = () => act("message", { text: Object.keys(kept).length ? kept : null, until: at || null });
  return html`<${Way} title=${t("today.message")}><form class="form" onSubmit=${form(send)}>
    ${Object.entries(pageData.languages).map(([code, own], place) => html`<label class="field" key=${code}>${t("today.message_text", { language: own })}
      <textarea rows="2" maxlength="100" lang=${code} required=${place === 0 && code === language.value} value=${text[code] ?? ""} onInput=${(event) => set({ text: { ...text, [code]: event.target.value } })}></textarea></label>`)}
    <label class="field">${t("today.message_until")}<input type="time" value=${until} onInput=${(event) => set({ until: event.target.value })} /></label>
    <${Refused} /><div class="keys"><button type="submit" class="key primary">${t("today.message_show")}</button>
      ${shown.value.message && html`<${Key} onPress=${() => act("message", { text: null, until: null })}>${t("today.message_none")}<//>`}
      <${Key} kind="quiet" onPress=${close}>${t("today.dismiss")}<//></div></form><//>`;
}

/** +08:00 of the hall's zone. */
function offset() {
  const parts = new Intl.DateTimeFormat("en", { timeZone: staff.zone.value, timeZoneName: "longOffset" }).formatToParts(Date.parse(shown.value.at));
  return parts.find((part) => part.type === "timeZoneName").value.replace("GMT", "") || "+00:00";
}
