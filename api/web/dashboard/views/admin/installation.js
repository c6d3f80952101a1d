// What is here: version, configuration, how large the database is.

import { html } from "../../vendor/preact-htm.js";
import { amount, clock } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { stringify } from "../../lib/numbers.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Table } from "../../parts/table.js";

const SECOND_MS = 1000;

export function Installation() {
  const database = useResource("api/database/health", { everyMs: 60 * SECOND_MS });
  const info = useResource("info", { everyMs: 60 * SECOND_MS });
  const told = database.data;
  const tables = Object.entries(told?.stats?.tables ?? {}).map(([name, rows]) => ({ name, ...rows })).sort((a, b) => b.rows - a.rows);
  const application = info.data?.application;
  return html`<div class="columns">
    <${Card} title="Database" rows=${8} resource=${database}>
      ${told && html`<dl class="pairs"><dt>State</dt><dd><${Badge} word=${told.status} tone=${told.status === "healthy" ? "good" : "bad"} /> ${told.error ?? ""}</dd>
        <dt>Kind</dt><dd>${told.backend}</dd><dt>Where</dt><dd>${told.database_path}</dd><dt>Size</dt><dd>${amount(told.stats?.database_size_mb)} MB</dd></dl>
      <${Table} label="Tables" rows=${tables} keyOf=${(row) => row.name} columns=${[
        { title: "Table", cell: (row) => row.name },
        { title: "Rows", align: "right", cell: (row) => `${row.exact ? "" : "about "}${amount(row.rows)}` },
      ]} empty="Nothing is told of its tables." />`}
    <//>
    <${Card} title="Installation" rows=${8} resource=${info}>
      ${application && html`<dl class="pairs"><dt>Name</dt><dd>${application.name}</dd><dt>Version</dt><dd>${application.version}</dd><dt>Environment</dt><dd>${application.environment}</dd>
        <dt>Sockets open</dt><dd>${amount(info.data.websocket.active_connections)}</dd><dt>As of</dt><dd>${clock(info.data.timestamp)}</dd></dl>
      <details><summary>Configuration</summary><pre tabindex="0">${stringify(info.data.configuration, 2)}</pre></details>`}
    <//>
  </div>`;
}
