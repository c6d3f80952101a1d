// One benchmark: how far it is, and what its runs show so far.

import { html, useEffect, useMemo, useRef } from "../../vendor/preact-htm.js";
import { amount, clock, duration, percent } from "../../lib/format.js";
import { useFollow, useFrames, useResource } from "../../lib/hooks.js";
import { download, post, save } from "../../lib/http.js";
import { endedOf, FINAL } from "../../lib/job_state.js";
import { stringify } from "../../lib/numbers.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card, Tile, Tiles } from "../../parts/card.js";
import { ConfirmButton } from "../../parts/dialog.js";
import { Empty, ErrorNotice, Loading } from "../../parts/notice.js";
import { Boxes } from "./boxes.js";
import { GapByOrder, GapsAtEnd, Profile, RunTimes, TimeToTarget, colourOf } from "./curves.js";
import { useRuns } from "./runs.js";
import { ByInstance, Comparisons, Contenders, Runs } from "./tables.js";

const RENEW_MS = 3000;

export function Benchmark({ id }) {
  const family = useResource(`v1/benchmarks/${id}`, { everyMs: 15_000 });
  const report = useResource(`v1/benchmarks/${id}/report`);
  const { runs, isCut, error, reload: reloadRuns } = useRuns(id);
  const [counts, setCounts] = useFrames(null);
  const timer = useRef(null);
  const renewAll = () => {
    timer.current = null;
    report.reload();
    reloadRuns();
    family.reload();
  };
  // Counts come twice a second; what is made of the runs is asked for less often.
  const renewSoon = () => { timer.current ??= setTimeout(renewAll, RENEW_MS); };
  useEffect(() => () => clearTimeout(timer.current), []);
  useFollow(`benchmark:${id}`, {
    onEvent: (event) => {
      if (event.data.counts) setCounts(() => event.data.counts);
      renewSoon();
    },
    onEnd: renewSoon,
  });

  const told = family.data;
  if (!told) return html`${family.error ? html`<${ErrorNotice} error=${family.error} onRetry=${family.reload} />` : html`<${Loading} rows=${8} />`}`;
  const isFinal = FINAL.has(told.state);
  const shown = isFinal ? told.counts : counts ?? told.counts;
  const numbers = report.data?.report;
  return html`<${Head} id=${id} told=${told} isFinal=${isFinal} numbers=${numbers} onCancelled=${renewAll} />
    <${ErrorNotice} error=${told.error ?? report.error ?? error} />
    <${Progress} counts=${shown} told=${told} />
    ${numbers && numbers.contenders.length > 0 ? html`<${Findings} id=${id} numbers=${numbers} runs=${runs} isCut=${isCut} />`
      : html`<${Card} title="Findings"><${Empty} title="No run has ended yet.">Plots and tables appear with the first runs that end.<//><//>`}
    <${Runs} id=${id} runs=${runs} isCut=${isCut} />`;
}

function Head({ id, told, isFinal, numbers, onCancelled }) {
  const cancel = async () => {
    await post(`v1/benchmarks/${id}/cancel`, {});
    onCancelled();
  };
  return html`<div class="view-head"><h1>Benchmark <span class="mono">${id.slice(0, 12)}</span></h1><${Badge} word=${told.state} />
    <span class="row"><a href=${href("benchmarks")}>All benchmarks</a>
      <button type="button" disabled=${!numbers} onClick=${() => download(`v1/benchmarks/${id}/report`, `${id}.csv`, { accept: "text/csv" })}>CSV</button>
      <button type="button" disabled=${!numbers} onClick=${() => save(stringify(numbers, 2), `${id}.json`, "application/json")}>JSON</button>
      <button type="button" onClick=${() => download(`v1/benchmarks/${id}/results`, `${id}.ndjson`)}>Runs</button>
      <a class="button" href=${href("jobs", { id })}>The job</a>
      ${!isFinal && html`<${ConfirmButton} word="Cancel" confirmWord="Cancel the benchmark" question="Runs that wait never run; those that run keep their incumbents. The report tells of what has ended." onConfirm=${cancel} />`}</span></div>`;
}

function Progress({ counts, told }) {
  const ended = endedOf(counts);
  return html`<${Tiles}>
      <${Tile} label="Runs ended" value=${`${amount(ended)} of ${amount(counts.total)}`} note=${percent(counts.total ? ended / counts.total : 0, 0)} />
      <${Tile} label="Running now" value=${amount(counts.running)} note=${`${amount(counts.waiting + counts.queued)} wait`} />
      <${Tile} label="Failed" value=${amount(counts.failed)} tone=${counts.failed > 0 ? "bad" : ""} note=${counts.cancelled + counts.expired > 0 ? `${amount(counts.cancelled + counts.expired)} cancelled or expired` : null} />
      <${Tile} label="Solving" value=${duration(told.solving_s)} note=${`since ${clock(told.created_at)}`} />
    <//>`;
}

function Findings({ id, numbers, runs, isCut }) {
  const { contenders, cells, comparisons } = numbers;
  const labels = contenders.map(({ contender }) => contender);
  // Runs know their method, not the name that it was given here.
  const named = useMemo(() => [...new Set(runs.map(({ label }) => label))].sort((a, b) => rank(labels, a) - rank(labels, b)), [runs, labels.join()]);
  const groups = named.map((label, index) => ({ label, colour: colourOf(index), values: runs.filter((run) => run.label === label && run.gap !== null).map(({ gap }) => gap) }));
  return html`<div class="columns"><${Profile} contenders=${contenders} /><${TimeToTarget} contenders=${contenders} /></div>
    <${Contenders} contenders=${contenders} cells=${cells} />
    <div class="columns"><${Card} title="Gap by method" note=${isCut ? "newest 2,000 runs" : "each dot is a run"}><${Boxes} label="Gap by method" groups=${groups} /><//>
      <${GapByOrder} runs=${runs} labels=${named} /></div>
    <div class="columns"><${GapsAtEnd} runs=${runs} labels=${named} /><${RunTimes} runs=${runs} labels=${named} /></div>
    <${ByInstance} id=${id} cells=${cells} labels=${labels} runs=${runs} />
    <${Comparisons} comparisons=${comparisons} />`;
}

const rank = (labels, label) => (labels.includes(label) ? labels.indexOf(label) : labels.length);
