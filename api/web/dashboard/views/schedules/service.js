// What beat starts by itself: when, how punctual, and what came of it.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, clock, duration } from "../../lib/format.js";
import { useAction, useNow, useResource } from "../../lib/hooks.js";
import { post } from "../../lib/http.js";
import { usePages } from "../../lib/pages.js";
import { href, setQuery } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { More } from "../../parts/more.js";
import { ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { Compliance } from "./compliance.js";
import { ahead } from "./times.js";

export function Service({ query }) {
  const status = useResource("api/scheduler/status", { everyMs: 5000 });
  const trigger = useAction(async (name) => { await post(`api/scheduler/trigger/${encodeURIComponent(name)}`); await status.reload(); });
  const now = useNow();
  const columns = [
    { title: "Schedule", cell: (row) => html`<a href=${href("schedules", { query: { tab: "service", runs: row.id } })}>${row.name}</a>` },
    { title: "State", cell: (row) => html`<${Badge} word=${row.running ? "running" : row.status} />${row.missed_now > 0 && html` <${Badge} word=${`${row.missed_now} missed`} tone="warn" />`}` },
    { title: "When", cell: (row) => row.trigger },
    { title: "Next", align: "right", cell: (row) => ahead(row.next_run, now) },
    { title: "Last", align: "right", cell: (row) => (row.last_run ? html`<span title=${clock(row.last_run.started_at)}>${ago(row.last_run.started_at, now)}</span>` : NONE) },
    { title: "Late by", align: "right", cell: (row) => duration(row.last_run?.delay_seconds) },
    { title: "Took", align: "right", cell: (row) => duration(row.last_run?.duration_seconds) },
    { title: "Came to", cell: (row) => (row.last_run ? html`<span title=${row.last_run.error ?? ""}><${Badge} word=${row.last_run.outcome} /></span>` : NONE) },
    { title: "Late", align: "right", cell: (row) => amount(row.counts?.late) },
    { title: "Failed", align: "right", cell: (row) => amount(row.counts?.failed) },
    { title: "Now", cell: (row) => html`<button type="button" class="quiet" aria-label=${`Run ${row.name} now`} disabled=${trigger.isRunning} onClick=${() => trigger.run(row.id)}>Run</button>` },
  ];
  const system = (status.data?.jobs ?? []).filter((row) => row.kind === "system");
  return html`<${Card} title="What the service starts" note=${status.data ? (status.data.is_running ? "beat ticks" : "beat does not tick: nothing is started") : null} rows=${10} resource=${status}>
      <${ErrorNotice} error=${trigger.error} />
      <${Table} label="What the service starts" columns=${columns} rows=${system} keyOf=${(row) => row.id} empty="Nothing is scheduled." />
    <//>
    ${query.runs && html`<${Runs} key=${query.runs} name=${query.runs} />`}
    <${Compliance} />`;
}

function Runs({ name }) {
  const pages = usePages(`api/scheduler/jobs/${encodeURIComponent(name)}/runs`, { query: { limit: 20 }, everyMs: 10_000, keyOf: (row) => row.number });
  const columns = [
    { title: "Began", cell: (row) => clock(row.started_at) },
    { title: "Outcome", cell: (row) => html`<${Badge} word=${row.outcome} />` },
    { title: "On time", cell: (row) => (row.on_time === null ? NONE : row.on_time ? "yes" : "no") },
    { title: "Late by", align: "right", cell: (row) => duration(row.delay_seconds) },
    { title: "Took", align: "right", cell: (row) => duration(row.duration_seconds) },
    { title: "Left out before", align: "right", cell: (row) => amount(row.skipped) },
    { title: "By", cell: (row) => row.cause },
    { title: "Error", wide: true, cell: (row) => row.error ?? row.error_type ?? "" },
  ];
  return html`<${Card} title=${`Runs of ${name}`} rows=${6} resource=${pages} actions=${html`<button type="button" onClick=${() => setQuery({ runs: null })}>Close</button>`}>
    <${Table} label="Runs" columns=${columns} rows=${pages.items} keyOf=${(row) => row.number} empty="It has not run yet." /><${More} pages=${pages} /><//>`;
}
