// A benchmark in numbers: by instance, by method, and every two methods compared.

import { html } from "../../vendor/preact-htm.js";
import { NONE, amount, duration, percent } from "../../lib/format.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Table } from "../../parts/table.js";
import { grouped, winRates } from "./statistics.js";

export function Contenders({ contenders, cells }) {
  const labels = contenders.map(({ contender }) => contender);
  const wins = new Map(winRates(cells, labels).map((each) => [each.label, each]));
  const columns = [
    { title: "Method", cell: (row) => row.contender },
    { title: "Runs", align: "right", cell: (row) => amount(row.runs) },
    { title: "Wins", align: "right", cell: (row) => won(wins.get(row.contender)) },
    { title: "Best gap", align: "right", cell: (row) => percent(row.best_gap) },
    { title: "Median", align: "right", cell: (row) => percent(row.median_gap) },
    { title: "Mean", align: "right", cell: (row) => percent(row.mean_gap) },
    { title: "Worst", align: "right", cell: (row) => percent(row.worst_gap) },
    { title: "Hit target", align: "right", cell: (row) => percent(row.success_rate) },
    { title: "Expected time", align: "right", cell: (row) => duration(row.expected_time_s) },
    { title: "Mean gap over time", align: "right", cell: (row) => percent(row.mean_primal_integral) },
  ];
  return html`<${Card} title="Methods" note="wins: the least median gap on an instance; equals share">
    <${Table} label="Methods" columns=${columns} rows=${contenders} keyOf=${(row) => row.contender} empty="No run has ended yet." />
  <//>`;
}

const won = (each) => (each?.share === null || each === undefined ? NONE : `${percent(each.share, 0)} of ${amount(each.of)}`);

/** `runs` lead from a cell to the jobs behind it. */
export function ByInstance({ id, cells, labels, runs }) {
  const orders = new Map(runs.map(({ instance, order, sha256 }) => [instance, { order, sha256 }]));
  const rows = [...grouped(cells, ({ instance }) => instance)].map(([instance, group]) => {
    const gaps = group.map(({ median_gap: gap }) => gap).filter((gap) => gap !== null);
    return { instance, group: new Map(group.map((cell) => [cell.contender, cell])), least: Math.min(...gaps), reference: group[0].reference, ...orders.get(instance) };
  });
  const columns = [
    { title: "Instance", cell: (row) => row.instance },
    { title: "n", align: "right", cell: (row) => amount(row.order) },
    { title: "Reference", align: "right", cell: (row) => amount(row.reference) },
    ...labels.map((label) => ({ title: label, align: "right", cell: (row) => cellWords(row.group.get(label), row.least) })),
  ];
  return html`<${Card} title="By instance" note="median gap; best in bold; ✓ how many runs hit the target">
    <${Table} label="Median gap by instance and method" columns=${columns} rows=${rows} keyOf=${(row) => row.instance} empty="No run has ended yet."
      hrefOf=${(row) => href("jobs", { query: { parent: id, instance: row.sha256 ?? row.instance } })} />
  <//>`;
}

function cellWords(cell, least) {
  if (!cell) return NONE;
  const words = percent(cell.median_gap);
  const title = `best ${percent(cell.best_gap)}, worst ${percent(cell.worst_gap)}, ${cell.runs} runs, best objective ${amount(cell.best_objective)}`;
  return html`<span title=${title}>${cell.median_gap === least ? html`<strong>${words}</strong>` : words}
    <span class="card-note"> ✓ ${Math.round(cell.success_rate * cell.runs)}/${cell.runs}</span></span>`;
}

const LEVEL = 0.05;

export function Comparisons({ comparisons }) {
  if (comparisons.length === 0) return null;
  const columns = [
    { title: "First", cell: (row) => row.first },
    { title: "Second", cell: (row) => row.second },
    { title: "Instances", align: "right", cell: (row) => amount(row.pairs) },
    { title: "Effect", align: "right", cell: (row) => row.effect.toFixed(2) },
    { title: "p", align: "right", cell: (row) => amount(row.p_value) },
    { title: "p (Holm)", align: "right", cell: (row) => amount(row.adjusted_p_value) },
    { title: "", cell: (row) => html`<${Badge} word=${row.adjusted_p_value < LEVEL ? `${row.effect < 0 ? row.first : row.second} is better` : "not told apart"} tone=${row.adjusted_p_value < LEVEL ? "good" : "calm"} />` },
  ];
  return html`<${Card} title="Every two methods" note="Wilcoxon's signed-rank test on median gaps; effect below 0: the first is better">
    <${Table} label="Comparisons" columns=${columns} rows=${comparisons} keyOf=${(row) => `${row.first} ${row.second}`} />
  <//>`;
}

export function Runs({ runs, isCut, id }) {
  const shown = runs.slice(0, 50);
  const columns = [
    { title: "Run", cell: (run) => html`<span class="mono">${run.id.slice(0, 12)}</span>` },
    { title: "State", cell: (run) => html`<${Badge} word=${run.state} />` },
    { title: "Instance", cell: (run) => run.instance },
    { title: "Method", cell: (run) => run.label },
    { title: "Seed", align: "right", cell: (run) => String(run.seed) },
    { title: "Objective", align: "right", cell: (run) => amount(run.objective) },
    { title: "Gap", align: "right", cell: (run) => percent(run.gap) },
    { title: "Took", align: "right", cell: (run) => duration(run.elapsed) },
  ];
  return html`<${Card} title="Runs" note=${`${shown.length} of ${amount(runs.length)}${isCut ? " and more; plots of single runs show the newest 2,000" : ""}`}
      actions=${html`<a href=${href("jobs", { query: { parent: id } })}>All runs</a>`}>
    <${Table} label="Runs" columns=${columns} rows=${shown} keyOf=${(run) => run.id} hrefOf=${(run) => href("jobs", { id: run.id })} empty="No run yet." />
  <//>`;
}
