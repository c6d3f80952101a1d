// Who is watched, and how they are: what the earlier monitor showed in eight views.

import { html } from "../vendor/preact-htm.js";
import { href } from "../lib/router.js";
import { later } from "../parts/later.js";
import { Tabs } from "../parts/tabs.js";
import { AlertsTab } from "./providers/alerts.js";
import { Failures } from "./providers/failures.js";
import { Freshness } from "./providers/freshness.js";
import { Inventory } from "./providers/inventory.js";
import { Keys } from "./providers/keys.js";
import { Limits } from "./providers/limits.js";
import { Overview } from "./providers/overview.js";
import { ProviderPage } from "./providers/one.js";
import { Punctuality } from "./providers/punctuality.js";

const form = () => import("./providers/form.js");
const EditProvider = later(form, "EditProvider");
const NewProvider = later(form, "NewProvider");
const Logs = later(() => import("./providers/logs.js"), "Logs");

const TABS = {
  overview: ["Overview", Overview],
  inventory: ["Inventory", Inventory],
  limits: ["Rate limits", Limits],
  logs: ["Connection logs", Logs],
  schedule: ["Schedule", Punctuality],
  freshness: ["Freshness", Freshness],
  failures: ["Failures", Failures],
  alerts: ["Alerts", AlertsTab],
  keys: ["Keys", Keys],
};
const TITLES = Object.fromEntries(Object.entries(TABS).map(([name, [title]]) => [name, title]));

export function View({ id, query }) {
  if (id === "new") return html`<${NewProvider} />`;
  if (id && query.edit) return html`<${EditProvider} key=${id} id=${id} />`;
  if (id) return html`<${ProviderPage} key=${id} id=${id} query=${query} />`;
  const tab = query.tab in TABS ? query.tab : "overview";
  const [, Part] = TABS[tab];
  return html`<div class="view-head"><h1>Providers</h1><a class="button" href=${href("providers", { id: "new" })}>Watch a provider</a></div>
    <${Tabs} label="About providers" view="providers" tabs=${TITLES} tab=${tab} />
    <${Part} key=${tab} query=${query} />`;
}
