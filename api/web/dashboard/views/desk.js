// The desk: how the service is, what it does now, what deserves a look.

import { html, useState } from "../vendor/preact-htm.js";
import { NONE, ago, amount, duration, money, percent, short } from "../lib/format.js";
import { useFollow, useNow, useResource, useSeldom } from "../lib/hooks.js";
import { href } from "../lib/router.js";
import { Badge } from "../parts/badge.js";
import { Card, Tile, Tiles } from "../parts/card.js";
import { Chart } from "../parts/chart.js";
import { Empty, ErrorNotice } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { Insights } from "./insights.js";
import { OpenAlerts } from "./open_alerts.js";

const OFTEN_MS = 10_000;
const SELDOM_MS = 60_000;

export function View() {
  return html`<div class="view-head"><h1>Desk</h1></div>
    <${Live} />
    <div class="columns">
      <${OpenAlerts} />
      <${Insights} />
    </div>
    <div class="columns">
      <${Load} />
      <${Queues} />
    </div>
    <div class="columns">
      <${LatestJobs} />
      <${Revenue} />
    </div>`;
}

function Live() {
  const first = useResource("metrics/live", { everyMs: SELDOM_MS });
  const health = useResource("api/v1/overview/health", { everyMs: OFTEN_MS });
  const [told, setTold] = useState(null);
  useFollow("metrics", {
    types: ["metrics.updated"],
    onSnapshot: (state) => state?.["metrics.updated"] && setTold(state["metrics.updated"].data),
    onEvent: (event) => setTold(event.data),
  });
  const live = newest(told, first.data);
  const status = health.data?.status;
  return html`<${ErrorNotice} error=${live === null ? first.error : null} onRetry=${first.reload} />
    <${Tiles}>
      <${Tile} label="Service" value=${status ?? NONE} tone=${{ operational: "good", degraded: "warn", down: "bad" }[status] ?? ""}
        note=${health.data ? `${health.data.services_online} of ${health.data.total_services} parts online` : null} />
      <${Tile} label="Jobs today" value=${amount(live?.calls_today)} note=${live ? `${short(live.monthly_call_volume)} in 30 days` : null} href=${href("jobs")} />
      <${Tile} label="Running now" value=${amount(live?.active_calls)} note=${live ? `${live.campaigns_running} batches and benchmarks` : null} href=${href("jobs", { query: { state: "running" } })} />
      <${Tile} label="Workers" value=${amount(live?.agents_active)} tone=${live?.agents_active === 0 ? "bad" : ""} note="alive" href=${href("admin")} />
      <${Tile} label="Success" value=${ofHundred(live?.success_rate)} note="of the last 1,000 solves" />
      <${Tile} label="Solution quality" value=${ofHundred(live?.ai_optimization_score)} note="best known ÷ found" />
      <${Tile} label="Uptime" value=${ofHundred(live?.system_uptime)} note="of the last 24 hours" />
      <${Tile} label="Revenue today" value=${money(live?.revenue_today)} note=${live ? `${amount(live.total_clients)} ${live.total_clients === 1 ? "caller" : "callers"}` : null} />
    <//>`;
}

function newest(told, asked) {
  if (told === null || asked === null) return told ?? asked;
  return told.last_updated >= asked.last_updated ? told : asked;
}

const ofHundred = (value) => (value === undefined || value === null ? NONE : percent(value / 100));

// A line at nothing lies at the bottom, and single jobs are not written in tenths.
const JOBS = { y: { range: (_, low, high) => [0, Math.max(4, high ?? 0)] } };

function Load() {
  const running = useResource("v1/metrics/history", { query: { series: "jobs_running" }, everyMs: SELDOM_MS });
  const queued = useResource("v1/metrics/history", { query: { series: "jobs_queued" }, everyMs: SELDOM_MS });
  const items = running.data?.items ?? [];
  const waiting = new Map((queued.data?.items ?? []).map((item) => [item.time, item.value]));
  const data = [
    items.map((item) => Date.parse(item.time) / 1000),
    items.map((item) => item.value),
    items.map((item) => waiting.get(item.time) ?? null),
  ];
  return html`<${Card} title="Load" note="the last six hours, by the minute" rows=${9} resource=${running}>
    <${Chart} label="Jobs that run and that wait, by the minute" data=${data} xTime=${true} height=${200} yFormat=${short} scales=${JOBS}
      series=${[{ label: "running", colour: "series-1", fill: true, spanGaps: false }, { label: "waiting", colour: "series-2", spanGaps: false }]} />
  <//>`;
}

function Queues() {
  const queues = useResource("v1/queues", { everyMs: OFTEN_MS });
  const columns = [
    { title: "Queue", cell: (queue) => queue.name },
    { title: "", cell: (queue) => queue.paused_at && html`<${Badge} word="paused" />` },
    { title: "Waiting", align: "right", cell: (queue) => amount(queue.waiting) },
    { title: "Running", align: "right", cell: (queue) => amount(queue.running) },
    { title: "Oldest", align: "right", cell: (queue) => (queue.waiting > 0 ? duration(queue.oldest_age_s) : NONE) },
    { title: "Mean run", align: "right", cell: (queue) => duration(queue.mean_run_s) },
  ];
  return html`<${Card} title="Queues" rows=${5} resource=${queues}>
    <${Table} label="Queues" columns=${columns} rows=${queues.data?.items ?? []} keyOf=${(queue) => queue.name} />
  <//>`;
}

function LatestJobs() {
  const jobs = useResource("v1/jobs", { query: { limit: 8 }, everyMs: OFTEN_MS });
  const now = useNow(5000);
  const renew = useSeldom(jobs.reload, 2000);
  useFollow("jobs", { onEvent: renew });
  const columns = [
    { title: "Job", cell: (job) => job.id.slice(0, 12) },
    { title: "State", cell: (job) => html`<${Badge} word=${job.state} />` },
    { title: "Kind", cell: (job) => job.kind },
    { title: "Of", cell: (job) => job.instance?.name ?? job.method ?? NONE },
    { title: "Objective", align: "right", cell: (job) => amount(job.summary?.objective ?? job.progress?.objective) },
    { title: "Sent", align: "right", cell: (job) => ago(job.created_at, now) },
  ];
  const empty = html`<${Empty} title="No jobs yet.">Send the first: <a href=${href("solve")}>solve something</a>.<//>`;
  return html`<${Card} title="Latest jobs" rows=${11} resource=${jobs} actions=${html`<a href=${href("jobs")}>All jobs</a>`}>
    <${Table} label="Latest jobs" columns=${columns} rows=${jobs.data?.items ?? []} keyOf=${(job) => job.id}
      hrefOf=${(job) => href("jobs", { id: job.id })} empty=${empty} />
  <//>`;
}

function Revenue() {
  const revenue = useResource("metrics/revenue", { everyMs: SELDOM_MS });
  const told = revenue.data;
  const sources = (told?.top_revenue_sources ?? []).filter((source) => source.revenue > 0);
  return html`<${Card} title="Revenue" note="what jobs were charged" rows=${6} resource=${revenue}>
    ${told && html`<dl class="pairs">
      <dt>Today</dt><dd>${money(told.daily_revenue)}</dd>
      <dt>30 days</dt><dd>${money(told.monthly_revenue)}</dd>
      <dt>365 days</dt><dd>${money(told.yearly_revenue)}</dd>
      <dt>Next month</dt><dd>${projection(told)}</dd>
    </dl>
    ${sources.map((source) => html`<div key=${source.source}><div class="row"><span>${source.source}</span><span class="card-note">${money(source.revenue)} · ${source.percentage.toFixed(1)} %</span></div>
      <div class="meter" role="presentation"><span style=${{ width: `${source.percentage}%` }}></span></div></div>`)}`}
  <//>`;
}

function projection({ projected_monthly: middle, projection: how }) {
  const range = how?.low === undefined || how?.low === null ? "" : ` (${money(how.low)} to ${money(how.high)} at ${percent(how.level, 0)})`;
  return `${money(middle)}${range}`;
}
