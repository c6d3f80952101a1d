// The limits that hold for whoever looks.

import { html } from "../../vendor/preact-htm.js";
import { amount, bytes, duration } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { Card } from "../../parts/card.js";
import { Table } from "../../parts/table.js";
import { Meter } from "../providers/limits.js";

export function Limits() {
  const limits = useResource("v1/limits", { everyMs: 5000 });
  const told = limits.data;
  const used = (family) => (1 - family.remaining / family.capacity) * 100;
  const columns = [
    { title: "Family", cell: (family) => family.name },
    { title: "Used", cell: (family) => html`<${Meter} share=${used(family)} status=${used(family) >= 95 ? "blocked" : used(family) >= 80 ? "warning" : "ok"} />` },
    { title: "Left", align: "right", cell: (family) => `${amount(family.remaining)} of ${amount(family.capacity)}` },
    { title: "Back a second", align: "right", cell: (family) => amount(family.refill_per_s) },
  ];
  return html`<${Card} title="Limits" note=${told ? `of ${told.caller}${told.is_shared ? ", counted by all processes" : ", counted by each process"}` : null} rows=${7} resource=${limits}>
    ${told && html`<div class="columns"><${Table} label="Limits of requests" columns=${columns} rows=${told.families} keyOf=${(family) => family.name} empty="Requests are not limited." />
    <dl class="pairs">
      <dt>Jobs that may wait</dt><dd>${amount(told.max_queued)} of a caller, ${amount(told.max_queued_in_all)} in all</dd>
      <dt>Jobs that may run</dt><dd>${told.max_running === 0 ? "any number" : `${amount(told.max_running)} of a caller in each queue`}</dd>
      <dt>Body</dt><dd>${bytes(told.max_body_bytes)} within ${duration(told.body_seconds)}</dd>
      <dt>Order</dt><dd>to ${amount(told.max_order)}</dd>
      <dt>Answer begins</dt><dd>within ${duration(told.request_seconds)}</dd>
      <dt>Prefer: wait</dt><dd>to ${duration(told.max_wait_seconds)}</dd>
    </dl></div>`}
  <//>`;
}
