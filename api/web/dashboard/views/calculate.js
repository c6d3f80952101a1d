// LivePrecisionCalculator: values whose every digit is certain.

import { html, useState } from "../vendor/preact-htm.js";
import { calculate, failureOf, useCalculation } from "../lib/calculation.js";
import { amount, money, percent } from "../lib/format.js";
import { useFollow, useResource, useSeldom } from "../lib/hooks.js";
import { href } from "../lib/router.js";
import { useSignal } from "../lib/signal.js";
import { Card, Tile, Tiles } from "../parts/card.js";
import { Empty, ErrorNotice } from "../parts/notice.js";
import { RunProgress } from "../parts/run_progress.js";
import { AutoMode, rangeOf } from "./calculate/auto.js";
import { Question, parametersOf, questionOf } from "./calculate/form.js";
import { CertifiedNumber, milliseconds } from "./calculate/number.js";
import { History, Others, Problems, Trend } from "./calculate/records.js";
import { complain, entries, remember } from "./calculate/session.js";
import { Space } from "./calculate/space_card.js";
import { Sweep } from "./calculate/sweep.js";

const METRICS_MS = 30_000;
const TABS = { value: "One value", sweep: "A range, and convergence" };

export function View({ query }) {
  const tab = query.tab in TABS ? query.tab : "value";
  const question = questionOf(query);
  const range = rangeOf(query);
  return html`<div class="view-head"><h1>LivePrecisionCalculator</h1></div>
    <${Totals} />
    <nav class="tabs" aria-label="What to calculate">${Object.entries(TABS).map(([name, title]) => html`<a key=${name} aria-current=${name === tab ? "page" : undefined}
      href=${href("calculate", { query: { ...query, tab: name === "value" ? null : name } })}>${title}</a>`)}</nav>
    ${tab === "value" ? html`<${OneValue} question=${question} range=${range} query=${query} />` : html`<${Sweep} question=${question} range=${range} />`}
    <${History} />
    <div class="columns"><${Others} /><${Problems} /></div>`;
}

function OneValue({ question, range, query }) {
  const calculation = useCalculation();
  const [local, setLocal] = useState(null);
  const shown = useSignal(entries)[0];
  const what = (input) => `${question.expression} at x = ${input}`;

  const calculateNow = async () => {
    const { parameters, problem } = parametersOf(question);
    setLocal(problem ?? null);
    if (problem) return;
    const job = await calculation.run("evaluate", { parameters, time_s: 600 }, (failure, failed) => complain({ words: failure.message, suggestion: failure.suggestion, what: what(question.input), job: failed?.id }));
    if (job) remember(entryOf(job, question));
  };
  const calculateNext = async (input) => {
    const { parameters, problem } = parametersOf({ ...question, input });
    setLocal(problem ?? null);
    if (problem) return;
    try {
      const job = await calculate("evaluate", { parameters });
      const failure = failureOf(job);
      if (failure) complain({ words: failure.message, suggestion: failure.suggestion, what: what(input), job: job.id });
      else remember(entryOf(job, { ...question, input }, true));
    } catch (error) {
      complain({ words: error.message, suggestion: error.suggestion, what: what(input) });
    }
  };
  return html`<div class="side-by-side">
      <${Card} title="Calculate">
        <${Question} question=${question} error=${calculation.error} local=${local} onSubmit=${calculateNow}>
          <div class="row"><button type="submit" class="primary" disabled=${calculation.isRunning}>Calculate</button></div>
          <${RunProgress} run=${calculation} />
        <//>
        <${AutoMode} given=${range} onValue=${calculateNext} />
      <//>
      <${Card} title="Result">
        <${ErrorNotice} error=${calculation.error} />
        ${shown ? html`<${CertifiedNumber} entry=${shown} />` : html`<div class="certified"><${Empty} title="Nothing calculated yet.">Every digit of what you calculate is certain, and a second algorithm agrees with it.<//></div>`}
      <//>
    </div>
    <div class="columns"><${Trend} /><${Space} query=${query} question=${question} range=${range} shown=${shown} /></div>`;
}

/** What session.js keeps of an ended job. */
function entryOf(job, { expression, input }, isAuto = false) {
  return { id: job.id, at: Date.now(), expression, input: input.trim() === "" ? null : input, ms: job.result.elapsed_s * 1000, outcome: job.result.outcome, cached: job.cached_from !== null, isAuto };
}

function Totals() {
  const metrics = useResource("api/v1/metrics", { everyMs: METRICS_MS });
  useFollow("jobs", { onEvent: useSeldom(metrics.reload, 2000) });
  const told = metrics.data;
  return html`<${ErrorNotice} error=${told === null ? metrics.error : null} onRetry=${metrics.reload} />
    <${Tiles}>
      <${Tile} label="Total calculations" value=${amount(told?.total_calculations)} note=${told ? `${amount(told.last_24h_calculations)} in 24 hours` : null} />
      <${Tile} label="Average time" value=${milliseconds(told?.average_processing_time_ms)} note="of the last 1,000" />
      <${Tile} label="Success" value=${percent(told?.success_rate)} note="of the last 1,000" />
      <${Tile} label="Revenue" value=${money(told?.revenue_summary.total_revenue)} note=${told ? `${money(told.revenue_summary.projected_monthly)} a month at this pace` : null} />
    <//>`;
}
