// Schedules: jobs at certain times, and what the service starts by itself.

import { html, useState } from "../vendor/preact-htm.js";
import { NONE, ago, amount, clock } from "../lib/format.js";
import { useFollow, useNow, useSeldom } from "../lib/hooks.js";
import { usePages } from "../lib/pages.js";
import { href } from "../lib/router.js";
import { Badge } from "../parts/badge.js";
import { Card } from "../parts/card.js";
import { Dialog } from "../parts/dialog.js";
import { More } from "../parts/more.js";
import { Empty } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { Tabs } from "../parts/tabs.js";
import { ScheduleForm } from "./schedules/form.js";
import { SchedulePage } from "./schedules/one.js";
import { Service } from "./schedules/service.js";
import { ahead, rule } from "./schedules/times.js";

const TABS = { own: "Jobs at certain times", service: "What the service starts" };

export function View({ id, query }) {
  return id ? html`<${SchedulePage} key=${id} id=${id} />` : html`<${Schedules} query=${query} />`;
}

function Schedules({ query }) {
  const tab = query.tab in TABS ? query.tab : "own";
  // A link may name a job to do again at certain times.
  const [isNew, setIsNew] = useState(query.job !== undefined);
  return html`<div class="view-head"><h1>Schedules</h1><button type="button" class="primary" onClick=${() => setIsNew(true)}>New schedule</button></div>
    <${Tabs} label="Schedules" view="schedules" tabs=${TABS} tab=${tab} />
    ${tab === "own" ? html`<${Own} />` : html`<${Service} query=${query} />`}
    ${isNew && html`<${Dialog} wide=${true} title="New schedule" onClose=${() => setIsNew(false)}><${ScheduleForm} job=${query.job ?? ""} onDone=${(made) => { location.hash = href("schedules", { id: made.id }); }} /><//>`}`;
}

function Own() {
  const pages = usePages("v1/schedules", { query: { limit: 50 }, everyMs: 10_000 });
  const renew = useSeldom(pages.reload, 3000);
  useFollow("jobs", { onEvent: renew });
  const now = useNow();
  const columns = [
    { title: "Schedule", cell: (row) => row.name },
    { title: "State", cell: (row) => html`<${Badge} word=${row.paused ? "paused" : row.next_at ? "active" : "over"} />` },
    { title: "When", cell: (row) => html`<code>${rule(row)}</code>` },
    { title: "Starts a", cell: (row) => row.kind },
    { title: "Next", align: "right", cell: (row) => (row.next_at ? html`<time datetime=${row.next_at} title=${clock(row.next_at)}>${ahead(row.next_at, now)}</time>` : NONE) },
    { title: "Last", align: "right", cell: (row) => (row.last_run ? html`<span title=${clock(row.last_run.due_at)}>${ago(row.last_run.due_at, now)}</span>` : NONE) },
    { title: "Came to", cell: (row) => (row.last_run ? html`<${Badge} word=${row.last_run.job_state ?? row.last_run.reason ?? row.last_run.outcome} />` : NONE) },
    { title: "Runs", align: "right", cell: (row) => amount(row.runs) },
    { title: "Left out", align: "right", cell: (row) => amount(row.skips) },
  ];
  const empty = html`<${Empty} title="No schedule yet.">Make one: a job every night, or every ten minutes.<//>`;
  return html`<${Card} title="Jobs at certain times" rows=${5} resource=${pages}>
    <${Table} label="Schedules" columns=${columns} rows=${pages.items} keyOf=${(row) => row.id} hrefOf=${(row) => href("schedules", { id: row.id })} empty=${empty} />
    <${More} pages=${pages} />
  <//>`;
}
