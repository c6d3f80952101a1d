// What was seen of one provider: checks, changes of its state, collected numbers.

import { html } from "../../vendor/preact-htm.js";
import { NONE, amount, bytes, clock, duration } from "../../lib/format.js";
import { usePages } from "../../lib/pages.js";
import { setQuery } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { SelectField } from "../../parts/field.js";
import { More } from "../../parts/more.js";
import { Table } from "../../parts/table.js";
import { milliseconds } from "./overview.js";

const TONES = { success: "good", failed: "bad", timeout: "bad", rate_limited: "warn", blocked: "warn" };
const OUTCOMES = [{ value: "", label: "any" }, ...Object.keys(TONES)];

export function Checks({ id, outcome }) {
  const pages = usePages(`v1/providers/${id}/checks`, { query: { outcome, limit: 20 }, everyMs: 10_000, keyOf: (row) => row.number });
  const columns = [
    { title: "When", cell: (row) => clock(row.at) },
    { title: "Outcome", cell: (row) => html`<${Badge} word=${row.outcome} tone=${TONES[row.outcome]} />` },
    { title: "Shows", cell: (row) => (row.level ? html`<${Badge} word=${row.level} />` : NONE) },
    { title: "Answer", align: "right", cell: (row) => milliseconds(row.response_ms) },
    { title: "Status", align: "right", cell: (row) => row.http_status ?? NONE },
    { title: "Size", align: "right", cell: (row) => bytes(row.size_bytes) },
    { title: "Error", wide: true, cell: (row) => (row.error ? `${row.error_type}: ${row.error}` : "") },
  ];
  return html`<${Card} title="Checks" rows=${10} resource=${pages}>
    <div class="row"><${SelectField} label="Outcome" value=${outcome} options=${OUTCOMES} onInput=${(value) => setQuery({ outcome: value })} /></div>
    <${Table} label="Checks" columns=${columns} rows=${pages.items} keyOf=${(row) => row.number} empty="No check is like this yet." />
    <${More} pages=${pages} />
  <//>`;
}

export function Changes({ id }) {
  const pages = usePages(`v1/providers/${id}/changes`, { query: { limit: 10 }, everyMs: 15_000 });
  const columns = [
    { title: "When", cell: (row) => clock(row.at) },
    { title: "Change", cell: (row) => html`<${Badge} word=${row.old_state} /> → <${Badge} word=${row.new_state} />` },
    { title: "Why", wide: true, cell: (row) => row.reason },
  ];
  return html`<${Card} title="Changes of state" rows=${5} resource=${pages}>
    <${Table} label="Changes of state" columns=${columns} rows=${pages.items} keyOf=${(row) => row.id} empty="Its state has not changed." />
    <${More} pages=${pages} />
  <//>`;
}

export function Collected({ id }) {
  const pages = usePages(`v1/providers/${id}/series`, { query: { limit: 10 }, everyMs: 15_000, keyOf: (row) => row.number });
  const columns = [
    { title: "When", cell: (row) => clock(row.at) },
    { title: "Numbers", cell: (row) => Object.entries(row.values).map(([name, value]) => html`<span key=${name}>${name} ${amount(value)} </span>`) },
    { title: "Quality", align: "right", cell: (row) => amount(row.quality) },
    { title: "Age", align: "right", cell: (row) => duration(row.staleness_s) },
    { title: "Not collected because", wide: true, cell: (row) => row.skip_reason ?? "" },
  ];
  return html`<${Card} title="Collected" rows=${5} resource=${pages}>
    <${Table} label="Collected numbers" columns=${columns} rows=${pages.items} keyOf=${(row) => row.number} empty="Nothing was collected yet." />
    <${More} pages=${pages} />
  <//>`;
}
