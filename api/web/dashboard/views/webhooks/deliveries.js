// What is owed and was told, filtered; sent again one by one or together.

import { html, useState } from "../../vendor/preact-htm.js";
import { NONE, ago, clock, duration } from "../../lib/format.js";
import { useAction, useFollow, useNow, useSeldom } from "../../lib/hooks.js";
import { post } from "../../lib/http.js";
import { usePages } from "../../lib/pages.js";
import { href, setQuery } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { SelectField } from "../../parts/field.js";
import { More } from "../../parts/more.js";
import { ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { EVENTS } from "./form.js";

const STATES = ["pending", "held", "delivered", "exhausted", "refused", "expired"];
export const TONES = { pending: "live", held: "calm", delivered: "good", exhausted: "bad", refused: "bad", expired: "warn" };
const ANY = { value: "", label: "any" };

/** Deliveries of the webhook that is chosen above them. */
export function AllDeliveries({ endpoints, query }) {
  const chosen = endpoints.find((endpoint) => endpoint.id === query.endpoint) ?? endpoints[0];
  const choice = html`<${SelectField} label="Webhook" value=${chosen.id} onInput=${(value) => setQuery({ endpoint: value })}
    options=${endpoints.map((endpoint) => ({ value: endpoint.id, label: endpoint.url ?? endpoint.description ?? endpoint.id }))} />`;
  return html`<${Deliveries} key=${chosen.id} endpointId=${chosen.id} query=${query} choice=${choice} />`;
}

export function Deliveries({ endpointId, query: { state = "", type = "" }, choice = null }) {
  const pages = usePages(`v1/webhooks/${endpointId}/deliveries`, { query: { state, limit: 50 }, everyMs: 5000 });
  const renew = useSeldom(pages.reload, 2000);
  useFollow("jobs", { onEvent: renew });
  const [selected, setSelected] = useState(new Set());
  const resend = useAction(async () => {
    for (const id of [...selected]) {
      await post(`v1/deliveries/${id}/resend`);
      setSelected((old) => new Set([...old].filter((each) => each !== id)));
    }
    await pages.reload();
  });
  const now = useNow(1000);
  // The service filters by state; by type what was fetched is filtered here.
  const rows = pages.items.filter((row) => type === "" || row.event_type === type);
  const last = (row) => row.attempts.at(-1);
  const columns = [
    { title: "Delivery", cell: (row) => row.id.slice(0, 14) },
    { title: "State", cell: (row) => html`<${Badge} word=${row.state} tone=${TONES[row.state]} />` },
    { title: "Event", cell: (row) => row.event_type },
    { title: "Of", cell: (row) => (row.job_id ? html`<a href=${href("jobs", { id: row.job_id })}>${row.job_id.slice(0, 12)}</a>` : NONE) },
    { title: "Owed since", align: "right", cell: (row) => html`<span title=${clock(row.created_at)}>${ago(row.created_at, now)}</span>` },
    { title: "Attempts", align: "right", cell: (row) => row.attempts.length },
    { title: "Answer", align: "right", cell: (row) => last(row)?.status_code ?? (last(row)?.error ? "none" : NONE) },
    { title: "Took", align: "right", cell: (row) => duration(last(row) ? last(row).duration_ms / 1000 : null) },
    { title: "Next", align: "right", cell: (row) => (row.next_attempt_at ? nextIn(row.next_attempt_at, now) : NONE) },
  ];
  return html`<${Card} title="Deliveries" rows=${8} resource=${pages}
      actions=${html`<button type="button" disabled=${selected.size === 0 || resend.isRunning} onClick=${() => resend.run()}>Send ${selected.size || ""} again</button>`}>
    <div class="fields">${choice}
      <${SelectField} label="State" value=${state} options=${[ANY, ...STATES]} onInput=${(value) => setQuery({ state: value })} />
      <${SelectField} label="Event" value=${type} options=${[ANY, ...EVENTS, "webhook.test"]} onInput=${(value) => setQuery({ type: value })} /></div>
    <${ErrorNotice} error=${resend.error} />
    <${Table} label="Deliveries" columns=${columns} rows=${rows} keyOf=${(row) => row.id} selected=${selected} onSelect=${setSelected}
      hrefOf=${(row) => href("webhooks", { id: `deliveries/${row.id}` })} empty=${pages.more ? "None of those fetched so far is like this." : "Nothing is owed or was told that is like this."} />
    <${More} pages=${pages} />
  <//>`;
}

/** When the next attempt comes, in words. */
export function nextIn(time, now) {
  const seconds = (Date.parse(time) - now) / 1000;
  return seconds < 1 ? "now" : `in ${duration(seconds)}`;
}
