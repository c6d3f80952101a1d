// Incumbent, bound and gap over time, and what each attempt did.

import { html } from "../../vendor/preact-htm.js";
import { clock, duration, short } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { place, setQuery } from "../../lib/router.js";
import { useSignal } from "../../lib/signal.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { CheckField } from "../../parts/field.js";
import { Empty } from "../../parts/notice.js";
import { gaps } from "./log.js";

const LEAST_LOG_S = 0.001;

export function Course({ job, log, best, resource }) {
  const { query } = useSignal(place);
  const isLog = query.log === "1";
  const isGapLog = query.gap === "log";
  const { course, switches, attempts } = log;
  const known = best.best_known ?? null;
  // A logarithmic axis has no zero.
  const at = (x) => (isLog ? Math.max(x, LEAST_LOG_S) : x);
  const xs = course.xs.map(at);
  const named = switches.length > 1 ? switches : [];
  const marks = [
    ...(known === null ? [] : [{ y: Number(known), label: "best known", colour: "muted" }]),
    // It goes on from the checkpoint: at the seconds that were used before it.
    ...attempts.slice(1, 12).map(({ x, attempt }) => ({ x: at(x), label: `attempt ${attempt}`, colour: "series-2" })),
    ...named.slice(0, 12).map(({ x, name }) => ({ x: at(x), label: name, colour: "series-4" })),
  ];
  return html`<${Card} title="Course" note="objective and bound over the seconds of the run" resource=${resource} rows=${12}
      actions=${html`<${CheckField} label="Logarithmic time" checked=${isLog} onInput=${(on) => setQuery({ log: on ? "1" : null })} />
        <${CheckField} label="Logarithmic gap" checked=${isGapLog} onInput=${(on) => setQuery({ gap: on ? "log" : null })} />`}>
    ${course.xs.length === 0 ? html`<div class="run-chart"><${Empty} title="No incumbent has been told yet." /></div>` : html`
      <${Chart} label="Objective and bound over time" data=${[xs, course.objectives, course.bounds]} height=${280} xLog=${isLog} yFormat=${short} xFormat=${seconds}
        series=${[{ label: "objective", colour: "series-1", steps: true }, { label: "bound", colour: "series-3", steps: true, dash: [6, 4] }]} marks=${marks} />
      <${Chart} label="Gap to the bound over time, in per cent" data=${[xs, isGapLog ? gaps(course).map(positive) : gaps(course)]} height=${130} xLog=${isLog} yLog=${isGapLog} xFormat=${seconds} yFormat=${(y) => `${Number(y.toPrecision(3))} %`}
        series=${[{ label: "gap to bound", colour: "series-2", steps: true, fill: true }]} />`}
    <${Attempts} attempts=${attempts} state=${job.state} />
  <//>`;
}

// What is closed has no place on a logarithmic axis.
const positive = (gap) => (gap > 0 ? gap : null);

const seconds = (x) => (x < 1 ? `${Number((x * 1000).toPrecision(3))} ms` : `${Number(x.toFixed(1))} s`);

function Attempts({ attempts }) {
  const now = useNow();
  if (attempts.length === 0) return null;
  const first = Date.parse(attempts[0].began);
  const last = Math.max(...attempts.map(({ ended }) => (ended ? Date.parse(ended) : now)));
  const span = Math.max(1, last - first);
  return html`<div class="attempts"><h3>Attempts</h3>
    ${attempts.map(({ attempt, worker, began, ended, how }) => {
      const from = ((Date.parse(began) - first) / span) * 100;
      const width = (((ended ? Date.parse(ended) : now) - Date.parse(began)) / span) * 100;
      return html`<div class="attempt" key=${attempt}>
        <span class="attempt-name">${attempt} <span class="card-note mono">${worker ?? ""}</span></span>
        <span class="attempt-lane" role="img" aria-label=${`Attempt ${attempt}, from ${clock(began)}, ${how ?? "running"}`}>
          <span class=${`attempt-bar ${how === null ? "attempt-live" : ""}`} style=${{ left: `${from}%`, width: `${Math.max(width, 0.5)}%` }}></span></span>
        <span class="attempt-how">${duration(((ended ? Date.parse(ended) : now) - Date.parse(began)) / 1000)} <${Badge} word=${how ?? "running"} /></span>
      </div>`;
    })}
  </div>`;
}
