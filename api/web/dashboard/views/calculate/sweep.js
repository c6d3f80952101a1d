// A range of inputs at once, and how a value becomes certain digit by digit.

import { html } from "../../vendor/preact-htm.js";
import { useCalculation } from "../../lib/calculation.js";
import { amount } from "../../lib/format.js";
import { save } from "../../lib/http.js";
import { setQuery } from "../../lib/router.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { TextField } from "../../parts/field.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";
import { RunProgress } from "../../parts/run_progress.js";
import { Table } from "../../parts/table.js";
import { Question, parametersOf } from "./form.js";
import { complain } from "./session.js";

const MOST_ROWS = 100;

export function Sweep({ question, range }) {
  const points = useCalculation();
  const levels = useCalculation();
  const { parameters, problem } = parametersOf(question);
  const tell = (what) => (failure, job) => complain({ words: failure.message, suggestion: failure.suggestion, what, job: job?.id });
  const tabulate = () => {
    if (problem) return;
    const { x, ...variables } = parameters.variables;
    points.run("tabulate", { parameters: { expression: parameters.expression, variables, range: { start: range.from, stop: range.to, count: Number(range.count) }, digits: parameters.digits }, time_s: 600 }, tell("a range"));
  };
  const converge = () => {
    if (problem) return;
    levels.run("convergence", { parameters: { expression: parameters.expression, variables: parameters.variables, levels: Math.min(parameters.digits, 200) }, time_s: 600 }, tell("convergence"));
  };
  const field = (name, label, pointer) => html`<${TextField} label=${label} value=${range[name]} inputmode="decimal" autocomplete="off" onInput=${(value) => setQuery({ [name]: value })} error=${points.error?.of?.(pointer)} />`;
  return html`<div class="side-by-side">
    <${Card} title="Calculate">
      <${Question} question=${question} error=${points.error ?? levels.error} local=${problem} onSubmit=${tabulate}>
        <div class="fields fields-3">${field("from", "From", "#/parameters/range/start")}${field("to", "To", "#/parameters/range/stop")}${field("count", "Points", "#/parameters/range/count")}</div>
        <div class="row">
          <button type="submit" class="primary" disabled=${points.isRunning}>Calculate the range</button>
          <button type="button" disabled=${levels.isRunning} onClick=${converge}>Follow the digits at x</button>
        </div>
      <//>
    <//>
    <div class="stack">
      <${Range} run=${points} />
      <${Convergence} run=${levels} />
    </div>
  </div>`;
}

function Range({ run }) {
  const outcome = run.job?.result?.outcome;
  const rows = outcome?.rows ?? [];
  const numbers = rows.map((row) => (row.value === null ? null : Number(row.value)));
  const csv = () => save(["x,value,certainty,error_bound,problem", ...rows.map((row) => [row.point, row.value, row.certainty, row.error_bound, row.problem].map((each) => `"${String(each ?? "").replaceAll('"', '""')}"`).join(","))].join("\n"), "range.csv", "text/csv");
  const columns = [
    { title: "x", cell: (row) => row.point },
    { title: "Value", cell: (row) => html`<span class="mono">${row.value ?? row.problem}</span>` },
    { title: "Error at most", align: "right", cell: (row) => row.error_bound ?? "" },
    { title: "Certainty", cell: (row) => row.certainty?.replaceAll("_", " ") ?? "" },
  ];
  return html`<${Card} title="The range" note=${rows.length > 0 ? `${amount(rows.length)} points${outcome.is_complete ? "" : ", stopped before the end"}` : null} actions=${rows.length > 0 && html`<button type="button" onClick=${csv}>Save as CSV</button>`}>
    ${run.isRunning && html`<${RunProgress} run=${run} />`}<${ErrorNotice} error=${run.error} />
    ${rows.length === 0 ? html`<div class="chart-place"><${Empty} title="No range yet.">Calculate a range to see the function.<//></div>` : html`
      <${Chart} label="The value over the range" data=${[rows.map((row) => fraction(row.point)), numbers]} height=${240} series=${[{ label: "value", colour: "series-1", spanGaps: false }]} xFormat=${amount} yFormat=${amount} />
      <div class="sweep-rows"><${Table} label="Values" columns=${columns} rows=${rows.slice(0, MOST_ROWS)} keyOf=${(row) => row.point} /></div>
      ${rows.length > MOST_ROWS && html`<p class="card-note">The first ${MOST_ROWS}; the file has all.</p>`}`}
  <//>`;
}

function fraction(text) {
  const [over, under = "1"] = text.split("/");
  return Number(over) / Number(under);
}

function Convergence({ run }) {
  const outcome = run.job?.result?.outcome;
  const levels = outcome?.levels ?? [];
  // As powers of ten: a scale of logarithms would not reach below 1e-16.
  const power = (text) => (Number(text) > 0 ? Math.log10(Number(text)) : null);
  const columns = [
    { title: "Digits", align: "right", cell: (level) => amount(level.digits) },
    { title: "Value", cell: (level) => html`<span class="mono">${level.value}</span>` },
    { title: "Error", align: "right", cell: (level) => level.error },
    { title: "Bits", align: "right", cell: (level) => amount(level.working_bits) },
    { title: "Terms", align: "right", cell: (level) => amount(level.terms) },
  ];
  return html`<${Card} title="Digit by digit" note=${levels.length > 0 ? "the distance from the certified value" : null}>
    ${run.isRunning && html`<${RunProgress} run=${run} />`}<${ErrorNotice} error=${run.error} />
    ${levels.length === 0 ? html`<div class="chart-place"><${Empty} title="Not followed yet.">Follow the digits to see the error fall.<//></div>` : html`
      <${Chart} label="The error by the number of digits" height=${240} data=${[levels.map((level) => level.digits), levels.map((level) => power(level.error)), levels.map((level) => level.working_bits)]}
        series=${[{ label: "error", colour: "series-1", points: true }, { label: "bits", colour: "series-2", scale: "y2", width: 1 }]} xFormat=${amount} yFormat=${(value) => `1e${amount(Number(value.toFixed(1)))}`} y2Format=${amount} />
      <div class="sweep-rows"><${Table} label="Levels" columns=${columns} rows=${levels} keyOf=${(level) => level.digits} /></div>`}
  <//>`;
}
