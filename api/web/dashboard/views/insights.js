// What the history says: each finding with its evidence and how sure it is.

import { html } from "../vendor/preact-htm.js";
import { amount, percent } from "../lib/format.js";
import { useResource } from "../lib/hooks.js";
import { Badge } from "../parts/badge.js";
import { Card } from "../parts/card.js";
import { Empty } from "../parts/notice.js";

export function Insights() {
  const insights = useResource("v1/insights", { query: { limit: 20 }, everyMs: 60_000 });
  const items = insights.data?.items ?? [];
  return html`<${Card} title="Insights" note="findings in the history" rows=${4} resource=${insights}>
    ${items.length === 0
      ? html`<${Empty} title="No findings.">Only what the history gives evidence for is told; that takes some work to look at.<//>`
      : html`<ul class="plain">${items.map((insight) => html`<li key=${insight.id} class="line line-tall"><${Insight} insight=${insight} /></li>`)}</ul>`}
  <//>`;
}

function Insight({ insight }) {
  const { evidence } = insight;
  return html`<${Badge} word=${insight.priority ?? insight.kind} tone=${{ high: "bad", medium: "warn" }[insight.priority]} />
    <span class="line-words"><strong>${insight.title}</strong>
      <span>${insight.description}</span>
      <span class="card-note">${percent(insight.confidence > 1 ? insight.confidence / 100 : insight.confidence, 0)} confident${evidence?.n ? ` · n = ${amount(evidence.n)}` : ""}</span>
      ${evidence && html`<details><summary>Evidence</summary><pre>${JSON.stringify(evidence, (_, value) => (typeof value === "bigint" ? String(value) : value), 2)}</pre></details>`}
    </span>`;
}
