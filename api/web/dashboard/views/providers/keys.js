// Which keys providers want, and whether the service has them. Never the keys.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago } from "../../lib/format.js";
import { useAction, useNow, useResource } from "../../lib/hooks.js";
import { post } from "../../lib/http.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";

export function Keys() {
  const keys = useResource("api/config/keys", { everyMs: 30_000 });
  const now = useNow(5000);
  const test = useAction((provider) => post("api/config/keys/test", { provider }));
  const columns = [
    { title: "Provider", cell: (row) => row.provider },
    { title: "Key", cell: (row) => html`<${Badge} word=${row.status} tone=${row.status === "missing" ? "bad" : "good"} />` },
    { title: "Variable", cell: (row) => html`<code>${row.key_name}</code>` },
    { title: "Its ends", cell: (row) => (row.masked_key ? html`<code>${row.masked_key}</code>` : NONE) },
    { title: "Sent in", cell: (row) => row.place },
    { title: "Last used", align: "right", cell: (row) => ago(row.last_used, now) },
    { title: "Try it", cell: (row) => html`<button type="button" disabled=${test.isRunning} aria-label=${`Try the key of ${row.provider}`} onClick=${() => test.run(row.provider)}>Try</button>` },
  ];
  const empty = html`<${Empty} title="No provider wants a key.">Name the variable that has it when you <a href=${href("providers", { id: "new" })}>watch one</a>.<//>`;
  return html`<${Card} title="Keys of providers" note="kept in the service's environment, shown by their ends only" rows=${5} resource=${keys}>
    <${ErrorNotice} error=${test.error} />
    <${Table} label="Keys of providers" columns=${columns} rows=${keys.data ?? []} keyOf=${(row) => row.provider_id}
      hrefOf=${(row) => href("providers", { id: row.provider_id })} empty=${empty} />
  <//>`;
}
