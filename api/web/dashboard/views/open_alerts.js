// Alerts that are open, and saying that one has seen them.

import { html } from "../vendor/preact-htm.js";
import { ago, clock } from "../lib/format.js";
import { useAction, useFollow, useNow, useResource, useSeldom } from "../lib/hooks.js";
import { post } from "../lib/http.js";
import { href } from "../lib/router.js";
import { Badge } from "../parts/badge.js";
import { Card } from "../parts/card.js";
import { Empty, ErrorNotice } from "../parts/notice.js";

export function OpenAlerts() {
  const alerts = useResource("v1/alerts", { query: { state: "open", limit: 20 }, everyMs: 30_000 });
  const renew = useSeldom(alerts.reload);
  useFollow("alerts", { onEvent: renew });
  const acknowledge = useAction(async (id) => {
    await post(`v1/alerts/${id}/acknowledge`, {});
    await alerts.reload();
  });
  const now = useNow(5000);
  const items = alerts.data?.items ?? [];
  return html`<${Card} title="Alerts" rows=${5} resource=${alerts} actions=${html`<a href=${href("providers", { query: { tab: "alerts" } })}>All alerts</a>`}>
    <${ErrorNotice} error=${acknowledge.error} />
    ${items.length === 0 ? html`<${Empty} title="No open alerts." />` : html`<ul class="plain">
      ${items.map((alert) => html`<li key=${alert.id} class="line">
        <${Badge} word=${alert.severity} />
        <span class="line-words"><strong>${alert.message}</strong>
          <span class="card-note" title=${clock(alert.raised_at)}>${alert.provider ?? alert.subject} · ${ago(alert.raised_at, now)}</span></span>
        ${alert.acknowledged_at ? html`<span class="card-note">seen by ${alert.acknowledged_by}</span>`
          : html`<button type="button" disabled=${acknowledge.isRunning} onClick=${() => acknowledge.run(alert.id)}>Acknowledge</button>`}
      </li>`)}
    </ul>`}
  <//>`;
}
