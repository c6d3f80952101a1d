// What went wrong, with whom, and what may help.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, percent } from "../../lib/format.js";
import { useNow, useResource } from "../../lib/hooks.js";
import { setQuery } from "../../lib/router.js";
import { Card, Tile, Tiles } from "../../parts/card.js";
import { SelectField } from "../../parts/field.js";
import { Table } from "../../parts/table.js";
import { milliseconds } from "./overview.js";

const LATEST = 20;
const HOURS = [{ value: "1", label: "the last hour" }, { value: "24", label: "24 hours" }, { value: "168", label: "7 days" }];

export function Failures({ query }) {
  const hours = query.hours ?? "24";
  const numbers = useResource("api/analytics/failures", { query: { hours }, everyMs: 30_000 });
  const told = useResource("api/failures", { query: { hours }, everyMs: 30_000 });
  const retries = numbers.data?.retry_statistics;
  const types = numbers.data?.failures_by_error_type ?? [];
  const most = Math.max(1, ...types.map((type) => type.count));
  return html`<div class="row"><${SelectField} label="Of" value=${hours} options=${HOURS} onInput=${(value) => setQuery({ hours: value })} /></div>
    <${Tiles}>
      <${Tile} label="Failures" value=${amount(numbers.data?.total_failures)} />
      <${Tile} label="Tried at the second place" value=${amount(retries?.total_retries)} />
      <${Tile} label="Made good there" value=${amount(retries?.successful_retries)} note=${retries?.retry_success_rate === null || !retries ? null : `${amount(retries.retry_success_rate)} %`} />
    <//>
    <div class="columns">
      <${Card} title="By type" rows=${5} resource=${numbers}>
        <${Table} label="Failures by type" rows=${types} keyOf=${(row) => row.error_type} empty="Nothing went wrong." columns=${[
          { title: "Type", cell: (row) => row.error_type },
          { title: "Share", cell: (row) => html`<div class="meter meter-wide" role="presentation"><span style=${{ width: `${(row.count / most) * 100}%` }}></span></div>` },
          { title: "Failures", align: "right", cell: (row) => amount(row.count) },
        ]} />
      <//>
      <${Card} title="Who fails most" rows=${5} resource=${numbers}>
        <${Table} label="Who fails most" rows=${numbers.data?.top_failing_providers ?? []} keyOf=${(row) => row.provider} empty="Nobody fails." columns=${[
          { title: "Provider", cell: (row) => row.provider },
          { title: "Failures", align: "right", cell: (row) => amount(row.failure_count) },
          { title: "Of its calls", align: "right", cell: (row) => percent(row.failure_rate / 100) },
        ]} />
      <//>
    </div>
    <${Card} title="What may help" rows=${4} resource=${told}>
      <${Table} label="What may help" rows=${told.data?.remediation_suggestions ?? []} keyOf=${(row) => `${row.provider} ${row.issue}`} empty="Nothing needs help." columns=${[
        { title: "Provider", cell: (row) => row.provider },
        { title: "Times", align: "right", cell: (row) => amount(row.count) },
        { title: "What is wrong", wide: true, cell: (row) => row.issue },
        { title: "What may help", wide: true, cell: (row) => row.suggestion },
      ]} />
    <//>
    <${Recent} resource=${told} />`;
}

function Recent({ resource }) {
  const now = useNow(5000);
  return html`<${Card} title="The latest failures" note=${`at most ${LATEST}`} rows=${8} resource=${resource}>
    <${Table} label="The latest failures" rows=${(resource.data?.recent_failures ?? []).slice(0, LATEST)} keyOf=${(row) => `${row.timestamp} ${row.provider}`} empty="Nothing went wrong." columns=${[
      { title: "When", cell: (row) => ago(row.timestamp, now) },
      { title: "Provider", cell: (row) => row.provider },
      { title: "Type", cell: (row) => row.error_type ?? NONE },
      { title: "Status", align: "right", cell: (row) => row.http_status ?? NONE },
      { title: "Answer", align: "right", cell: (row) => milliseconds(row.response_time_ms) },
      { title: "In words", wide: true, cell: (row) => row.error_message ?? "" },
    ]} />
  <//>`;
}
