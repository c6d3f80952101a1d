// How much of what providers allow is used up.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, duration } from "../../lib/format.js";
import { useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { Empty } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";

const WINDOWS = { per_second: "second", per_minute: "minute", per_hour: "hour", per_day: "day" };
const MOST_LINES = 8;

export function Limits() {
  const limits = useResource("api/rate-limits", { everyMs: 5000 });
  const renew = useSeldom(limits.reload, 2000);
  useFollow("providers", { onEvent: renew, types: ["budget.warned"] });
  const now = useNow(2000);
  const columns = [
    { title: "Provider", cell: (row) => row.provider },
    { title: "State", cell: (row) => html`<${Badge} word=${row.status} />` },
    { title: "A", cell: (row) => WINDOWS[row.limit_type] },
    { title: "Used", cell: (row) => html`<${Meter} share=${row.percentage} status=${row.status} />` },
    { title: "Calls", align: "right", cell: (row) => `${amount(row.current_usage)} of ${amount(row.limit_value)}` },
    { title: "Anew in", align: "right", cell: (row) => duration(row.reset_in_seconds) },
    { title: "Last call", align: "right", cell: (row) => ago(row.last_request_time, now) },
  ];
  const empty = html`<${Empty} title="No provider has a limit.">Name the limits of its plan when you watch or change one: then it is never asked more often.<//>`;
  return html`<${Card} title="Limits" note="80 % is a warning; a check that would go beyond is blocked" rows=${6} resource=${limits}>
      <${Table} label="Limits of providers" columns=${columns} rows=${limits.data ?? []} keyOf=${(row) => `${row.provider} ${row.limit_type}`} empty=${empty} />
    <//>
    <${History} />`;
}

/** A share (0 to 100) as a bar. */
export function Meter({ share, status }) {
  return html`<div class=${`meter meter-${status}`} role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.min(100, Math.round(share))}
    aria-label=${`${Math.round(share)} % used`}><span style=${{ width: `${Math.min(100, share)}%` }}></span></div>`;
}

function History() {
  const history = useResource("api/charts/rate-limit-history", { query: { hours: 24 }, everyMs: 60_000 });
  const all = history.data?.series ?? [];
  const shown = all.filter((each) => each.points.length > 0).slice(0, MOST_LINES);
  const { times, lines } = aligned(shown);
  const note = all.length > shown.length && shown.length === MOST_LINES ? `the first ${MOST_LINES} of ${all.length} limits` : "the most that was used at once";
  return html`<${Card} title="The last 24 hours" note=${note} rows=${9} resource=${history}>
    ${shown.length === 0 ? html`<${Empty} title="Nothing was used yet." />` : html`<${Chart} key=${shown.length} label="Share of each limit that was used over the last day" data=${[times, ...lines]}
      xTime=${true} height=${220} yFormat=${(value) => (value === null ? NONE : `${Math.round(value)} %`)}
      series=${shown.map((each, index) => ({ label: `${each.provider}, a ${WINDOWS[each.limit_type]}`, colour: `series-${index + 1}` }))} />`}
  <//>`;
}

/** Points of several series over the times of all of them. */
export function aligned(series, valueOf = (point) => point.percentage) {
  const times = [...new Set(series.flatMap((each) => each.points.map((point) => Date.parse(point.timestamp) / 1000)))].sort((a, b) => a - b);
  const lines = series.map(({ points }) => {
    const known = new Map(points.map((point) => [Date.parse(point.timestamp) / 1000, valueOf(point)]));
    return times.map((time) => known.get(time) ?? null);
  });
  return { times, lines };
}
