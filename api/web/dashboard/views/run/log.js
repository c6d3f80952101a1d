// A run as its log tells it: the course, the attempts, the state. Bounded, pure.

import { FINAL } from "../../lib/job_state.js";
import { EMPTY, extend } from "./course.js";

const KEPT_EVENTS = 500;
const TOLD = ["objective", "bound", "bound_name", "gap_to_bound", "best_known", "gap_to_best_known", "iterations", "elapsed_s", "method", "termination", "fraction", "message", "eta_s", "counts"];

/** What is known before the first event. */
export const BLANK = { state: null, number: 0, epoch: null, course: EMPTY, latest: {}, permutation: null, attempts: [], switches: [], events: [], left: 0, end: null };

/**
 * What is known after one more event (a CloudEvent object). Of the events themselves the
 * last 500 are kept and all milestones; `left` counts those let go.
 */
export function withEvent(known, event) {
  const number = Number(event.sequence);
  const fresh = event.epoch !== known.epoch && known.epoch !== null ? BLANK : known;
  if (event.epoch === fresh.epoch && number <= fresh.number) return fresh;
  const data = event.data ?? {};
  const ended = event.type.startsWith("job.") && FINAL.has(event.type.slice(4)) ? event.type.slice(4) : null;
  const latest = { ...fresh.latest };
  for (const name of TOLD) if (data[name] !== undefined && data[name] !== null) latest[name] = data[name];
  const { events, left } = kept(fresh, event);
  return {
    state: ended ?? { "job.queued": "queued", "job.started": "running", "job.attempt_lost": "queued" }[event.type] ?? fresh.state,
    number, epoch: event.epoch,
    course: data.objective !== undefined || data.bound !== undefined ? extend(fresh.course, data) : fresh.course,
    latest,
    permutation: data.permutation ?? fresh.permutation,
    attempts: attemptsAfter(fresh, event, ended),
    switches: switchesAfter(fresh, event),
    events, left,
    end: ended ? event : fresh.end,
  };
}

/** Whether an event is kept for good: it is also a row in the service's database. */
const isMilestone = ({ type }) => !["job.progress", "job.incumbent", "job.bound", "batch.progress"].includes(type);

function kept({ events, left }, event) {
  const all = [...events, event];
  if (all.length <= KEPT_EVENTS) return { events: all, left };
  const oldest = all.findIndex((each) => !isMilestone(each));
  return oldest < 0 ? { events: all.slice(1), left: left + 1 } : { events: all.filter((_, index) => index !== oldest), left: left + 1 };
}

function attemptsAfter({ attempts, course }, { type, time, data }, ended) {
  if (type === "job.started") return [...attempts, { attempt: data.attempt, worker: data.worker ?? null, x: course.xs.at(-1) ?? 0, began: time, ended: null, how: null }];
  if (type !== "job.attempt_lost" && !(type === "job.queued" && attempts.length > 0) && ended === null) return attempts;
  const how = ended ?? (type === "job.attempt_lost" ? data.reason ?? "lost" : data.reason ?? "given back");
  return attempts.map((each, index) => (index === attempts.length - 1 && each.ended === null ? { ...each, ended: time, how } : each));
}

/** Where another method, or another island, found the incumbent: at most the last fifty. */
function switchesAfter({ switches }, { type, data }) {
  if (type !== "job.incumbent" || !data.method || data.elapsed_s === undefined) return switches;
  const name = data.island === undefined ? data.method : `${data.method} (${data.island})`;
  return switches.at(-1)?.name === name ? switches : [...switches, { name, x: data.elapsed_s }].slice(-50);
}

/** The gap to the bound at each point of a course, in per cent; null where none is known. */
export function gaps({ objectives, bounds }) {
  return objectives.map((objective, index) => {
    const bound = bounds[index];
    if (objective === null || bound === null || bound === undefined || objective === 0) return null;
    return (100 * (objective - bound)) / Math.abs(objective);
  });
}
