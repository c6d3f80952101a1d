// Numbers of requests, the breakers, and what is cached.

import { html, useState } from "../../vendor/preact-htm.js";
import { amount, clock, duration, percent } from "../../lib/format.js";
import { useAction, useResource } from "../../lib/hooks.js";
import { post } from "../../lib/http.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { ConfirmButton } from "../../parts/dialog.js";
import { ErrorNotice } from "../../parts/notice.js";

const ms = (value) => duration(value === undefined ? null : value / 1000);

export function Requests() {
  const numbers = useResource("metrics", { everyMs: 5000 });
  const status = useResource("admin/status", { everyMs: 10_000 });
  const [words, setWords] = useState(null);
  const reset = useAction(async () => { setWords((await post("admin/circuit-breaker/reset")).message); await status.reload(); });
  const clear = async () => { setWords((await post("admin/clear")).message); await status.reload(); };
  const http = numbers.data;
  const told = status.data;
  return html`<div class="columns">
    <${Card} title="Requests" note=${http && !http.shared ? "of the process that answers" : "of all processes"} rows=${8} resource=${numbers}>
      ${http && html`<dl class="pairs">
        <dt>A second</dt><dd>${amount(http.requests_per_second)}</dd>
        <dt>In all</dt><dd>${amount(http.total_requests)}, ${amount(http.total_errors)} of them errors (${amount(http.error_rate)} %)</dd>
        <dt>Answered within</dt><dd>half ${ms(http.p50_ms)}, 95 % ${ms(http.p95_ms)}, 99 % ${ms(http.p99_ms)}</dd>
        <dt>Followers</dt><dd>${amount(http.stream_clients)} streams and sockets</dd>
        <dt>By status</dt><dd>${Object.entries(http.status_counts).map(([code, count]) => `${code}: ${amount(count)}`).join(", ") || "none yet"}</dd>
        <dt>Webhooks</dt><dd>${Object.entries(http.webhook_attempts).map(([name, count]) => `${name}: ${amount(count)}`).join(", ") || "none yet"}</dd>
      </dl>`}
    <//>
    <${Card} title="Breakers and caches" rows=${8} resource=${status}>
      ${told && html`<dl class="pairs">
        <dt>Circuit</dt><dd><${Badge} word=${told.circuit_breaker.state} tone=${told.circuit_breaker.state === "closed" ? "good" : "bad"} /> ${told.circuit_breaker.failures} of ${told.circuit_breaker.threshold} failures${told.circuit_breaker.last_failure ? `, the last ${clock(told.circuit_breaker.last_failure)}` : ""}</dd>
        <dt>Cached results</dt><dd>${amount(told.cache.size)} of ${amount(told.cache.max_size)} in ${told.cache.backend}</dd>
        <dt>Hits</dt><dd>${amount(told.cache.total_hits)} of ${amount(told.cache.total_hits + told.cache.total_misses)} (${percent(told.cache.hit_rate)})</dd>
        <dt>Memory</dt><dd>${amount(told.memory.rss_mb)} MB of the process that answers</dd>
        <dt>Callers counted</dt><dd>${amount(told.rate_limiter.active_buckets)}</dd>
      </dl>
      <div class="row"><button type="button" disabled=${reset.isRunning} onClick=${() => reset.run()}>Reset the breakers</button>
        <${ConfirmButton} word="Clear caches" confirmWord="Clear caches and counts" question="Results that are cached and all that was counted are forgotten. Jobs, results and events stay." onConfirm=${clear} /></div>`}
      ${words && html`<p role="status">${words}</p>`}
      <${ErrorNotice} error=${reset.error} />
    <//>
  </div>`;
}
