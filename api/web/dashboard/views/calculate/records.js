// What has been calculated: drawn, listed, and what went wrong.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, clock } from "../../lib/format.js";
import { useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { save } from "../../lib/http.js";
import { href } from "../../lib/router.js";
import { useSignal } from "../../lib/signal.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { Empty } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { Digits, milliseconds } from "./number.js";
import { entries, forgetProblems, problems } from "./session.js";

const DRAWN = 20;
const LISTED = 25;

/** A decimal as a number to draw; null where no double can hold it. */
const drawable = (text) => (text !== null && Number.isFinite(Number(text)) ? Number(text) : null);
const plain = (value) => (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? value.toExponential(1) : amount(value));

export function Trend() {
  const drawn = useSignal(entries).slice(0, DRAWN).reverse();
  const data = [drawn.map((_, at) => at + 1), drawn.map((entry) => entry.ms), drawn.map((entry) => drawable(entry.outcome.value))];
  return html`<${Card} title="The last 20" note="how long they took, and what came out">
    ${drawn.length === 0 ? html`<div class="chart-place"><${Empty} title="Nothing to draw yet.">Calculate, or start auto mode.<//></div>`
      : html`<${Chart} label="Milliseconds and result of the last 20 calculations" data=${data} height=${230} xFormat=${(x) => (Number.isInteger(x) ? String(x) : "")}
        yFormat=${(ms) => `${plain(ms)} ms`} y2Format=${plain}
        series=${[{ label: "time", colour: "series-1", points: true }, { label: "result", colour: "series-2", scale: "y2", points: true, width: 1 }]} />`}
  <//>`;
}

export function History() {
  const all = useSignal(entries);
  const columns = [
    { title: "Job", cell: (entry) => entry.id.slice(0, 12) },
    { title: "x", align: "right", cell: (entry) => (entry.input === null ? NONE : shortened(entry.input)) },
    { title: "Digits", align: "right", cell: (entry) => amount(entry.outcome.digits) },
    { title: "Value", cell: (entry) => html`<${Digits} text=${shortDecimal(entry.outcome.value)} />` },
    { title: "Error at most", align: "right", cell: (entry) => entry.outcome.error_bound },
    { title: "Time", align: "right", cell: (entry) => milliseconds(entry.ms) },
    { title: "When", align: "right", cell: (entry) => clock(entry.at) },
    { title: "", align: "right", cell: (entry) => (entry.isAuto ? html`<${Badge} word="auto" tone="calm" />` : "") },
  ];
  const csv = () => save(table(all), "calculations.csv", "text/csv");
  return html`<${Card} title="This session" note=${all.length > LISTED ? `the latest ${LISTED} of ${all.length}` : null}
      actions=${all.length > 0 && html`<button type="button" onClick=${csv}>Save as CSV</button>`}>
    <${Table} label="Calculations of this session" columns=${columns} rows=${all.slice(0, LISTED)} keyOf=${(entry) => `${entry.id} ${entry.input}`}
      hrefOf=${(entry) => href("jobs", { id: entry.id })} empty=${html`<${Empty} title="Nothing calculated since the page was opened." />`} />
  <//>`;
}

function table(all) {
  const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const rows = all.map(({ id, at, expression, input, ms, outcome }) => [id, new Date(at).toISOString(), expression, input, outcome.digits, outcome.value, outcome.error_bound, outcome.certainty, ms].map(quoted).join(","));
  return ["job,time,expression,x,digits,value,error_bound,certainty,ms", ...rows].join("\n");
}

/** Everyone's latest that the caller may see, renewed as the channel tells. */
export function Others() {
  const jobs = useResource("v1/jobs", { query: { kind: "calculate", limit: 8 }, everyMs: 30_000 });
  const soon = useSeldom(jobs.reload, 1000);
  useFollow("calculations", { onEvent: soon });
  useFollow("jobs", { onEvent: soon });
  const now = useNow(5000);
  const own = new Set(useSignal(entries).map((entry) => entry.id));
  const columns = [
    { title: "Job", cell: (job) => job.id.slice(0, 12) },
    { title: "Calculation", cell: (job) => html`${job.method} ${own.has(job.id) && html`<${Badge} word="yours" tone="calm" />`}${job.origin === "live" && html`<${Badge} word="live" tone="live" />`}` },
    { title: "State", cell: (job) => html`<${Badge} word=${job.state} />` },
    { title: "Of", cell: (job) => html`<span class="mono">${ofWhat(job.parameters)}</span>` },
    { title: "Sent", align: "right", cell: (job) => ago(job.created_at, now) },
  ];
  return html`<${Card} title="Latest of all" note="also others' and live ones, as they happen" resource=${jobs} actions=${html`<a href=${href("jobs", { query: { kind: "calculate" } })}>All</a>`}>
    <${Table} label="Latest calculations" columns=${columns} rows=${jobs.data?.items ?? []} keyOf=${(job) => job.id} hrefOf=${(job) => href("jobs", { id: job.id })}
      empty=${html`<${Empty} title="Nobody has calculated anything yet." />`} />
  <//>`;
}

/** What a calculation is about, in a few letters. */
function ofWhat(parameters) {
  const { expression, variables, range } = parameters ?? {};
  if (!expression) return "";
  const where = range ? `${range.start} … ${range.stop}` : Object.entries(variables ?? {}).map(([name, value]) => `${name} = ${value}`).join(", ");
  return shortened(where || expression);
}

export function Problems() {
  const all = useSignal(problems);
  return html`<${Card} title="Errors" note="of this session" actions=${all.length > 0 && html`<button type="button" onClick=${forgetProblems}>Clear</button>`}>
    ${all.length === 0 ? html`<${Empty} title="No errors." />` : html`<ul class="plain problems">
      ${all.slice(0, LISTED).map((problem) => html`<li key=${problem.at} class="line line-tall">
        <span class="line-words"><strong>${problem.words}</strong>
          <span class="card-note">${clock(problem.at)} · ${problem.what}${problem.suggestion ? ` · ${problem.suggestion}` : ""}</span></span>
        ${problem.job && html`<a href=${href("jobs", { id: problem.job })}>The job</a>`}
      </li>`)}
    </ul>`}
  <//>`;
}

const shortened = (text) => (text.length > 16 ? `${text.slice(0, 16)}…` : text);

/** The first digits of a decimal, with its power of ten. */
function shortDecimal(text) {
  const [digits, power] = text.split(/e/i);
  return `${digits.length > 18 ? `${digits.slice(0, 18)}…` : digits}${power === undefined ? "" : `e${power}`}`;
}
