// For operators: how every part is, and what can be done about it.

import { html } from "../vendor/preact-htm.js";
import { Tabs } from "../parts/tabs.js";
import { Automations } from "./admin/automations.js";
import { Installation } from "./admin/installation.js";
import { Invoices } from "./admin/invoices.js";
import { Keys } from "./admin/keys.js";
import { Limits } from "./admin/limits.js";
import { Metrics } from "./admin/metrics.js";
import { Health, Queues, Workers } from "./admin/parts.js";
import { Requests } from "./admin/requests.js";

const TABS = { service: "Service", metrics: "Metrics", keys: "Keys and limits", automations: "Automations", money: "Prices and invoices", installation: "Installation" };

export function View({ query }) {
  const tab = query.tab in TABS ? query.tab : "service";
  return html`<div class="view-head"><h1>Admin</h1></div>
    <${Tabs} label="Parts of admin" view="admin" tabs=${TABS} tab=${tab} />
    ${tab === "service" && html`<${Health} /><div class="columns"><${Workers} /><${Queues} /></div><${Requests} />`}
    ${tab === "metrics" && html`<${Metrics} query=${query} />`}
    ${tab === "keys" && html`<${Keys} /><${Limits} />`}
    ${tab === "automations" && html`<${Automations} />`}
    ${tab === "money" && html`<${Invoices} query=${query} />`}
    ${tab === "installation" && html`<${Installation} />`}`;
}
