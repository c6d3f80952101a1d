// What a row of the list says, of a job as it was listed and of what was told of it since.
// Pure.

import { isFinal } from "../../lib/job_state.js";

/** Keep what an event says of a job, over what is kept of it already. */
export function keepEvent(told, event) {
  const id = event.subject;
  const before = told.get(id) ?? {};
  const { data } = event;
  const state = STATE_AFTER[event.type];
  const after = { ...before, time: event.time };
  if (state) after.state = state;
  if (event.type === "job.started") after.started_at = event.time;
  if (END.has(event.type)) after.finished_at = event.time;
  for (const name of ["objective", "bound", "gap_to_bound", "gap_to_best_known", "elapsed_s", "method", "counts"]) {
    if (data?.[name] !== undefined && data[name] !== null) after[name] = data[name];
  }
  return new Map(told).set(id, after);
}

const STATE_AFTER = {
  "job.queued": "queued", "job.started": "running", "job.succeeded": "succeeded", "job.failed": "failed",
  "job.cancelled": "cancelled", "job.expired": "expired", "batch.completed": "succeeded", "benchmark.completed": "succeeded",
};
const END = new Set(["job.succeeded", "job.failed", "job.cancelled", "job.expired", "batch.completed", "benchmark.completed"]);

/** The types that change a row. */
export const TYPES = ["job.queued", "job.started", "job.progress", "job.incumbent", "job.bound", "job.succeeded", "job.failed", "job.cancelled", "job.expired", "batch.progress", "batch.completed", "benchmark.completed"];

/** One row: what the columns show. `news` is what keepEvent kept of the job, if anything. */
export function rowOf(job, news = {}, now = Date.now()) {
  const progress = job.progress ?? {};
  const summary = job.summary ?? {};
  const state = isFinal(job.state) ? job.state : news.state ?? job.state;
  const first = (...values) => values.find((value) => value !== undefined && value !== null) ?? null;
  const startedAt = first(job.started_at, news.started_at);
  const finishedAt = first(job.finished_at, isFinal(state) ? news.finished_at : null);
  const started = startedAt && (finishedAt ? Date.parse(finishedAt) : now) - Date.parse(startedAt);
  return {
    id: job.id,
    state,
    kind: job.kind,
    method: job.method,
    instance: job.instance,
    objective: first(summary.objective, news.objective, progress.objective),
    gapToBest: first(news.gap_to_best_known, progress.gap_to_best_known, summary.gap_to_best_known, hasKnown(job) ? summary.gap : null),
    gapToBound: first(news.gap_to_bound, progress.gap_to_bound, summary.gap_to_bound, hasKnown(job) ? null : summary.gap),
    elapsed: started === null ? null : Math.max(0, started / 1000),
    counts: news.counts ?? job.counts,
    createdAt: job.created_at,
    wish: job.cancel_requested && !isFinal(state),
  };
}

// A summary's gap is to the best known objective where there is one, which only instances
// of the library have.
const hasKnown = (job) => Boolean(job.instance?.name);

/** How many of the newest jobs are not among those that are shown. */
export function newSince(head, shown) {
  const known = new Set(shown.map((job) => job.id));
  return head.filter((job) => !known.has(job.id)).length;
}
