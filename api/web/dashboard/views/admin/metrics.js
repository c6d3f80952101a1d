// Any number over time.

import { html } from "../../vendor/preact-htm.js";
import { amount, bytes, duration } from "../../lib/format.js";
import { useAction, useResource } from "../../lib/hooks.js";
import { download } from "../../lib/http.js";
import { setQuery } from "../../lib/router.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { SelectField, TextField } from "../../parts/field.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";

const WRITTEN = { seconds: duration, s: duration, ms: (value) => duration(value === null ? null : value / 1000), bytes };
const TIERS = [{ value: "raw", label: "every 10 seconds" }, { value: "minute", label: "minutes" }, { value: "hour", label: "hours" }];
const COLOURS = { value: "series-1", p50: "series-1", p95: "series-7", p99: "series-2" };

/** What is drawn of a series: of a histogram its percentiles, else its value. */
export function linesOf(history) {
  const names = history.kind === "histogram" ? ["p50", "p95", "p99"] : ["value"];
  return { names, data: [history.items.map((item) => Date.parse(item.time) / 1000), ...names.map((name) => history.items.map((item) => item[name]))] };
}

// A line at nothing lies at the bottom.
const SCALES = { y: { range: (_, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.1 : 1] } };

const iso = (text) => (text && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : null);

export function Metrics({ query }) {
  const all = useResource("v1/metrics/series");
  const name = query.series ?? all.data?.items[0]?.name ?? null;
  const asked = { series: name, tier: query.tier ?? "minute", from: iso(query.from), to: iso(query.to) };
  const history = useResource(name === null ? null : "v1/metrics/history", { query: asked, everyMs: 15_000 });
  const file = useAction(() => download("v1/metrics/history", `${name}.csv`, { query: asked, accept: "text/csv" }));
  const told = all.data?.items.find((series) => series.name === name);
  const lines = history.data ? linesOf(history.data) : null;
  const written = WRITTEN[history.data?.unit] ?? amount;
  return html`<${Card} title="Numbers over time" note=${told ? `${told.help} (${told.unit || told.kind})` : null} rows=${12} resource=${name === null ? all : history}
      actions=${html`<button type="button" disabled=${file.isRunning || name === null} onClick=${() => file.run()}>CSV</button>`}>
    <div class="fields">
      <${SelectField} label="Series" value=${name ?? ""} options=${(all.data?.items ?? []).map((series) => series.name)} onInput=${(value) => setQuery({ series: value })} />
      <${SelectField} label="By" value=${asked.tier} options=${TIERS} onInput=${(value) => setQuery({ tier: value })} />
      <${TextField} label="From" type="datetime-local" value=${query.from ?? ""} onInput=${(value) => setQuery({ from: value })} />
      <${TextField} label="To" type="datetime-local" value=${query.to ?? ""} onInput=${(value) => setQuery({ to: value })} />
    </div>
    <${ErrorNotice} error=${file.error} />
    ${lines && (history.data.items.length === 0 ? html`<${Empty} title="Nothing was recorded in this time." />`
      : html`<${Chart} key=${`${name} ${history.data.tier}`} label=${`${name} over time`} data=${lines.data} xTime=${true} height=${320} scales=${SCALES} yFormat=${written}
        series=${lines.names.map((each) => ({ label: each === "value" ? name : each, colour: COLOURS[each], spanGaps: false }))} />`)}
  <//>`;
}
