// Calculations are jobs: asked for, followed until they end, and cancelled.

import { useCallback, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { get, post, submit } from "./http.js";
import { FINAL } from "./job_state.js";
import { follow } from "./live.js";

/** How often an unfinished job is asked for itself, in case no event comes through. */
const LOOK_MS = 3000;

export const isFinal = (job) => FINAL.has(job.state);

/** What a job that failed says, in the shape that notices take; null if it did not. */
export function failureOf(job) {
  if (job.error) return { message: job.error.message, suggestion: job.error.suggestion, errors: [] };
  if (job.state === "expired") return { message: "It waited longer than it was allowed to.", errors: [] };
  if (job.state === "cancelled" && !job.result?.outcome) return { message: "It was cancelled before it had a result.", errors: [] };
  return null;
}

/**
 * Ask for a calculation and wait for its end, which is returned as a job. `onJob(job)`
 * is told the job when it is accepted, `onProgress({ fraction, eta_s, message })` of
 * longer ones how far they are. Throws Problem, Unreachable, or AbortError: then the
 * job goes on, but nobody waits for it.
 */
export async function calculate(name, body, { onJob, onProgress, signal } = {}) {
  const job = await submit(`v1/calculations/${name}`, body, { headers: { Prefer: "wait=1" }, signal });
  onJob?.(job);
  return isFinal(job) ? job : ending(job.id, { onProgress, signal });
}

function ending(id, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    let isAsking = false;
    const settle = (act, value) => {
      clearInterval(timer);
      unfollow();
      signal?.removeEventListener("abort", abort);
      act(value);
    };
    const abort = () => settle(reject, signal.reason);
    const look = async () => {
      if (isAsking) return;
      isAsking = true;
      try {
        const job = await get(`v1/jobs/${id}`, undefined, { signal });
        if (isFinal(job)) settle(resolve, job);
        else if (job.progress) onProgress?.(job.progress);
      } catch (error) {
        // Unreachable: the job goes on without us, and we ask again.
        if (error.name === "Problem") settle(reject, error);
      } finally {
        isAsking = false;
      }
    };
    const timer = setInterval(look, LOOK_MS);
    const unfollow = follow(`job:${id}`, {
      onSnapshot: (state) => state?.progress && onProgress?.(state.progress),
      onEvent: (event) => event.type === "job.progress" && onProgress?.(event.data),
      onEnd: look,
    });
    signal?.addEventListener("abort", abort);
  });
}

/**
 * One calculation at a time, for a form: { run(name, body), cancel(), job, progress,
 * error, isRunning }. `run` returns the ended job, or undefined if it failed: then
 * `onFailure(error, job?)` was told. A new run leaves the one before it alone.
 */
export function useCalculation() {
  const [state, setState] = useState({ job: null, progress: null, error: null, isRunning: false });
  const controller = useRef(null);
  useEffect(() => () => controller.current?.abort(), []);

  const run = useCallback(async (name, body, onFailure) => {
    controller.current?.abort();
    const own = new AbortController();
    controller.current = own;
    const change = (changes) => controller.current === own && setState((old) => ({ ...old, ...changes }));
    change({ job: null, progress: null, error: null, isRunning: true });
    try {
      const job = await calculate(name, body, {
        signal: own.signal,
        onJob: (accepted) => change({ job: accepted }),
        onProgress: (progress) => change({ progress }),
      });
      const error = failureOf(job);
      change({ job, error, isRunning: false });
      if (error) onFailure?.(error, job);
      return job.result?.outcome ? job : undefined;
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      change({ error, isRunning: false });
      onFailure?.(error);
      return undefined;
    }
  }, []);

  const id = state.job?.id;
  const cancel = useCallback(async () => {
    try {
      await post(`v1/jobs/${id}/cancel`, {});
    } catch (error) {
      setState((old) => ({ ...old, error }));
    }
  }, [id]);
  return { ...state, run, cancel };
}
