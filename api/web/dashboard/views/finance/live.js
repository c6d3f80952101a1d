// Live calculations: done again with each tick, until they are stopped or expire.

import { html, useRef, useState } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, clock, duration } from "../../lib/format.js";
import { useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { remove } from "../../lib/http.js";
import { href } from "../../lib/router.js";
import { title } from "../../lib/schema.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { ConfirmButton } from "../../parts/dialog.js";
import { Empty } from "../../parts/notice.js";
import { NAMES } from "./calculator.js";
import { Sparkline } from "./drawings.js";
import { FIELDS } from "./fields.js";

const KEPT = 120;
/** The values that this page has seen, by the id of a live calculation. */
const seen = new Map();

function note(id, time, value) {
  const values = seen.get(id) ?? [];
  if (values.at(-1)?.time === time) return;
  seen.set(id, [...values, { time, value }].slice(-KEPT));
}

export function Live() {
  const live = useResource("v1/live-calculations", { query: { limit: 50 }, everyMs: 15_000 });
  const soon = useSeldom(live.reload, 500);
  useFollow("calculations", { onEvent: soon });
  useFollow("market_data", { onEvent: soon });
  const items = live.data?.items ?? [];
  items.forEach((item) => item.latest && note(item.id, item.latest.ended_at, item.latest.value));
  return html`<${Card} title="Live calculations" note="recomputed with each tick of the market" resource=${live}>
    ${items.length === 0 ? html`<${Empty} title="None is live."><a href=${href("finance", { query: { tab: "calculate", calculation: "npv" } })}>Calculate something</a>, then choose “with each tick of the market” below its form.<//>`
      : html`<ul class="plain">${items.map((item) => html`<${One} key=${item.id} item=${item} onGone=${live.reload} />`)}</ul>`}
  <//>`;
}

function One({ item, onGone }) {
  const now = useNow();
  const before = useRef(item.latest?.ended_at);
  const [fresh, setFresh] = useState(0);
  if (item.latest?.ended_at !== before.current) {
    before.current = item.latest?.ended_at;
    setFresh(fresh + 1);
  }
  const { latest } = item;
  const change = latest?.change ?? null;
  const values = (seen.get(item.id) ?? []).map((each) => each.value);
  const bound = Object.entries(item.bindings).map(([pointer, field]) => `${pointer.slice(1).replaceAll("_", " ")} = ${FIELDS[field]?.title.toLowerCase() ?? field}`).join(", ");
  const stop = async () => {
    await remove(`v1/live-calculations/${item.id}`);
    await onGone();
  };
  return html`<li class="line live-line">
    <span class="line-words"><strong>${NAMES[item.calculation] ?? title(item.calculation)} <${Badge} word=${item.state} tone=${item.state === "live" ? "live" : "calm"} /></strong>
      <span class="card-note">${bound} · ${amount(item.revaluations)} times, ${amount(item.skips)} ticks skipped · ${item.state === "live" ? `ends in ${duration((Date.parse(item.expires_at) - now) / 1000)}` : `ended ${clock(item.expires_at)}`}</span>
      ${item.error && html`<span class="field-error">${item.error.message ?? String(item.error)}</span>`}</span>
    <${Sparkline} values=${values} label="Its values since the page was opened" />
    <span key=${fresh} class=${`live-value ${change > 0 ? "is-up" : change < 0 ? "is-down" : ""}`}>
      <strong>${latest ? amount(latest.value) : NONE}</strong>
      <span class="card-note">${change === null ? "\u00a0" : `${change > 0 ? "▲ +" : change < 0 ? "▼ " : "= "}${amount(Number(change.toPrecision(4)))}`}${latest ? ` · ${ago(latest.ended_at, now)}` : ""}</span></span>
    <span class="row">${latest?.job && html`<a href=${href("jobs", { id: latest.job })}>Latest job</a>`}
      <a href=${href("finance", { query: { tab: "thresholds", watches: `calculation:${item.id}` } })}>Watch it</a>
      <${ConfirmButton} word="Stop" confirmWord="Stop it" question="It is forgotten, with the thresholds that watch it. What it has calculated stays among the jobs." onConfirm=${stop} /></span>
  </li>`;
}
