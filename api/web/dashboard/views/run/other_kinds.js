// Jobs that are no single search: batches and benchmarks by their children, calculations
// by what came out.

import { html } from "../../vendor/preact-htm.js";
import { amount, duration, percent } from "../../lib/format.js";
import { useAction } from "../../lib/hooks.js";
import { endedOf } from "../../lib/job_state.js";
import { stringify } from "../../lib/numbers.js";
import { href } from "../../lib/router.js";
import { save } from "../../lib/http.js";
import { Card, Tile, Tiles } from "../../parts/card.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";

/** Whether one search, or several that work on one instance, is what the job does. */
export const isSolve = ({ kind }) => kind === "solve" || kind === "islands";

export function OtherKind({ job, log, resource }) {
  if (job.kind === "calculate") return html`<${Calculation} job=${job} log=${log} resource=${resource} />`;
  const counts = { ...job.counts, ...log.latest.counts };
  const ended = endedOf(counts);
  return html`<${Tiles}>
      <${Tile} label="Children" value=${amount(counts.total)} href=${href("jobs", { query: { parent: job.id } })} note="show them" />
      <${Tile} label="Ended" value=${amount(ended)} note=${counts.total ? percent(ended / counts.total, 0) : null} />
      <${Tile} label="Running" value=${amount(counts.running)} />
      <${Tile} label="Failed" value=${amount(counts.failed)} tone=${counts.failed > 0 ? "bad" : ""} />
    <//>
    <${Card} title="Progress" resource=${resource}>
      <div class="meter" role="img" aria-label=${`${amount(ended)} of ${amount(counts.total)} have ended`}><span style=${{ width: `${counts.total ? (100 * ended) / counts.total : 0}%` }}></span></div>
      <p>${job.kind === "benchmark" ? html`<a href=${href("benchmarks", { id: job.id })}>Its report, live</a> · ` : ""}<a href=${href("jobs", { query: { parent: job.id } })}>Its children</a></p>
    <//>`;
}

function Calculation({ job, log, resource }) {
  const { result } = job;
  const copy = useAction(() => navigator.clipboard.writeText(stringify(result.outcome, 2)));
  const share = log.latest.fraction ?? job.progress?.fraction;
  return html`<${Card} title="Outcome" resource=${resource} note=${result ? `in ${duration(result.elapsed_s)}` : null}
      actions=${result && html`<button type="button" onClick=${() => copy.run()}>Copy</button>
        <button type="button" onClick=${() => save(stringify(result.outcome, 2), `${job.id}.json`, "application/json")}>Save</button>`}>
    <${ErrorNotice} error=${copy.error} />
    ${result ? html`<pre tabindex="0" aria-label="Outcome">${stringify(result.outcome, 2)}</pre>`
      : job.error ? null
      : html`<${Empty} title=${share === undefined ? "Nothing yet." : `${percent(share, 0)} done`}>${log.latest.message ?? ""}<//>`}
  <//>`;
}
