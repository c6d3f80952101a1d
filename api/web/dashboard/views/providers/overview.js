// How all that is watched is, at a glance.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, duration } from "../../lib/format.js";
import { useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card, Tile, Tiles } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { OpenAlerts } from "../open_alerts.js";

const TONES = { healthy: "good", degraded: "warn", critical: "bad" };

export const milliseconds = (ms) => duration(ms === null || ms === undefined ? null : ms / 1000);
const inState = (state) => href("providers", { query: { tab: "inventory", state } });

export function Overview() {
  const status = useResource("api/status", { everyMs: 15_000 });
  const categories = useResource("api/categories", { everyMs: 15_000 });
  const history = useResource("api/status/metrics", { query: { hours: 24 }, everyMs: 60_000 });
  const renew = useSeldom(() => { status.reload(); categories.reload(); }, 2000);
  useFollow("providers", { onEvent: renew });
  const told = status.data;
  return html`<${ErrorNotice} error=${told ? null : status.error} onRetry=${status.reload} />
    <${Tiles}>
      <${Tile} label="All together" value=${told?.system_health ?? NONE} tone=${TONES[told?.system_health] ?? ""} note="healthy from 80 % online" />
      <${Tile} label="Watched" value=${amount(told?.total_apis)} note=${told ? `${told.unknown} of them paused or not asked yet` : null} href=${inState(null)} />
      <${Tile} label="Online" value=${amount(told?.online)} tone="good" href=${inState("online")} />
      <${Tile} label="Degraded" value=${amount(told?.degraded)} tone=${told?.degraded ? "warn" : ""} href=${inState("degraded")} />
      <${Tile} label="Offline" value=${amount(told?.offline)} tone=${told?.offline ? "bad" : ""} href=${inState("offline")} />
      <${Tile} label="Mean answer" value=${milliseconds(told?.avg_response_time_ms)} />
    <//>
    <div class="columns"><${Categories} resource=${categories} /><${OpenAlerts} /></div>
    <${History} resource=${history} />`;
}

function Categories({ resource }) {
  const now = useNow(5000);
  const columns = [
    { title: "Category", cell: (row) => row.name },
    { title: "State", cell: (row) => html`<${Badge} word=${row.status} />` },
    { title: "Online", align: "right", cell: (row) => `${row.online_sources} of ${row.total_sources}` },
    { title: "At a limit", align: "right", cell: (row) => amount(row.rate_limited_count) },
    { title: "Mean answer", align: "right", cell: (row) => milliseconds(row.avg_response_time_ms) },
    { title: "Checked", align: "right", cell: (row) => ago(row.last_updated, now) },
  ];
  return html`<${Card} title="Categories" rows=${5} resource=${resource}>
    <${Table} label="Categories" columns=${columns} rows=${resource.data ?? []} keyOf=${(row) => row.name}
      hrefOf=${(row) => href("providers", { query: { tab: "inventory", category: row.name } })} empty="Nobody is watched." />
  <//>`;
}

function History({ resource }) {
  const rows = [...(resource.data ?? [])].sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
  const of = (name) => rows.map((row) => row[name]);
  const data = [rows.map((row) => Date.parse(row.timestamp) / 1000), of("online_count"), of("degraded_count"), of("offline_count")];
  return html`<${Card} title="The last 24 hours" note="providers by state" rows=${9} resource=${resource}>
    <${Chart} label="Providers online, degraded and offline over the last day" data=${data} xTime=${true} height=${200} yFormat=${amount}
      series=${[{ label: "online", colour: "series-3", steps: true, spanGaps: false }, { label: "degraded", colour: "series-7", steps: true, spanGaps: false }, { label: "offline", colour: "series-2", steps: true, spanGaps: false }]} />
  <//>`;
}
