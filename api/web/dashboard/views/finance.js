// Finance: the market, what investments are worth, and limits that are watched.

import { html } from "../vendor/preact-htm.js";
import { useResource } from "../lib/hooks.js";
import { href } from "../lib/router.js";
import { later } from "../parts/later.js";
import { ErrorNotice, Loading } from "../parts/notice.js";
import { Calculator, NAMES } from "./finance/calculator.js";
import { Market } from "./finance/market.js";

const Live = later(() => import("./finance/live.js"), "Live");
const Notifications = later(() => import("./finance/notifications.js"), "Notifications");
const Thresholds = later(() => import("./finance/thresholds.js"), "Thresholds");
const TABS = { market: "Market", calculate: "Calculate", live: "Live", thresholds: "Thresholds", notifications: "Notifications" };
const FIRST = ["npv", "irr", "comprehensive_roi", "sensitivity", "monte_carlo", "scenario"];

export function View({ query }) {
  const tab = query.tab in TABS ? query.tab : "market";
  return html`<div class="view-head"><h1>Finance</h1></div>
    <nav class="tabs" aria-label="Parts of finance">${Object.entries(TABS).map(([name, title]) => html`<a key=${name} aria-current=${name === tab ? "page" : undefined} href=${href("finance", { query: { tab: name } })}>${title}</a>`)}</nav>
    ${tab === "market" && html`<${Market} query=${query} />`}
    ${tab === "calculate" && html`<${Calculations} query=${query} />`}
    ${tab === "live" && html`<${Live} />`}
    ${tab === "thresholds" && html`<${Thresholds} query=${query} />`}
    ${tab === "notifications" && html`<${Notifications} query=${query} />`}`;
}

function Calculations({ query }) {
  const offered = useResource("v1/calculations");
  const name = query.calculation ?? FIRST[0];
  if (offered.data === null) return offered.error ? html`<${ErrorNotice} error=${offered.error} onRetry=${offered.reload} />` : html`<${Loading} rows=${10} />`;
  const list = offered.data.items.filter((each) => each.topic === "finance");
  return html`<nav class="tabs tabs-second" aria-label="Calculations">${FIRST.map((each) => html`<a key=${each} aria-current=${each === name ? "page" : undefined} href=${href("finance", { query: { tab: "calculate", calculation: each } })}>${NAMES[each]}</a>`)}</nav>
    <${Calculator} list=${list} name=${name} />`;
}
