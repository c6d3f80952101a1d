// One run as it goes: incumbent, bound, gap, course; then what came out.

import { html, useEffect } from "../../vendor/preact-htm.js";
import { amount, duration, short } from "../../lib/format.js";
import { useAction, useFollow, useFrames, useResource } from "../../lib/hooks.js";
import { post } from "../../lib/http.js";
import { isFinal } from "../../lib/job_state.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";
import { BLANK, withEvent } from "../run/log.js";
import { StandingTiles } from "../run/standing.js";

export function LiveRun({ id }) {
  const job = useResource(`v1/jobs/${id}`, { everyMs: 5000 });
  const [log, change] = useFrames(BLANK);
  const cancel = useAction(() => post(`v1/jobs/${id}/cancel`, {}));
  useFollow(`job:${id}`, {
    after: 0,
    onSnapshot: (state) => state?.state && change((old) => ({ ...old, state: state.state })),
    onEvent: (event) => change((old) => withEvent(old, event)),
    onEnd: () => job.reload(),
  });
  useEffect(() => { if (isFinal(log.state)) job.reload(); }, [log.state]);

  const told = job.data;
  const state = isFinal(told?.state) ? told.state : log.state ?? told?.state;
  const isOver = isFinal(state);
  const best = isOver && told?.result ? told.result : { ...told?.progress, ...log.latest };
  const { xs, objectives, bounds } = log.course;
  const known = best.best_known ?? null;
  return html`<${Card} title="Run" class="live-run" resource=${{ ...job, isLoading: false, data: told ?? {} }}
      note=${html`<span role="status">${state && html`<${Badge} word=${state} />`} ${noteOf(told, state)}</span>`}
      actions=${html`<a class="button" href=${href("jobs", { id })}>Open the run</a>
        ${!isOver && html`<button type="button" disabled=${cancel.isRunning || told?.cancel_requested} onClick=${() => cancel.run()}>Stop</button>`}`}>
    <${ErrorNotice} error=${cancel.error} />
    <${StandingTiles} job=${told} state=${state} best=${best} began=${told?.started_at ?? log.attempts.at(-1)?.began} />
    ${xs.length > 1
      ? html`<${Chart} label="Objective and bound over the seconds of the run" data=${[xs, objectives, bounds]} height=${240} yFormat=${short} xFormat=${duration}
          series=${[{ label: "objective", colour: "series-1", steps: true, format: amount }, { label: "bound", colour: "series-3", steps: true, dash: [6, 4] }]}
          marks=${known === null ? [] : [{ y: Number(known), label: "best known", colour: "muted" }]} />`
      : html`<div class="chart-place"><${Empty} title=${isOver ? "It ended with its first incumbent." : state === "queued" ? "Waiting for a worker." : "The first incumbent is on its way."} /></div>`}
    ${told?.error && html`<${ErrorNotice} error=${told.error} />`}
    ${isOver && told?.result && html`<${Result} id=${id} result=${told.result} cachedFrom=${told.cached_from} />`}
  <//>`;
}

function noteOf(job, state) {
  if (!job) return "";
  const what = job.instance ? `${job.instance.name ?? job.instance.sha256.slice(0, 8)}, n = ${job.instance.order}` : "";
  const place = state === "queued" && job.waiting?.position ? `, place ${amount(job.waiting.position)}` : "";
  return `${what}${place}`;
}

function Result({ id, result, cachedFrom }) {
  const permutation = result.permutation ?? [];
  return html`<div class="result">
    <h3>Result</h3>
    ${cachedFrom && html`<p class="card-note">Answered from equal work: <a href=${href("jobs", { id: cachedFrom })}>${cachedFrom.slice(0, 12)}</a>.</p>`}
    <p class="card-note">Facility i goes to location π(i), counted from 0:</p>
    <pre tabindex="0" aria-label="Permutation" class="permutation">${permutation.slice(0, 256).join(" ")}${permutation.length > 256 ? " …" : ""}</pre>
    <p><a href=${href("jobs", { id })}>Certificate, course and all about this run</a></p>
  </div>`;
}
