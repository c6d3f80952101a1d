// What is done by insights alone: switched, looked at, undone.

import { html } from "../../vendor/preact-htm.js";
import { clock } from "../../lib/format.js";
import { useAction, useResource } from "../../lib/hooks.js";
import { patch, post } from "../../lib/http.js";
import { usePages } from "../../lib/pages.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { ConfirmButton } from "../../parts/dialog.js";
import { More } from "../../parts/more.js";
import { ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";

export function Automations() {
  const all = useResource("v1/automations", { everyMs: 30_000 });
  const turn = useAction(async (item) => { await patch("v1/automations", { [item.name]: !item.enabled }); await all.reload(); });
  return html`<${Card} title="Automations" note="what the service may do because of an insight" rows=${3} resource=${all}>
      <${ErrorNotice} error=${turn.error} />
      <ul class="plain">${(all.data?.items ?? []).map((item) => html`<li key=${item.name} class="line">
        <${Badge} word=${item.enabled ? "on" : "off"} tone=${item.enabled ? "good" : "calm"} />
        <span class="line-words"><strong>${item.name.replaceAll("_", " ")}</strong><span class="card-note">${item.summary}${item.changed_at ? ` · switched ${clock(item.changed_at)} by ${item.changed_by}` : ""}</span></span>
        <button type="button" aria-label=${`Switch ${item.enabled ? "off" : "on"} ${item.name.replaceAll("_", " ")}`} disabled=${turn.isRunning} onClick=${() => turn.run(item)}>Switch ${item.enabled ? "off" : "on"}</button>
      </li>`)}</ul>
    <//>
    <${Log} />`;
}

function Log() {
  const pages = usePages("v1/automations/log", { query: { limit: 20 }, everyMs: 30_000 });
  const columns = [
    { title: "When", cell: (entry) => clock(entry.created_at) },
    { title: "By", cell: (entry) => entry.automation.replaceAll("_", " ") },
    { title: "What was done", wide: true, cell: (entry) => entry.summary },
    { title: "Undo", cell: (entry) => (entry.undone_at ? `undone by ${entry.undone_by}` : html`<${ConfirmButton} word="Undo" question="What it changed is as it was before." onConfirm=${async () => { await post(`v1/automations/log/${entry.id}/undo`); await pages.reload(); }} />`) },
  ];
  return html`<${Card} title="What was done" rows=${4} resource=${pages}>
    <${Table} label="What automations did" columns=${columns} rows=${pages.items} keyOf=${(entry) => entry.id} empty="Nothing was done yet." /><${More} pages=${pages} /><//>`;
}
