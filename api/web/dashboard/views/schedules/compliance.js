// How punctual what beat starts was, by day.

import { html } from "../../vendor/preact-htm.js";
import { NONE, amount, duration } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { Table } from "../../parts/table.js";

const share = (value) => (value === null || value === undefined ? NONE : `${value.toFixed(1)} %`);
const RANGE = { y: { range: [0, 100] } };

export function Compliance() {
  const chart = useResource("api/charts/compliance", { query: { days: 7 }, everyMs: 60_000 });
  const total = chart.data?.total.points ?? [];
  const data = [total.map((point) => Date.parse(`${point.date}T00:00:00Z`) / 1000), total.map((point) => point.compliance_percentage)];
  const columns = [
    { title: "Schedule", cell: (row) => row.name },
    { title: "On time, 7 days", align: "right", cell: (row) => share(row.compliance_percentage) },
    { title: "Today", align: "right", cell: (row) => share(row.points.at(-1)?.compliance_percentage) },
    { title: "Runs today", align: "right", cell: (row) => amount(row.points.at(-1)?.runs) },
    { title: "Late today", align: "right", cell: (row) => amount(row.points.at(-1)?.late) },
    { title: "Mean delay", align: "right", cell: (row) => duration(row.points.at(-1)?.avg_delay_seconds) },
    { title: "Longest", align: "right", cell: (row) => duration(row.points.at(-1)?.max_delay_seconds) },
  ];
  return html`<${Card} title="Compliance" note="share of moments that had their run on time, by UTC day" rows=${10} resource=${chart}>
    <${Chart} label="Share of runs on time by day" data=${data} xTime=${true} height=${160} scales=${RANGE} yFormat=${(value) => `${value} %`}
      series=${[{ label: "on time", colour: "series-1", points: true, fill: true }]} />
    <${Table} label="Compliance by schedule" columns=${columns} rows=${chart.data?.series ?? []} keyOf=${(row) => row.id} empty="Nothing has run yet." />
  <//>`;
}
