// How old and how good what was collected is.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, bytes, duration } from "../../lib/format.js";
import { useNow, useResource } from "../../lib/hooks.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { Empty } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { aligned } from "./limits.js";

const MOST_LINES = 8;
const minutes = (value) => duration(value === null || value === undefined ? null : value * 60);

export function Freshness() {
  const rows = useResource("api/freshness", { everyMs: 15_000 });
  const now = useNow(2000);
  const columns = [
    { title: "Provider", cell: (row) => row.provider },
    { title: "Data", cell: (row) => html`<${Badge} word=${row.status} tone=${row.status === "fresh" ? "good" : undefined} />` },
    { title: "Category", cell: (row) => row.category },
    { title: "Age of the data", align: "right", cell: (row) => minutes(row.staleness_minutes) },
    { title: "Stale after", align: "right", cell: (row) => minutes(row.ttl_minutes) },
    { title: "Quality", align: "right", cell: (row) => (row.quality_score === null ? NONE : amount(row.quality_score)) },
    { title: "Collected", align: "right", cell: (row) => ago(row.last_fetch, now) },
  ];
  const empty = html`<${Empty} title="No provider is collected from.">Name the numbers to keep when you watch one: a JSON pointer for each.<//>`;
  return html`<${Card} title="Freshness" rows=${5} resource=${rows}>
      <${Table} label="Freshness of what was collected" columns=${columns} rows=${rows.data ?? []} keyOf=${(row) => row.provider} empty=${empty} />
    <//>
    <${History} />
    <${Collections} />`;
}

function History() {
  const history = useResource("api/charts/freshness-history", { query: { hours: 24 }, everyMs: 60_000 });
  const shown = (history.data?.series ?? []).filter((each) => each.points.length > 0).slice(0, MOST_LINES);
  const { times, lines } = aligned(shown, (point) => (point.avg_staleness_minutes === null ? null : point.avg_staleness_minutes * 60));
  return html`<${Card} title="Age of the data" note="mean of each hour, the last 24" rows=${8} resource=${history}>
    ${shown.length === 0 ? html`<${Empty} title="Nothing was collected in this time." />` : html`<${Chart} key=${shown.length} label="Mean age of collected data by the hour" data=${[times, ...lines]}
      xTime=${true} height=${200} yFormat=${duration} series=${shown.map((each, index) => ({ label: each.provider, colour: `series-${index + 1}`, points: true }))} />`}
  <//>`;
}

function Collections() {
  const log = useResource("api/logs/collection", { query: { hours: 1, limit: 50 }, everyMs: 15_000 });
  const now = useNow(2000);
  const columns = [
    { title: "When", cell: (row) => ago(row.actual_fetch_time, now) },
    { title: "Provider", cell: (row) => row.provider },
    { title: "Numbers", align: "right", cell: (row) => amount(row.record_count) },
    { title: "Size", align: "right", cell: (row) => bytes(row.payload_size_bytes) },
    { title: "Quality", align: "right", cell: (row) => amount(row.data_quality_score) },
    { title: "On time", cell: (row) => (row.on_schedule ? "yes" : "no") },
    { title: "Not collected because", wide: true, cell: (row) => row.skip_reason ?? "" },
  ];
  return html`<${Card} title="Collections" note="the latest 50 of the last hour" rows=${6} resource=${log}>
    <${Table} label="Collections" columns=${columns} rows=${log.data ?? []} keyOf=${(row) => row.id} empty="Nothing was collected in the last hour." />
  <//>`;
}
