// All that is watched, filtered.

import { html } from "../../vendor/preact-htm.js";
import { ago, duration } from "../../lib/format.js";
import { useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { usePages } from "../../lib/pages.js";
import { href, setQuery } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { SelectField, TextField } from "../../parts/field.js";
import { More } from "../../parts/more.js";
import { Empty } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { milliseconds } from "./overview.js";

const ANY = { value: "", label: "any" };
const STATES = [ANY, "online", "degraded", "offline", "unknown"];

export function Inventory({ query: { category = "", state = "", search = "" } }) {
  const pages = usePages("v1/providers", { query: { category, state, search, limit: 50 }, everyMs: 15_000 });
  const categories = useResource("api/categories");
  const renew = useSeldom(pages.reload, 2000);
  useFollow("providers", { onEvent: renew });
  const names = (categories.data ?? []).map((row) => row.name);
  const empty = html`<${Empty} title="No provider is like this.">Take out a filter, or <a href=${href("providers", { id: "new" })}>watch another one</a>.<//>`;
  return html`<${Card} title="Inventory" rows=${8} resource=${pages}>
    <div class="fields">
      <${TextField} label="Name has" value=${search} onInput=${(value) => setQuery({ search: value })} type="search" />
      <${SelectField} label="State" value=${state} options=${STATES} onInput=${(value) => setQuery({ state: value })} />
      <${SelectField} label="Category" value=${category} options=${[ANY, ...names]} onInput=${(value) => setQuery({ category: value })} />
    </div>
    <${Rows} pages=${pages} empty=${empty} />
    <${More} pages=${pages} />
  <//>`;
}

function Rows({ pages, empty }) {
  const now = useNow(2000);
  const columns = [
    { title: "Provider", cell: (row) => row.name },
    { title: "State", cell: (row) => html`<${StateBadge} provider=${row} />` },
    { title: "Category", cell: (row) => row.category },
    { title: "Tier", align: "right", cell: (row) => row.tier },
    { title: "Answer", align: "right", cell: (row) => milliseconds(row.last_response_ms) },
    { title: "Checked", align: "right", cell: (row) => ago(row.last_check_at, now) },
    { title: "Every", align: "right", cell: (row) => duration(row.every_s) },
    { title: "Last error", wide: true, cell: (row) => (row.state === "online" ? "" : row.last_error) },
  ];
  return html`<${Table} label="Providers" columns=${columns} rows=${pages.items} keyOf=${(row) => row.id}
    hrefOf=${(row) => href("providers", { id: row.id })} empty=${empty} />`;
}

/** A provider's state; of one that is paused it says that. */
export function StateBadge({ provider }) {
  return html`<${Badge} word=${provider.paused ? "paused" : provider.state} />${provider.on_second && html` <${Badge} word="second place" tone="warn" />`}
    ${provider.circuit?.state === "open" && html` <${Badge} word="circuit open" tone="bad" />`}`;
}
