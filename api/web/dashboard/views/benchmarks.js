// Benchmarks: those there are, a new one, and what one shows.

import { html } from "../vendor/preact-htm.js";
import { NONE, ago, amount, clock } from "../lib/format.js";
import { useFollow, useNow, useResource } from "../lib/hooks.js";
import { endedOf } from "../lib/job_state.js";
import { go, href } from "../lib/router.js";
import { Badge } from "../parts/badge.js";
import { Card } from "../parts/card.js";
import { Empty } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { Benchmark } from "./benchmarks/detail.js";
import { NewBenchmark } from "./benchmarks/form.js";

export function View({ id, query }) {
  return id ? html`<${Benchmark} key=${id} id=${id} />` : html`<${Overview} query=${query} />`;
}

function Overview({ query }) {
  const isNew = query.new === "1";
  return html`<div class="view-head"><h1>Benchmarks</h1>
      <span class="row"><button type="button" class=${isNew ? "" : "primary"} aria-expanded=${isNew ? "true" : "false"}
        onClick=${() => go("benchmarks", { query: isNew ? {} : { new: "1" } })}>${isNew ? "Close the form" : "New benchmark"}</button></span></div>
    ${isNew && html`<${NewBenchmark} />`}
    <${List} query=${query} />`;
}

function List({ query }) {
  const page = useResource("v1/jobs", { query: { kind: "benchmark", limit: 20, after: query.after }, everyMs: 10_000 });
  useFollow("jobs", { types: ["benchmark.completed"], onEvent: () => page.reload() });
  const now = useNow(5000);
  const columns = [
    { title: "Benchmark", cell: (job) => html`<span class="mono">${job.id.slice(0, 12)}</span>` },
    { title: "State", cell: (job) => html`<${Badge} word=${job.state} />` },
    { title: "Ended", cell: (job) => ended(job.counts) },
    { title: "Failed", align: "right", cell: (job) => amount(job.counts?.failed) },
    { title: "Sent", align: "right", cell: (job) => html`<time datetime=${job.created_at} title=${clock(job.created_at)}>${ago(job.created_at, now)}</time>` },
  ];
  const empty = html`<${Empty} title="No benchmarks yet.">Compare methods on instances of the library: <a href=${href("benchmarks", { query: { new: "1" } })}>make one</a>.<//>`;
  return html`<${Card} title="All benchmarks" note="newest first" resource=${page}>
    <${Table} label="Benchmarks" columns=${columns} rows=${page.data?.items ?? []} keyOf=${(job) => job.id} hrefOf=${(job) => href("benchmarks", { id: job.id })} empty=${empty} />
    ${(query.after || page.data?.next) && html`<nav class="row" aria-label="Pages">
      <button type="button" disabled=${!query.after} onClick=${() => go("benchmarks", { query: { ...query, after: null } })}>Newest</button>
      <button type="button" disabled=${!page.data?.next} onClick=${() => go("benchmarks", { query: { ...query, after: page.data.next } })}>Older</button></nav>`}
  <//>`;
}

function ended(counts) {
  if (!counts) return NONE;
  const done = endedOf(counts);
  return html`<progress max=${counts.total} value=${done} aria-label="Ended"></progress> ${amount(done)} of ${amount(counts.total)}`;
}
