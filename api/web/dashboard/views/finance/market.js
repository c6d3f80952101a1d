// The market feed: five numbers every ten seconds, and where they come from.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, clock } from "../../lib/format.js";
import { useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { download } from "../../lib/http.js";
import { href, setQuery } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { Sparkline } from "./drawings.js";
import { FIELDS } from "./fields.js";

const TICKS = 500;
const SPARK = 60;
const TICK_S = 10;
const GAPS = { interrupted: "whoever took it was interrupted", missed: "nobody was there to take it" };

/** The latest tick and the history, renewed with each event of the feed. */
export function useMarket() {
  const market = useResource("v1/market", { everyMs: 30_000 });
  const history = useResource("v1/market/history", { query: { limit: TICKS }, everyMs: 60_000 });
  const soon = useSeldom(() => {
    market.reload();
    history.reload();
  }, 1000);
  useFollow("market_data", { onEvent: soon });
  return { market, history, ticks: [...(history.data?.items ?? [])].reverse() };
}

export function Market({ query }) {
  const { market, history, ticks } = useMarket();
  const field = query.field in FIELDS ? query.field : "discount_rate";
  const now = useNow();
  const told = market.data;
  if (told === null && market.error?.status === 404) return html`<${Card} title="Market"><${Empty} title="No tick yet.">The feed begins with the first tick, ten seconds after its beat has started.<//><//>`;
  // Its place is held by what it will show: nothing below jumps when that comes.
  return html`<${Card} title="Market" resource=${told ? market : undefined}>
      ${told === null && html`<${ErrorNotice} error=${market.error} onRetry=${market.reload} />`}
      ${told?.stale && html`<p class="notice notice-warn" role="status">No values since ${ago(told.time, now)}${told.latest?.gap ? `: ${gapWords(told.latest)}` : ""}. These are the last that came.</p>`}
      <div class="indicators">${Object.entries(FIELDS).map(([name, known]) => html`<${Indicator} key=${name} name=${name} known=${known} told=${told} ticks=${ticks} isChosen=${name === field} />`)}</div>
      <p class="card-note market-source">${told ? html`<${Source} told=${told} /> Tick ${amount(told.sequence)} of ${clock(told.time)}, ${ago(told.time, now)}${told.since_s > 10 ? `; changes since ${amount(told.since_s)} s before` : ""}.` : "\u00a0"}</p>
    <//>
    <${History} field=${field} ticks=${ticks} history=${history} />
    <div class="columns"><${Gaps} ticks=${ticks} /><${Model} told=${told} /></div>`;
}

function Source({ told }) {
  return told.simulated ? html`<${Badge} word="simulated" tone="warn" />` : html`<${Badge} word=${told.source} tone="good" />`;
}

function Indicator({ name, known, told, ticks, isChosen }) {
  const change = told?.changes?.[name];
  const recent = ticks.slice(-SPARK).map((tick) => tick.values?.[name] ?? null);
  return html`<button type="button" class="indicator" aria-pressed=${isChosen ? "true" : "false"} onClick=${() => setQuery({ field: name })}>
    <span class="tile-label">${known.title}</span>
    <span class="tile-value">${known.format(told?.values?.[name])}</span>
    <span class="tile-note">${change === undefined || change === null ? "\u00a0" : `${change > 0 ? "▲" : change < 0 ? "▼" : "="} ${known.format(Math.abs(change))}`}</span>
    <${Sparkline} values=${recent} label=${`${known.title} over the last ${SPARK} ticks`} />
  </button>`;
}

function History({ field, ticks, history }) {
  const known = FIELDS[field];
  const points = ticks.flatMap((tick) => {
    const at = Date.parse(tick.time) / 1000;
    const point = [at, tick.values?.[field] ?? null];
    // What nobody took is a hole, not a line across.
    return tick.missed > 0 ? [[at - TICK_S, null], point] : [point];
  });
  const data = [points.map(([at]) => at), points.map(([, value]) => value)];
  const marks = ticks.filter((tick) => tick.gap || tick.missed > 0).slice(-40).map((tick) => ({ x: Date.parse(tick.time) / 1000, colour: "warn" }));
  return html`<${Card} title=${`${known.title}, over time`} note=${ticks.length > 0 ? `${amount(ticks.length)} ticks` : "…"}
      actions=${html`<button type="button" onClick=${() => download("v1/market/export/csv", "market.csv")}>Save as CSV</button>`}>
    <${ErrorNotice} error=${history.error} onRetry=${history.reload} />
    <${Chart} label=${`${known.title} over time`} data=${data} xTime=${true} height=${240} yFormat=${known.format} marks=${marks} series=${[{ label: known.title, colour: known.colour, spanGaps: false }]} />
  <//>`;
}

function gapWords(tick) {
  if (tick.gap) return `${GAPS[tick.gap] ?? tick.gap.replaceAll("_", " ")}${tick.gap_detail ? ` (${tick.gap_detail})` : ""}`;
  return `${amount(tick.missed)} before it: ${GAPS.missed}`;
}

function Gaps({ ticks }) {
  const gaps = ticks.filter((tick) => tick.gap || tick.missed > 0).reverse().slice(0, 20);
  const columns = [
    { title: "Tick", cell: (tick) => amount(tick.sequence) },
    { title: "When", cell: (tick) => clock(tick.time) },
    { title: "What is missing", cell: gapWords, wide: true },
  ];
  return html`<${Card} title="Gaps" note="marked in the chart; nothing is filled in">
    <${Table} label="Gaps" columns=${columns} rows=${gaps} keyOf=${(tick) => tick.sequence} empty="No gaps among these ticks." />
  <//>`;
}

function Model({ told }) {
  const model = useResource(told?.simulated ? "v1/market/model" : null);
  if (told && !told.simulated) return html`<${Card} title="Where it comes from"><p>${told.source}. It is watched like any provider: <a href=${href("providers")}>providers</a>.</p><//>`;
  const columns = [
    { title: "Indicator", cell: (field) => FIELDS[field.field]?.title ?? field.field },
    { title: "Lowest", align: "right", cell: (field) => FIELDS[field.field]?.format(field.low) ?? field.low },
    { title: "Middle", align: "right", cell: (field) => FIELDS[field.field]?.format(field.middle) ?? field.middle },
    { title: "Highest", align: "right", cell: (field) => FIELDS[field.field]?.format(field.high) ?? field.high },
    { title: "Half-life", align: "right", cell: (field) => (field.half_life_s >= 3600 ? `${field.half_life_s / 3600} h` : `${field.half_life_s / 60} min`) },
  ];
  return html`<${Card} title="Where it comes from" resource=${model}>
    <p>These numbers are <strong>simulated</strong>: made up by a seeded model that is stated here. They are no estimate of any market.</p>
    <${Table} label="The model" columns=${columns} rows=${model.data?.fields ?? []} keyOf=${(field) => field.field} empty=${NONE} />
  <//>`;
}
