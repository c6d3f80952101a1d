// Whether providers are checked when they should be, and what beat starts besides.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount } from "../../lib/format.js";
import { useNow, useResource } from "../../lib/hooks.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Table } from "../../parts/table.js";
import { ahead } from "../schedules/times.js";
import { Compliance } from "../schedules/compliance.js";

export function Punctuality() {
  const rows = useResource("api/schedule", { everyMs: 15_000 });
  const now = useNow(2000);
  const columns = [
    { title: "Of", cell: (row) => row.provider },
    { title: "State", cell: (row) => html`<${Badge} word=${row.status} />` },
    { title: "When", cell: (row) => row.schedule_interval },
    { title: "Last", align: "right", cell: (row) => ago(row.last_run, now) },
    { title: "Next", align: "right", cell: (row) => ahead(row.next_run, now) },
    { title: "On time", align: "right", cell: (row) => (row.on_time_percentage === null ? NONE : `${row.on_time_percentage.toFixed(1)} %`) },
    { title: "Late", align: "right", cell: (row) => amount(row.late_count) },
    { title: "Left out", align: "right", cell: (row) => amount(row.skip_count) },
    { title: "Failed", align: "right", cell: (row) => amount(row.failed_count) },
  ];
  return html`<${Card} title="Schedule" note="checks of the last hour, and what the service starts by itself" rows=${10} resource=${rows}
      actions=${html`<a href=${href("schedules", { query: { tab: "service" } })}>The service's schedules</a>`}>
      <${Table} label="Schedule of checks" columns=${columns} rows=${rows.data ?? []} keyOf=${(row) => `${row.category} ${row.provider} ${row.schedule}`} empty="Nothing is scheduled." />
    <//>
    <${Compliance} />`;
}
