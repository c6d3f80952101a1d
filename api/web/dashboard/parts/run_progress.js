// How far a calculation is that has not ended, and the way to end it.

import { html } from "../vendor/preact-htm.js";
import { amount, duration, percent } from "../lib/format.js";
import { href } from "../lib/router.js";

/** `run` is what useCalculation returns. Holds its place, so that nothing jumps. */
export function RunProgress({ run }) {
  const { isRunning, job, progress, cancel } = run;
  const share = progress?.fraction ?? null;
  return html`<div class="run-progress" role="status">
    ${isRunning && html`<div class="row">
      <progress max="1" value=${share ?? undefined} aria-label="How far it is"></progress>
      <span class="card-note">${words(job, progress)}</span>
      ${job && html`<button type="button" onClick=${cancel}>Cancel</button><a href=${href("jobs", { id: job.id })}>The job</a>`}
    </div>`}
  </div>`;
}

function words(job, progress) {
  if (!job) return "Sending.";
  if (!progress) return job.waiting ? `Waiting, place ${amount(job.waiting.position)}.` : "Calculating.";
  const left = progress.eta_s ? `, ${duration(progress.eta_s)} left` : "";
  return `${percent(progress.fraction ?? 0, 0)}${left}${progress.message ? `: ${progress.message}` : ""}`;
}
