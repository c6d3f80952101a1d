// What jobs cost, and what is owed for a month.

import { html } from "../../vendor/preact-htm.js";
import { NONE, clock } from "../../lib/format.js";
import { useAction, useResource } from "../../lib/hooks.js";
import { download } from "../../lib/http.js";
import { setQuery } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { TextField } from "../../parts/field.js";
import { ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { rowsOf } from "./csv.js";

export function Invoices({ query }) {
  const month = /^\d{4}-\d{2}$/.test(query.month ?? "") ? query.month : new Date().toISOString().slice(0, 7);
  const asked = { month, caller: query.caller };
  const invoice = useResource("v1/invoices", { query: asked, everyMs: 60_000 });
  const file = useAction(() => download("v1/invoices", `invoice-${month}.csv`, { query: asked, accept: "text/csv" }));
  const { columns, rows } = rowsOf(invoice.data ?? "");
  const kept = columns.filter((name) => name !== "month");
  return html`<${Card} title="Invoices" rows=${5} resource=${invoice} actions=${html`<button type="button" disabled=${file.isRunning} onClick=${() => file.run()}>CSV</button>`}>
      <div class="fields"><${TextField} label="Month" type="month" value=${month} onInput=${(value) => setQuery({ month: value })} />
        <${TextField} label="Caller" hint="empty: all that you may see" value=${query.caller ?? ""} onInput=${() => {}} onChange=${(event) => setQuery({ caller: event.target.value })} /></div>
      <${ErrorNotice} error=${file.error} />
      <${Table} label=${`Invoice of ${month}`} rows=${rows.map((cells, index) => ({ cells, index }))} keyOf=${(row) => row.index} empty="Nothing was used in this month."
        columns=${kept.map((name) => ({ title: name.replaceAll("_", " "), align: /jobs|seconds$|amount|price_per/.test(name) ? "right" : undefined, cell: (row) => row.cells[columns.indexOf(name)] }))} />
    <//>
    <${Prices} />`;
}

function Prices() {
  const prices = useResource("v1/prices");
  const currency = prices.data?.currency ?? "";
  const columns = [
    { title: "Kind", cell: (price) => price.kind },
    { title: "A job", align: "right", cell: (price) => `${price.per_job} ${currency}` },
    { title: "A CPU second", align: "right", cell: (price) => `${price.per_cpu_second} ${currency}` },
    { title: "Since", align: "right", cell: (price) => (price.in_force_since ? clock(price.in_force_since) : NONE) },
    { title: "In force", cell: (price) => html`<${Badge} word=${price.in_force ? "yes" : "no"} tone=${price.in_force ? "good" : "calm"} />` },
  ];
  return html`<${Card} title="Prices" rows=${5} resource=${prices}>
    <${Table} label="Prices" columns=${columns} rows=${prices.data?.items ?? []} keyOf=${(price) => `${price.kind} ${price.in_force_since}`} empty="Nothing costs anything." /><//>`;
}
