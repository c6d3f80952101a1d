// What was asked of providers, as it is written.

import { html } from "../../vendor/preact-htm.js";
import { NONE, amount, clock } from "../../lib/format.js";
import { useAction, useFollow, useFrames, useResource } from "../../lib/hooks.js";
import { download } from "../../lib/http.js";
import { setQuery } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { SelectField, TextField } from "../../parts/field.js";
import { ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { milliseconds } from "./overview.js";

const PER_PAGE = 50;
const TONES = { success: "good", failed: "bad", timeout: "bad", rate_limited: "warn" };
const ANY = { value: "", label: "any" };

export function Logs({ query: { provider = "", status = "", page = "1", from = "" } }) {
  const asked = { provider, status, from: from || yesterday(), page, per_page: PER_PAGE };
  const log = useResource("api/logs", { query: asked, everyMs: 30_000 });
  const [fresh, change] = useFrames([]);
  useFollow("logs", { onEvent: ({ data }) => data.log_type === "connection" && change((old) => [data.entry, ...old].slice(0, PER_PAGE)) });
  const file = useAction((format) => download("api/logs", `connections.${format}`, { query: { ...asked, page: 1, format } }));
  const isFirst = page === "1";
  const rows = isFirst ? merged(fresh.filter((line) => isChosen(line, { provider, status })), log.data?.logs ?? []) : log.data?.logs ?? [];
  const filter = (changes) => setQuery({ page: null, ...changes });
  const columns = [
    { title: "When", cell: (row) => html`<time datetime=${row.timestamp}>${clock(row.timestamp)}</time>` },
    { title: "Provider", cell: (row) => row.provider },
    { title: "Outcome", cell: (row) => html`<${Badge} word=${row.status} tone=${TONES[row.status]} />` },
    { title: "Answer", align: "right", cell: (row) => milliseconds(row.response_time_ms) },
    { title: "Status", align: "right", cell: (row) => row.http_status_code ?? NONE },
    { title: "Again", align: "right", cell: (row) => (row.retry_count ? `${row.retry_count}, ${row.retry_result}` : "") },
    { title: "What was asked", wide: true, cell: (row) => html`<code>${row.endpoint}</code>` },
    { title: "Error", wide: true, cell: (row) => row.error_message ?? "" },
  ];
  return html`<${Card} title="Connection logs" note=${log.data ? `${amount(log.data.total)} calls` : null} rows=${12} resource=${log}
      actions=${html`<button type="button" disabled=${file.isRunning} onClick=${() => file.run("csv")}>CSV</button><button type="button" disabled=${file.isRunning} onClick=${() => file.run("ndjson")}>NDJSON</button>`}>
    <div class="fields">
      <${TextField} label="Provider" hint="its whole name" value=${provider} onChange=${(event) => filter({ provider: event.target.value })} onInput=${() => {}} />
      <${SelectField} label="Outcome" value=${status} options=${[ANY, "success", "failed", "timeout", "rate_limited"]} onInput=${(value) => filter({ status: value })} />
      <${TextField} label="From" type="date" hint="a day in UTC; else the last 24 hours" value=${from} onInput=${(value) => filter({ from: value })} />
    </div>
    <${ErrorNotice} error=${file.error} />
    <${Table} label="Calls to providers" columns=${columns} rows=${rows} keyOf=${(row) => row.id} empty="No call is like this." />
    <${Turn} page=${Number(page)} pages=${log.data?.pages ?? 1} />
  <//>`;
}

function Turn({ page, pages }) {
  if (pages <= 1) return null;
  const to = (next) => setQuery({ page: next === 1 ? null : String(next) });
  return html`<div class="row"><button type="button" disabled=${page <= 1} onClick=${() => to(page - 1)}>Newer</button>
    <button type="button" disabled=${page >= pages} onClick=${() => to(page + 1)}>Older</button>
    <span class="card-note">page ${page} of ${pages}</span></div>`;
}

const yesterday = () => new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 86_400_000).toISOString();

const isChosen = (line, { provider, status }) =>
  (!status || line.status === status) && (!provider || line.provider.toLowerCase() === provider.toLowerCase() || line.provider_id === provider);

/** What has come in since, before what was asked for, once each. */
export function merged(fresh, asked) {
  const seen = new Set(asked.map((line) => line.id));
  return [...fresh.filter((line) => !seen.has(line.id)), ...asked].slice(0, PER_PAGE);
}
