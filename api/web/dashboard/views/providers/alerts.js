// Alerts, open and over; the rules that raise them; and what operators were told.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, clock } from "../../lib/format.js";
import { useAction, useFollow, useNow, useSeldom } from "../../lib/hooks.js";
import { post } from "../../lib/http.js";
import { usePages } from "../../lib/pages.js";
import { href, setQuery } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { SelectField } from "../../parts/field.js";
import { More } from "../../parts/more.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { Rules } from "./rules.js";

const ANY = { value: "", label: "any" };
const STATES = [{ value: "", label: "open" }, { value: "resolved", label: "resolved" }, { value: "all", label: "all" }];
const RESOLUTIONS = { over: "it was over", by_hand: "by hand", not_watched: "not watched any more" };

export function AlertsTab({ query }) {
  return html`<${Alerts} query=${query} /><${Rules} query=${query} /><${Told} />`;
}

function Alerts({ query: { state = "", severity = "" } }) {
  const pages = usePages("v1/alerts", { query: { state: state === "all" ? null : state || "open", severity, limit: 20 }, everyMs: 15_000 });
  const renew = useSeldom(pages.reload);
  useFollow("alerts", { onEvent: renew });
  const act = useAction(async (id, verb) => {
    await post(`v1/alerts/${id}/${verb}`, {});
    await pages.reload();
  });
  const now = useNow(5000);
  return html`<${Card} title="Alerts" note=${pages.data ? `${amount(pages.data.unacknowledged)} open that nobody has acknowledged` : null} rows=${6} resource=${pages}>
    <div class="fields"><${SelectField} label="State" value=${state} options=${STATES} onInput=${(value) => setQuery({ state: value })} />
      <${SelectField} label="Severity" value=${severity} options=${[ANY, "info", "warning", "critical"]} onInput=${(value) => setQuery({ severity: value })} /></div>
    <${ErrorNotice} error=${act.error} />
    ${pages.items.length === 0 ? html`<${Empty} title="No alert is like this." />` : html`<ul class="plain">
      ${pages.items.map((alert) => html`<${Alert} key=${alert.id} alert=${alert} now=${now} act=${act} />`)}</ul>`}
    <${More} pages=${pages} />
  <//>`;
}

function Alert({ alert, now, act }) {
  const isOpen = alert.state === "open";
  const who = alert.provider_id ? html`<a href=${href("providers", { id: alert.provider_id })}>${alert.provider}</a>` : alert.subject;
  return html`<li class="line">
    <${Badge} word=${alert.severity} tone=${alert.severity === "info" ? "calm" : undefined} />${!isOpen && html`<${Badge} word="resolved" />`}
    <span class="line-words"><strong>${alert.message}</strong>
      <span class="card-note" title=${clock(alert.raised_at)}>${who} · ${alert.rule} · raised ${ago(alert.raised_at, now)} · seen ${amount(alert.count)} ${alert.count === 1 ? "time" : "times"}
        ${!isOpen && html` · over ${ago(alert.resolved_at, now)}, ${RESOLUTIONS[alert.resolution]}`}${!alert.told && " · not told: its rule was muted"}
        ${alert.acknowledged && html` · acknowledged by ${alert.acknowledged_by}`}${alert.note && html` · “${alert.note}”`}</span></span>
    ${isOpen && html`<span class="row">${!alert.acknowledged && html`<button type="button" disabled=${act.isRunning} onClick=${() => act.run(alert.id, "acknowledge")}>Acknowledge</button>`}
      <button type="button" disabled=${act.isRunning} onClick=${() => act.run(alert.id, "resolve")}>Resolve</button></span>`}
  </li>`;
}

function Told() {
  const pages = usePages("v1/notifications", { query: { channel: "alerts", limit: 10 }, everyMs: 30_000 });
  const renew = useSeldom(pages.reload);
  useFollow("alerts", { onEvent: renew });
  const read = useAction(async () => { await post("v1/notifications/read", {}); await pages.reload(); });
  const columns = [
    { title: "When", cell: (row) => clock(row.created_at) },
    { title: "Level", cell: (row) => html`<${Badge} word=${row.level} tone=${{ error: "bad", warning: "warn", success: "good", info: "calm" }[row.level]} />` },
    { title: "Read", cell: (row) => (row.read ? "yes" : html`<strong>no</strong>`) },
    { title: "What was told", wide: true, cell: (row) => row.message ?? NONE },
  ];
  return html`<${Card} title="Notifications of alerts" rows=${5} resource=${pages}
      actions=${html`<button type="button" disabled=${read.isRunning || !pages.data?.unread} onClick=${() => read.run()}>Mark all notifications as read</button>`}>
    <${ErrorNotice} error=${read.error} />
    <${Table} label="Notifications of alerts" columns=${columns} rows=${pages.items} keyOf=${(row) => row.id} empty="Nothing was told yet." />
    <${More} pages=${pages} />
  <//>`;
}
