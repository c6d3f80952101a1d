// Webhooks: who hears of what happens here, and what came of telling them.

import { html, useState } from "../vendor/preact-htm.js";
import { ago, clock } from "../lib/format.js";
import { useNow } from "../lib/hooks.js";
import { usePages } from "../lib/pages.js";
import { href } from "../lib/router.js";
import { Badge } from "../parts/badge.js";
import { Card } from "../parts/card.js";
import { Dialog } from "../parts/dialog.js";
import { More } from "../parts/more.js";
import { Empty } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { EndpointForm } from "./webhooks/form.js";
import { AllDeliveries } from "./webhooks/deliveries.js";
import { DeliveryPage } from "./webhooks/delivery.js";
import { EndpointPage } from "./webhooks/one.js";
import { Secret } from "./webhooks/secret.js";

export function View({ id, query }) {
  if (id?.startsWith("deliveries/")) return html`<${DeliveryPage} key=${id} id=${id.slice("deliveries/".length)} />`;
  if (id) return html`<${EndpointPage} key=${id} id=${id} query=${query} />`;
  return html`<${Endpoints} query=${query} />`;
}

function Endpoints({ query }) {
  const pages = usePages("v1/webhooks", { query: { limit: 50 }, everyMs: 10_000 });
  const [isNew, setIsNew] = useState(false);
  const [made, setMade] = useState(null);
  const now = useNow(5000);
  const done = async (endpoint) => {
    setIsNew(false);
    setMade(endpoint);
    await pages.reload();
  };
  const columns = [
    { title: "Webhook", cell: (row) => row.url ?? "fetched by its owner" },
    { title: "State", cell: (row) => html`<${Badge} word=${row.state} tone=${row.state === "disabled" ? "bad" : undefined} />${row.failing_since && html` <${Badge} word="failing" tone="warn" />`}` },
    { title: "Told", cell: (row) => `${row.events.length} ${row.events.length === 1 ? "event" : "events"}, ${row.payload}` },
    { title: "Made", align: "right", cell: (row) => html`<span title=${clock(row.created_at)}>${ago(row.created_at, now)}</span>` },
    { title: "For", wide: true, cell: (row) => row.description },
  ];
  const empty = html`<${Empty} title="No webhook yet.">Make one: it is told of the end of every job, with a signature that its receiver can check.<//>`;
  return html`<div class="view-head"><h1>Webhooks</h1><button type="button" class="primary" onClick=${() => setIsNew(true)}>New webhook</button></div>
    ${made && html`<${Secret} what="New webhook" secret=${made.secret} onClose=${() => setMade(null)} />`}
    <${Card} title="Endpoints" rows=${4} resource=${pages}>
      <${Table} label="Webhooks" columns=${columns} rows=${pages.items} keyOf=${(row) => row.id} hrefOf=${(row) => href("webhooks", { id: row.id })} empty=${empty} />
      <${More} pages=${pages} />
    <//>
    ${pages.items.length > 0 && html`<${AllDeliveries} endpoints=${pages.items} query=${query} />`}
    ${isNew && html`<${Dialog} wide=${true} title="New webhook" onClose=${() => setIsNew(false)}><${EndpointForm} onDone=${done} /><//>`}`;
}
