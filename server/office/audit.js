// Audit: how the journal stands and its proof, the days' roots, events in words, the access log, erasing what is personal.
import { computed, signal } from "@preact/signals";
import { html, Notice } from "web/ui.js";
import { t } from "web/texts.js";
import * as staff from "web/staff.js";
import { Erasures, erasures } from "./audit_erasures.js";
import { Journal, state } from "./audit_journal.js";
import { Events, Log, Rights } from "./audit_lists.js";
import { is, open } from "./shell.js";

const PARTS = { journal: ["auditor"], events: ["auditor"], log: ["auditor", "security_admin"], erasures: ["auditor", "security_admin", "supervisor"] };
const SHOWN = { journal: Journal, events: Events, log: Log, erasures: Erasures };
const chosen = signal(location.hash.slice(1));
const mine = computed(() => Object.keys(PARTS).filter((part) => is(...PARTS[part])));
const part = computed(() => (mine.value.includes(chosen.value) ? chosen.value : mine.value[0]));

async function refresh(get) {
  if (is(...PARTS.journal)) {
    state.value = await get("audit");
    if (state.value.verification?.state === "running") setTimeout(staff.refreshSoon, 1000);
  }
  erasures.value = (await get("erasures")).erasures;
}

function choose(to) {
  chosen.value = to;
  history.replaceState(null, "", `${location.pathname}${location.search}#${to}`);
}

function Main() {
  const Part = SHOWN[part.value];
  if (!Part) return html`<${Notice}>${t("office.not_yours")}<//>`;
  return html`${mine.value.length > 1 && html`<div class="switch" role="group" aria-label=${t("audit.title")}>${mine.value.map((one) => html`
      <button type="button" key=${one} aria-pressed=${one === part.value} onClick=${() => choose(one)}>${t(`audit.${one}`)}</button>`)}</div>`}
    <${Part} key=${part.value} />${part.value === "journal" && html`<${Rights} onAll=${() => choose("log")} />`}`;
}

await open({ title: "audit.title", domains: ["audit"], refresh, ready: () => erasures.value !== null, Main });
