// One delivery, with all its attempts.

import { html } from "../../vendor/preact-htm.js";
import { NONE, clock, duration } from "../../lib/format.js";
import { useAction, useNow, useResource } from "../../lib/hooks.js";
import { post } from "../../lib/http.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { ErrorNotice, Loading } from "../../parts/notice.js";
import { TONES, nextIn } from "./deliveries.js";

export function DeliveryPage({ id }) {
  const delivery = useResource(`v1/deliveries/${id}`, { everyMs: 3000 });
  const resend = useAction(async () => { await post(`v1/deliveries/${id}/resend`); await delivery.reload(); });
  const now = useNow();
  const told = delivery.data;
  if (!told) return html`<div class="view-head"><h1>Delivery</h1></div><${ErrorNotice} error=${delivery.error} onRetry=${delivery.reload} />${!delivery.error && html`<${Loading} rows=${6} />`}`;
  return html`<div class="view-head"><h1>${told.event_type} <${Badge} word=${told.state} tone=${TONES[told.state]} /></h1>
      <a href=${href("webhooks", { id: told.endpoint_id })}>Its webhook</a></div>
    <${Card} title="Delivery" resource=${delivery} actions=${html`<button type="button" disabled=${resend.isRunning} onClick=${() => resend.run()}>Send again</button>`}>
      <${ErrorNotice} error=${resend.error} />
      <dl class="pairs">
        <dt>Id</dt><dd><code>${told.id}</code> (the webhook-id)</dd>
        <dt>Event</dt><dd><code>${told.event_id}</code></dd>
        ${told.job_id && html`<dt>Job</dt><dd><a href=${href("jobs", { id: told.job_id })}>${told.job_id}</a></dd>`}
        <dt>Owed since</dt><dd>${clock(told.created_at)}</dd>
        <dt>Next attempt</dt><dd>${told.next_attempt_at ? `${nextIn(told.next_attempt_at, now)} (${clock(told.next_attempt_at)})` : NONE}</dd>
        <dt>Ended</dt><dd>${clock(told.finished_at)}</dd>
      </dl>
    <//>
    <${Card} title="Attempts" note="with the first KiB of each answer">
      ${told.attempts.length === 0 ? html`<p class="card-note">None yet.</p>` : html`<ul class="plain">${[...told.attempts].reverse().map((attempt) => html`<${Attempt} key=${attempt.number} attempt=${attempt} />`)}</ul>`}
    <//>`;
}

function Attempt({ attempt }) {
  const isGood = attempt.status_code >= 200 && attempt.status_code < 300;
  return html`<li class="line line-tall">
    <${Badge} word=${`${attempt.number}`} tone="calm" />
    <${Badge} word=${attempt.status_code ?? "no answer"} tone=${isGood ? "good" : "bad"} />
    <span class="line-words"><span>${clock(attempt.started_at)}, ${duration(attempt.duration_ms / 1000)}, by ${attempt.trigger}</span>
      ${attempt.error && html`<span>${attempt.error}</span>`}
      ${attempt.next_attempt_at && html`<span class="card-note">the next was to come at ${clock(attempt.next_attempt_at)}</span>`}
      ${attempt.response_head && html`<details><summary>Answer</summary><pre tabindex="0">${attempt.response_head}</pre></details>`}</span>
  </li>`;
}
