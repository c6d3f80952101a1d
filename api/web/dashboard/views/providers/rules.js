// Alert rules: which there are, on or off; made and changed by a form.

import { html, useState } from "../../vendor/preact-htm.js";
import { NONE, amount, clock, duration } from "../../lib/format.js";
import { useAction } from "../../lib/hooks.js";
import { patch, remove } from "../../lib/http.js";
import { usePages } from "../../lib/pages.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { ConfirmButton, Dialog } from "../../parts/dialog.js";
import { More } from "../../parts/more.js";
import { ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { RuleForm } from "./rule_form.js";

/** What a rule says is too much, in words. */
export function limitOf(rule) {
  if (rule.kind === "state") return (rule.states ?? []).join(" or ");
  const value = rule.value;
  if (value === null) return "usual";
  if (rule.kind === "budget" || rule.kind === "failure_rate" || rule.measure === "share") return `${amount(value * 100)} %`;
  if (rule.kind === "latency") return `${rule.measure ?? "p95"} ${duration(value / 1000)}`;
  if (rule.kind === "staleness" || rule.kind === "queue_age") return duration(value);
  return amount(value);
}

export function Rules() {
  const pages = usePages("v1/alert-rules", { query: { limit: 50 }, everyMs: 30_000 });
  const [form, setForm] = useState(null);
  const turn = useAction(async (rule, changes) => { await patch(`v1/alert-rules/${rule.id}`, changes); await pages.reload(); });
  const hour = () => new Date(Date.now() + 3_600_000).toISOString();
  const isMuted = (rule) => rule.muted_until && Date.parse(rule.muted_until) > Date.now();
  const columns = [
    { title: "Rule", cell: (rule) => rule.name },
    { title: "Severity", cell: (rule) => html`<${Badge} word=${rule.severity} tone=${rule.severity === "info" ? "calm" : undefined} />` },
    { title: "Judges", cell: (rule) => rule.kind.replaceAll("_", " ") },
    { title: "Of", cell: (rule) => rule.provider ?? rule.category ?? rule.queue ?? "all" },
    { title: "From", cell: (rule) => limitOf(rule) },
    { title: "Lasting", align: "right", cell: (rule) => (rule.for_s ? duration(rule.for_s) : NONE) },
    { title: "Open", align: "right", cell: (rule) => amount(rule.open) },
    { title: "State", cell: (rule) => html`<${Badge} word=${!rule.enabled ? "off" : isMuted(rule) ? "muted" : "on"} tone=${rule.enabled ? (isMuted(rule) ? "warn" : "good") : "calm"} />` },
    { title: "Actions", cell: (rule) => html`<span class="row row-tight">
      <button type="button" class="quiet" aria-label=${`${rule.enabled ? "Switch off" : "Switch on"} ${rule.name}`} disabled=${turn.isRunning} onClick=${() => turn.run(rule, { enabled: !rule.enabled })}>${rule.enabled ? "Off" : "On"}</button>
      <button type="button" class="quiet" title=${isMuted(rule) ? `Until ${clock(rule.muted_until)}` : "For an hour"} aria-label=${`${isMuted(rule) ? "Unmute" : "Mute"} ${rule.name}`} disabled=${turn.isRunning}
        onClick=${() => turn.run(rule, { muted_until: isMuted(rule) ? null : hour() })}>${isMuted(rule) ? "Unmute" : "Mute 1 h"}</button>
      <button type="button" class="quiet" aria-label=${`Change ${rule.name}`} onClick=${() => setForm(rule)}>Change</button>
      <${ConfirmButton} word="Delete" class="quiet" confirmWord=${`Delete “${rule.name}”`} question=${`Its open alerts end.${rule.usual ? " It is a usual rule, and does not come back." : ""}`}
        onConfirm=${async () => { await remove(`v1/alert-rules/${rule.id}`); await pages.reload(); }} /></span>` },
  ];
  const done = async () => { setForm(null); await pages.reload(); };
  return html`<${Card} title="Rules" rows=${11} resource=${pages} actions=${html`<button type="button" onClick=${() => setForm("new")}>New rule</button>`}>
    <${ErrorNotice} error=${turn.error} />
    <${Table} label="Alert rules" columns=${columns} rows=${pages.items} keyOf=${(rule) => rule.id} empty="There is no rule: nothing raises an alert." />
    <${More} pages=${pages} />
    ${form && html`<${Dialog} wide=${true} title=${form === "new" ? "New rule" : `Change “${form.name}”`} onClose=${() => setForm(null)}>
      <${RuleForm} rule=${form === "new" ? null : form} onDone=${done} /><//>`}
  <//>`;
}
