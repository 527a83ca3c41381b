// Every device of the hall: how it is, what is wrong and what to do, and for administrators tests, letting in, shutting out.
import { computed, signal } from "@preact/signals";
import { clockText, secondsSince } from "web/clock.js";
import { t } from "web/texts.js";
import { Dialog, html, Key, Notice } from "web/ui.js";
import * as staff from "web/staff.js";
import { open, Refused } from "./shell.js";

const SHAPES = { ok: "●", warning: "▲", fault: "■", silent: "✕", off: "○", never: "◌" };
const COLOURS = { ok: "green", warning: "amber", fault: "red", silent: "red", off: "", never: "" };
const ORDER = ["fault", "silent", "warning", "never", "off", "ok"];
const KINDS = ["kiosk", "display", "caller"];
const PARTS = { print: "printer", announcement: "speaker", sign: "sign" }; // what each test is of
const COMMANDS = { kiosk: "hallcall-kiosk", display: "hallcall-display", caller: "hallcall-caller" };

const shown = signal(null); // the server's answer
const windows = signal([]);
const enrolling = signal(null); // {kind, name, window} while being made, with `code` once it is
const revoking = signal(null);

const admin = computed(() => staff.session.value?.role === "system_admin");
const devices = computed(() => [...shown.value.devices].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)));
const count = (...states) => shown.value.devices.filter((one) => states.includes(one.state)).length;

// A text that may be missing: a part that only a newer device knows.
function known(key, values, otherwise) {
  const said = t(key, values);
  return said === key ? otherwise : said;
}
const partName = (part) => known(`devices.${part}`, {}, part);
const windowName = (id) => windows.value.find((one) => one.id === id)?.name ?? id;

async function refresh(get) {
  if (!windows.value.length) windows.value = (await get("windows")).windows;
  shown.value = await get("devices/states");
  if (shown.value.devices.some((one) => one.tests.some((asked) => asked.state === "waiting"))) setTimeout(staff.refreshSoon, 1000);
}

async function makeCode(event) {
  event.preventDefault();
  const { kind, name, window } = enrolling.value;
  const made = await staff.send("devices/enrolments", { role: kind, name: name.trim(), ...(kind === "caller" && { window }) });
  if (made && enrolling.value) enrolling.value = { ...enrolling.value, ...made };
}

async function revoke() {
  const { id, name } = revoking.value;
  revoking.value = null;
  if (await staff.send(`devices/${id}/revoke`)) staff.tell("green", t("device_page.revoked", { name }));
}

const test = (device, what) => staff.send(`devices/${device.id}/tests`, { what });

function Main() {
  return html`
    ${shown.value.clock && html`<${Notice} kind="red"><strong>${shown.value.clock.said}</strong><p>${shown.value.clock.remedy}</p><//>`}
    ${devices.value.length ? html`<${List} />` : html`<${Notice}>${t("device_page.none")}<//>`}
    <${Codes} />
    ${enrolling.value && html`<${Enrolling} />`}${revoking.value && html`<${Revoking} />`}`;
}

function Aside() {
  return html`<ul class="sums" aria-label=${t("device_page.sums")}>${[["red", "✕", ["fault", "silent"]], ["amber", "▲", ["warning"]], ["green", "●", ["ok"]]].map(([colour, shape, states]) => html`
      <li class=${colour} key=${colour}><span aria-hidden="true">${shape}</span><strong>${count(...states)}</strong>${t(`device_page.sum_${colour}`)}</li>`)}</ul>
    ${admin.value && html`<${Key} kind="primary" onPress=${() => (enrolling.value = { kind: "kiosk", name: "", window: windows.value[0]?.id })}>${t("device_page.enrol")}<//>`}`;
}

const COLUMNS = ["state", "device", "wrong", "paper", "board", "clock", "seen"];
function List() {
  return html`<table class="list"><thead><tr>${COLUMNS.map((name) => html`<th scope="col" key=${name}>${t(`device_page.${name}`)}</th>`)}
    ${admin.value && html`<th scope="col"><span class="unseen">${t("device_page.actions")}</span></th>`}</tr></thead>
    <tbody>${devices.value.map((one) => html`<${Row} one=${one} key=${one.id} />`)}</tbody></table>`;
}

function Row({ one }) {
  const nothing = html`<span class="quiet-words">–</span>`;
  const cell = (name, what, own = "") => html`<td class=${`${name} ${own}${what === null ? "empty" : ""}`} data-label=${t(`device_page.${name}`)}>${what ?? nothing}</td>`;
  return html`<tr class=${one.state} data-device=${one.name}>
    <td class="state"><span class="tag ${COLOURS[one.state]}"><span aria-hidden="true">${SHAPES[one.state]}</span> ${t(`device_page.state_${one.state}`)}</span></td>
    <th scope="row" class="device"><strong>${one.name}</strong><small>${t(`device_page.kind_${one.kind}`)}${one.window && ` · ${t("device_page.at_window", { name: windowName(one.window) })}`}</small></th>
    ${cell("wrong", html`<${Wrong} one=${one} />`)}${cell("paper", paper(one))}${cell("board", board(one))}
    ${cell("clock", drift(one), Math.abs(one.drift_seconds) > 5 ? "amber" : "")}${cell("seen", one.seen_at && html`<${Seen} one=${one} />`)}
    ${admin.value && html`<td class="actions"><div class="keys">${one.can.map((what) => html`
      <${Key} key=${what} disabled=${waits(one, what)} onPress=${() => test(one, what)} aria-label=${`${t(`device_page.test_${what}`)} ${one.name}`}>${t(`device_page.test_${what}`)}<//>`)}
      <${Key} kind="bare" onPress=${() => (revoking.value = one)} aria-label=${`${t("device_page.revoke")} ${one.name}`}>${t("device_page.revoke")}<//></div></td>`}
  </tr>`;
}

const waits = (one, what) => one.tests.some((asked) => asked.what === what && asked.state === "waiting");

function Wrong({ one }) {
  const wrong = one.conditions.filter((part) => part.code);
  const well = one.conditions.filter((part) => !part.code && part.state === "ok").map((part) => partName(part.part));
  return html`${wrong.map((part) => html`<div class=${`trouble ${part.state}`} key=${`${part.part} ${part.id} ${part.code}`}>
      <strong>${known(`devices.${part.part}.${part.code}`, part.facts, `${partName(part.part)}: ${part.code}`)}${part.id && html` <small>${part.id}</small>`}</strong>
      <p>${known(`devices.${part.part}.${part.code}.remedy`, part.facts, t("devices.device.other.remedy"))}</p>
      ${part.detail && html`<small class="detail">${part.detail}</small>`}</div>`)}
    ${!wrong.length && (one.state === "never"
      ? html`<p class="quiet-words">${t("device_page.never_words")}</p>`
      : html`<p class="quiet-words">${well.length ? t("device_page.well", { parts: [...new Set(well)].join(t("device_page.and")) }) : t("device_page.nothing_said")}</p>`)}
    ${one.tests.map((asked) => html`<${Tested} asked=${asked} key=${asked.what} />`)}
    ${one.last_error && html`<p class="detail">${t("device_page.last_error", { time: clockText(one.last_error.at, staff.zone.value) })} <code>${one.last_error.text}</code></p>`}`;
}

function Tested({ asked }) {
  const kind = { ok: "green", failed: "red", unanswered: "amber" }[asked.state] ?? "";
  const why = known(`devices.${PARTS[asked.what]}.${asked.detail}`, asked.facts, asked.detail);
  return html`<p class="tested" role="status"><span class="tag ${kind}">${t(`device_page.test_${asked.what}`)} ${clockText(asked.asked_at, staff.zone.value)}</span>
    ${t(`device_page.test_${asked.state}`)}${asked.state === "failed" && why && html` <small class="detail">${why}</small>`}
    ${asked.state === "ok" && asked.facts.seconds && html` <small class="detail">${span(asked.facts.seconds)}</small>`}</p>`;
}

function paper(one) {
  const printers = one.conditions.filter((part) => part.part === "printer");
  if (!printers.length) return null;
  const has = (code) => printers.some((part) => part.code === code);
  const said = has("paper_out") ? "out" : has("near_end") ? "near_end" : printers.every((part) => part.state === "ok") ? "there" : "unknown";
  return t(`device_page.paper_${said}`);
}

function board(one) {
  const metres = one.conditions.map((part) => part.facts.legible_metres).filter((value) => typeof value === "number");
  if (one.seq === null && !metres.length) return null;
  return html`${one.seq !== null && html`<span>${one.behind ? t("device_page.behind", { n: one.behind, seq: one.seq }) : t("device_page.current", { seq: one.seq })}</span>`}
    ${metres.length > 0 && html`<small>${t("device_page.legible", { metres: Math.min(...metres) })}</small>`}`;
}

function drift(one) {
  if (one.drift_seconds === null) return null;
  const seconds = one.drift_seconds;
  if (Math.abs(seconds) < 1) return t("device_page.clock_right");
  return t(seconds > 0 ? "device_page.clock_ahead" : "device_page.clock_behind", { time: span(Math.abs(seconds)) });
}

function span(seconds) {
  const [name, size] = [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]].find(([, size]) => seconds >= size) ?? ["seconds", 1];
  return t(`device_page.${name}`, { n: Math.round(seconds / size) });
}

function Seen({ one }) {
  const seconds = Math.max(0, secondsSince(one.seen_at));
  return html`<span>${seconds < 30 ? t("device_page.just_now") : t("device_page.ago", { time: span(seconds) })}</span>
    <small class=${one.version === shown.value.version ? "" : "amber"}>${t("device_page.version", { version: one.version })}</small>`;
}

function Codes() {
  const open = shown.value.enrolments;
  return open.length > 0 && html`<section aria-labelledby="codes"><h2 id="codes">${t("device_page.open_codes")}</h2>
    <ul class="codes">${open.map((one) => html`<li class="card" key=${one.id}><strong>${one.name}</strong>
      <small>${t(`device_page.kind_${one.kind}`)} · ${t("device_page.good_until", { time: clockText(one.expires_at, staff.zone.value) })}</small></li>`)}</ul></section>`;
}

function Enrolling() {
  const close = () => (enrolling.value = null);
  const { kind, name, window, code, expires_at: until } = enrolling.value;
  const set = (change) => (enrolling.value = { ...enrolling.value, ...change });
  // Shown this once: no Escape takes it away.
  if (code) return html`<${Dialog} title=${t("device_page.code_of", { name })} key="code">
    <p>${t("device_page.code_words", { time: clockText(until, staff.zone.value) })}</p>
    <p class="code number" data-code>${code}</p>
    <pre class="command" tabindex="0">${COMMANDS[kind]} enrol --server ${location.origin} --code ${code}</pre>
    <div class="keys"><${Key} kind="primary" onPress=${close}>${t("device_page.done")}<//></div><//>`;
  return html`<${Dialog} title=${t("device_page.enrol")} onClose=${close} key="form"><form class="enrol" onSubmit=${makeCode}>
    <fieldset><legend>${t("device_page.what")}</legend>${KINDS.map((one) => html`<label key=${one}>
      <input type="radio" name="kind" checked=${kind === one} onChange=${() => set({ kind: one })} />${t(`device_page.kind_${one}`)}</label>`)}</fieldset>
    <label class="field">${t("device_page.name")}<input required maxlength="40" value=${name} placeholder=${t(`device_page.example_${kind}`)} onInput=${(event) => set({ name: event.target.value })} /></label>
    ${kind === "caller" && html`<label class="field">${t("device_page.window")}<select value=${window} onChange=${(event) => set({ window: event.target.value })}>
      ${windows.value.map((one) => html`<option value=${one.id} key=${one.id}>${one.name}</option>`)}</select></label>`}
    <${Refused} /><div class="keys"><button type="submit" class="key primary" disabled=${!name.trim()}>${t("device_page.make_code")}</button>
      <${Key} kind="quiet" onPress=${close}>${t("device_page.back")}<//></div></form><//>`;
}

function Revoking() {
  const close = () => (revoking.value = null);
  return html`<${Dialog} title=${t("device_page.revoke_which", { name: revoking.value.name })} onClose=${close}>
    <p>${t("device_page.revoke_words")}</p>
    <div class="keys"><${Key} kind="danger" onPress=${revoke}>${t("device_page.revoke")}<//><${Key} kind="quiet" onPress=${close}>${t("device_page.back")}<//></div><//>`;
}

await open({ title: "device_page.title", domains: ["device_page", "devices"], refresh, ready: () => shown.value !== null, Main, Aside });
