// The page of one job: how it stands, its course, its log, its layout, its certificate.

import { html, useEffect, useMemo, useState } from "../vendor/preact-htm.js";
import { NONE, ago, amount, clock } from "../lib/format.js";
import { useFollow, useFrames, useNow, useResource } from "../lib/hooks.js";
import { FINAL } from "../lib/job_state.js";
import { href } from "../lib/router.js";
import { Badge } from "../parts/badge.js";
import { Card, Tile } from "../parts/card.js";
import { ErrorNotice, Loading } from "../parts/notice.js";
import { Tabs } from "../parts/tabs.js";
import { Acts } from "./run/acts.js";
import { Certificate } from "./run/certificate.js";
import { Course } from "./run/course_card.js";
import { Events } from "./run/events.js";
import { BLANK, withEvent } from "./run/log.js";
import { OtherKind, isSolve } from "./run/other_kinds.js";
import { Layout } from "./run/layout.js";
import { StandingTiles } from "./run/standing.js";

const TABS = { course: "Course", events: "Events", layout: "Layout", space: "In space", certificate: "Certificate" };

export function RunPage({ id, query }) {
  const [log, change] = useFrames(BLANK);
  const [refusal, setRefusal] = useState(null);
  // What has ended never changes.
  const [isOver, setIsOver] = useState(false);
  const job = useResource(`v1/jobs/${id}`, { everyMs: isOver ? null : 10_000 });
  useEffect(() => setIsOver(FINAL.has(job.data?.state)), [job.data?.state]);
  useFollow(`job:${id}`, {
    after: 0,
    onEvent: (event) => change((old) => withEvent(old, event)),
    onEnd: job.reload,
    onError: ({ message, problem }) => setRefusal({ message: problem?.detail ?? message, suggestion: problem?.suggestion }),
  });
  useEffect(() => { if (FINAL.has(log.state)) job.reload(); }, [log.state]);

  if (job.data === null) {
    return html`<div class="view-head"><h1>Run</h1></div>
      ${job.error ? html`<${ErrorNotice} error=${job.error} onRetry=${job.reload} />` : html`<${Loading} rows=${8} />`}`;
  }
  return html`<${Shown} job=${job.data} resource=${job} log=${log} query=${query} refusal=${refusal} />`;
}

function Shown({ job, resource, log, query, refusal }) {
  const state = FINAL.has(job.state) ? job.state : log.state ?? job.state;
  const tab = TABS[query.tab] ? query.tab : "course";
  const best = FINAL.has(job.state) && job.result ? job.result : { ...job.progress, ...log.latest };
  const told = best.permutation ?? log.permutation;
  // The same assignment told again is drawn once.
  const permutation = useMemo(() => told, [told?.join()]);
  return html`<div class="view-head"><h1>${titleOf(job)}</h1><span role="status"><${Badge} word=${state} /></span>
      <${Acts} job=${job} state=${state} log=${log} onChange=${resource.reload} /></div>
    <${ErrorNotice} error=${resource.error} />
    <${ErrorNotice} error=${job.error} />
    <${ErrorNotice} error=${refusal} />
    <${Reproduction} job=${job} />
    ${isSolve(job) ? html`<${Standing} job=${job} state=${state} best=${best} />
      <${Tabs} label="Parts of the run" view="jobs" id=${job.id} tabs=${TABS} tab=${tab} />
      ${tab === "course" && html`<${Course} job=${job} log=${log} best=${best} resource=${resource} /><${Wish} job=${job} />`}
      ${tab === "events" && html`<${Events} id=${job.id} log=${log} />`}
      ${tab === "layout" && html`<${Layout} instance=${job.instance} permutation=${permutation} />`}
      ${tab === "space" && html`<${Space} job=${job} permutation=${permutation} />`}
      ${tab === "certificate" && html`<${Certificate} job=${job} />`}`
    : html`<${OtherKind} job=${job} log=${log} resource=${resource} /><${Wish} job=${job} /><${Events} id=${job.id} log=${log} />`}`;
}

function titleOf(job) {
  if (job.instance) return job.instance.name ?? `Instance ${job.instance.sha256.slice(0, 8)}`;
  return { batch: "Batch", benchmark: "Benchmark", calculate: `Calculation: ${job.method}` }[job.kind] ?? job.kind;
}

function Standing({ job, state, best }) {
  const now = useNow();
  return html`<${StandingTiles} job=${job} state=${state} best=${{ ...best, objective: best.objective ?? job.summary?.objective }} began=${job.started_at}>
    <${Tile} label="Attempt" value=${amount(job.attempt)} note=${job.attempt > 1 ? "it went on elsewhere" : null} tone=${job.attempt > 1 ? "warn" : ""} />
    <${Tile} label="Sent" value=${ago(job.created_at, now)} note=${job.waiting?.position && state === "queued" ? `place ${amount(job.waiting.position)} in ${job.queue}` : job.queue} />
  <//>`;
}

function Reproduction({ job }) {
  const verdict = job.result?.reproduction;
  if (!verdict) return null;
  const isSame = verdict.verdict === "match";
  return html`<p class=${`notice ${isSame ? "notice-good" : "notice-bad"}`} role="status">
    <strong>${isSame ? "Reproduced: the runs match." : "The runs differ."}</strong>
    ${" "}It repeats <a href=${href("jobs", { id: job.origin_id })}>${job.origin_id?.slice(0, 12)}</a>. ${verdict.differences?.join(", ") ?? verdict.reason ?? ""}</p>`;
}

/** What was asked for, as it was sent. */
function Wish({ job }) {
  const given = Object.entries(job.parameters ?? {});
  const limits = Object.entries(job.limits ?? {}).filter(([, value]) => value !== null && value !== undefined);
  const written = (value) => (typeof value === "object" ? JSON.stringify(value, (_, each) => (typeof each === "bigint" ? String(each) : each)) : String(value));
  return html`<${Card} title="What was asked for">
    <dl class="pairs">
      <dt>Job</dt><dd class="mono">${job.id}</dd>
      <dt>Kind</dt><dd>${job.kind}${job.islands ? `, ${job.islands} islands` : ""}${job.portfolio ? `: ${job.portfolio.join(", ")}` : ""}</dd>
      ${job.instance && html`<dt>Instance</dt><dd>${job.instance.name ?? NONE}, n = ${job.instance.order} <span class="mono card-note">${job.instance.sha256}</span></dd>`}
      ${job.method && html`<dt>Method</dt><dd>${job.method}</dd>`}
      ${job.seed !== null && html`<dt>Seed</dt><dd>${String(job.seed)}</dd>`}
      ${limits.length > 0 && html`<dt>Limits</dt><dd>${limits.map(([name, value]) => `${name} = ${written(value)}`).join(", ")}</dd>`}
      ${given.length > 0 && html`<dt>Parameters</dt><dd>${given.map(([name, value]) => `${name} = ${written(value)}`).join(", ")}</dd>`}
      <dt>Sent</dt><dd>${clock(job.created_at)}</dd>
      ${job.started_at && html`<dt>Began</dt><dd>${clock(job.started_at)}</dd>`}
      ${job.finished_at && html`<dt>Ended</dt><dd>${clock(job.finished_at)}</dd>`}
      ${job.parent && html`<dt>Part of</dt><dd><a href=${href("jobs", { id: job.parent })}>${job.parent}</a></dd>`}
      ${job.origin_id && html`<dt>Made by</dt><dd>${job.origin} of <a href=${href("jobs", { id: job.origin_id })}>${job.origin_id}</a></dd>`}
      ${job.cached_from && html`<dt>Answered by</dt><dd><a href=${href("jobs", { id: job.cached_from })}>${job.cached_from}</a></dd>`}
    </dl>
  <//>`;
}

/** The 3D view: its library is large, and loaded when somebody first opens this. */
function Space({ job, permutation }) {
  const [Part, setPart] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    import("./run/space.js").then((module) => setPart(() => module.Space), setError);
  }, []);
  if (error) return html`<${ErrorNotice} error=${{ message: "The 3D view cannot be loaded.", suggestion: "Reloading the page may help." }} />`;
  return Part ? html`<${Part} instance=${job.instance} permutation=${permutation} />` : html`<${Loading} rows=${10} />`;
}
