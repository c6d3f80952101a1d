// The parts of the service: what is down and since when; workers; queues.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, clock, duration, percent } from "../../lib/format.js";
import { useAction, useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { post } from "../../lib/http.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card, Tile, Tiles } from "../../parts/card.js";
import { ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";

const GOOD = new Set(["ok", "up", "healthy", "online", "operational", "running", "active", "closed", "enabled"]);

/** What /health says of the parts: { name, word }. */
export function partsOf(components) {
  return Object.entries(components)
    .filter(([name]) => name !== "providers")
    .map(([name, told]) => ({ name: name.replaceAll("_", " "), word: typeof told === "string" ? told : told.status }));
}

export function Health() {
  const health = useResource("health", { everyMs: 5000 });
  const own = useResource("v1/providers", { query: { category: "solvequeue", limit: 50 }, everyMs: 10_000 });
  const renew = useSeldom(own.reload, 2000);
  useFollow("providers", { onEvent: renew });
  const now = useNow();
  const told = health.data;
  const columns = [
    { title: "Part", cell: (row) => row.name },
    { title: "State", cell: (row) => html`<${Badge} word=${row.paused ? "paused" : row.state} />` },
    { title: "Since", align: "right", cell: (row) => html`<span title=${clock(row.state_since)}>${ago(row.state_since, now)}</span>` },
    { title: "Answer", align: "right", cell: (row) => duration(row.last_response_ms === null ? null : row.last_response_ms / 1000) },
    { title: "What is wrong", wide: true, cell: (row) => (row.state === "online" ? "" : row.last_error ?? "") },
  ];
  return html`<${Tiles}>
      <${Tile} label="Service" value=${told?.status ?? NONE} tone=${{ healthy: "good", degraded: "warn", unhealthy: "bad" }[told?.status] ?? ""} note=${told ? `${told.services_online} of ${told.total_services} parts online` : null} />
      <${Tile} label="Version" value=${told?.version ?? NONE} note=${told ? `up ${duration(told.uptime_seconds)}` : null} />
      <${Tile} label="Requests now" value=${amount(told?.metrics.active_requests)} note=${told ? `${amount(told.metrics.total_requests)} in all` : null} />
      <${Tile} label="95 % answered within" value=${duration(told ? told.metrics.p95_ms / 1000 : null)} note=${told?.metrics.shared === false ? "of one process only" : null} />
    <//>
    <div class="columns">
      <${Card} title="Parts, as they were watched" rows=${6} resource=${own}>
        <${Table} label="Parts of the service" columns=${columns} rows=${own.data?.items ?? []} keyOf=${(row) => row.id} hrefOf=${(row) => href("providers", { id: row.id })} empty="The service does not watch its parts." />
      <//>
      <${Card} title="Parts, as they say now" rows=${6} resource=${health}>
        ${told && html`<dl class="pairs">${partsOf(told.components).map(({ name, word }) => html`<dt key=${name}>${name}</dt><dd><${Badge} word=${word} tone=${GOOD.has(word) ? "good" : undefined} /></dd>`)}</dl>`}
      <//>
    </div>`;
}

export function Workers() {
  const workers = useResource("v1/workers", { everyMs: 5000 });
  const now = useNow(5000);
  const columns = [
    { title: "Worker", cell: (row) => html`<span title=${`process ${row.pid} at ${row.host}, version ${row.version}`}>${row.name}</span>` },
    { title: "Queues", cell: (row) => row.queues.join(", ") },
    { title: "Busy", align: "right", cell: (row) => `${row.running} of ${row.slots}` },
    { title: "Since", align: "right", cell: (row) => html`<span title=${clock(row.since)}>${ago(row.since, now)}</span>` },
  ];
  const told = workers.data;
  return html`<${Card} title="Workers" note=${told ? `${told.running} of ${told.slots} slots busy, ${percent(told.busy_ratio)}` : null} rows=${4} resource=${workers}>
    <${Table} label="Workers" columns=${columns} rows=${told?.items ?? []} keyOf=${(row) => row.id} empty="No worker lives: jobs wait." />
  <//>`;
}

export function Queues() {
  const queues = useResource("v1/queues", { everyMs: 5000 });
  const turn = useAction(async (queue) => { await post(`v1/queues/${queue.name}/${queue.paused_at ? "resume" : "pause"}`); await queues.reload(); });
  const columns = [
    { title: "Queue", cell: (queue) => queue.name },
    { title: "State", cell: (queue) => (queue.paused_at ? html`<span title=${clock(queue.paused_at)}><${Badge} word="paused" /></span>` : html`<${Badge} word="active" />`) },
    { title: "Waiting", align: "right", cell: (queue) => amount(queue.waiting) },
    { title: "Running", align: "right", cell: (queue) => amount(queue.running) },
    { title: "Oldest", align: "right", cell: (queue) => (queue.waiting > 0 ? duration(queue.oldest_age_s) : NONE) },
    { title: "Workers take", cell: (queue) => html`<button type="button" aria-label=${`${queue.paused_at ? "Resume" : "Pause"} ${queue.name}`} disabled=${turn.isRunning} onClick=${() => turn.run(queue)}>${queue.paused_at ? "Resume" : "Pause"}</button>` },
  ];
  return html`<${Card} title="Queues" rows=${4} resource=${queues}>
    <${ErrorNotice} error=${turn.error} />
    <${Table} label="Queues" columns=${columns} rows=${queues.data?.items ?? []} keyOf=${(queue) => queue.name} />
  <//>`;
}
