// One provider: how it is, what it was like, and what can be done with it.

import { html } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, bytes, clock, duration, percent } from "../../lib/format.js";
import { useAction, useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { post, remove } from "../../lib/http.js";
import { go, href, setQuery } from "../../lib/router.js";
import { Card, Tile, Tiles } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { ConfirmButton } from "../../parts/dialog.js";
import { SelectField } from "../../parts/field.js";
import { ErrorNotice, Loading } from "../../parts/notice.js";
import { StateBadge } from "./inventory.js";
import { Meter } from "./limits.js";
import { Changes, Checks, Collected } from "./lists.js";
import { milliseconds } from "./overview.js";
import { Strip } from "./strip.js";

const HOURS = [{ value: "1", label: "last hour" }, { value: "24", label: "24 hours" }, { value: "168", label: "7 days" }, { value: "720", label: "30 days" }];
const LATEST = 200;

export function ProviderPage({ id, query }) {
  const provider = useResource(`v1/providers/${id}`, { everyMs: 5000 });
  const told = provider.data;
  const renew = useSeldom(provider.reload, 1000);
  useFollow("providers", { onEvent: (event) => event.data.id === id && renew() });
  if (!told) return html`<div class="view-head"><h1>Provider</h1></div><${ErrorNotice} error=${provider.error} onRetry=${provider.reload} />${!provider.error && html`<${Loading} rows=${8} />`}`;
  const hours = query.hours ?? "24";
  return html`<div class="view-head"><h1>${told.name} <${StateBadge} provider=${told} /></h1><a href=${href("providers", { query: { tab: "inventory" } })}>All providers</a></div>
    <${ErrorNotice} error=${provider.error} onRetry=${provider.reload} />
    <${Controls} provider=${told} reload=${provider.reload} />
    <div class="columns"><${About} provider=${told} /><${Standing} provider=${told} /></div>
    <div class="row"><${SelectField} label="Numbers of the" value=${hours} options=${HOURS} onInput=${(value) => setQuery({ hours: value })} /></div>
    <${Numbers} provider=${told} hours=${hours} />
    <${Latency} id=${id} />
    <${Checks} id=${id} outcome=${query.outcome ?? ""} />
    <div class="columns"><${Changes} id=${id} />${told.collection && html`<${Collected} id=${id} />`}</div>`;
}

function Controls({ provider, reload }) {
  const act = useAction(async (verb) => {
    await post(`v1/providers/${provider.id}/${verb}`);
    await reload();
  });
  const isOwn = provider.origin === "api";
  const canDelete = isOwn || (provider.origin === "registry" && provider.left_at !== null);
  return html`<div class="row">
      <button type="button" class="primary" disabled=${act.isRunning || provider.paused} onClick=${() => act.run("check")}>Check now</button>
      <button type="button" disabled=${act.isRunning} onClick=${() => act.run(provider.paused ? "resume" : "pause")}>${provider.paused ? "Resume" : "Pause"}</button>
      ${isOwn && html`<a class="button" href=${href("providers", { id: provider.id, query: { edit: 1 } })}>Change</a>`}
      ${canDelete && html`<${ConfirmButton} word="Delete" confirmWord=${`Delete ${provider.name}`} question="It is not watched any more, and all that was seen of it is gone: checks, changes, numbers."
        onConfirm=${async () => { await remove(`v1/providers/${provider.id}`); go("providers", { query: { tab: "inventory" } }); }} />`}
      ${!isOwn && html`<span class="card-note">${provider.origin === "service" ? "A part of the service: it can be paused, not changed." : "Named by the registry file: change it there."}</span>`}
    </div>
    <${ErrorNotice} error=${act.error} />`;
}

function About({ provider }) {
  const { expectation, collection, key } = provider;
  const limits = provider.limits.map((limit) => `${amount(limit.calls)} a ${limit.per}`).join(", ");
  return html`<${Card} title="What it is">
    ${provider.description && html`<p>${provider.description}</p>`}
    <dl class="pairs">
      <dt>Category</dt><dd>${provider.category}, tier ${provider.tier}</dd>
      <dt>Asked</dt><dd><code>${provider.url || "within the service"}</code> every ${duration(provider.every_s)}</dd>
      ${provider.second_url && html`<dt>Else</dt><dd><code>${provider.second_url}</code></dd>`}
      ${provider.kind === "http" && html`<dt>Expected</dt><dd>status ${expectation.statuses.join(", ")}${expectation.pointer && html`, with <code>${expectation.pointer}</code>`} within ${milliseconds(expectation.timeout_ms)}</dd>`}
      <dt>Degraded from</dt><dd>${milliseconds(expectation.degraded_ms)}; offline from ${milliseconds(expectation.offline_ms)}</dd>
      <dt>A state changes</dt><dd>after ${expectation.failures} bad or ${expectation.recoveries} good in a row</dd>
      <dt>Limits</dt><dd>${limits || "none"}</dd>
      ${key && html`<dt>Key</dt><dd><code>${key.environment}</code> ${key.is_set ? html`<code>${key.masked}</code>` : "which the service does not have"}, in ${key.place}${key.name ? ` ${key.name}` : ""}</dd>`}
      ${collection && html`<dt>Collected</dt><dd>${Object.entries(collection.series).map(([name, pointer]) => html`<code key=${name}>${name} = ${pointer}</code> `)}</dd>`}
    </dl>
  <//>`;
}

function Standing({ provider }) {
  const now = useNow();
  const { circuit } = provider;
  return html`<${Card} title="How it stands">
    <dl class="pairs">
      <dt>Since</dt><dd title=${clock(provider.state_since)}>${ago(provider.state_since, now)}</dd>
      <dt>Latest check</dt><dd>${ago(provider.last_check_at, now)}, shows ${provider.level}, in ${milliseconds(provider.last_response_ms)}</dd>
      <dt>Latest success</dt><dd>${ago(provider.last_success_at, now)}</dd>
      <dt>Next check</dt><dd>${provider.paused || !provider.next_check_at ? "none" : now >= Date.parse(provider.next_check_at) ? "now" : `in ${duration((Date.parse(provider.next_check_at) - now) / 1000)}`}</dd>
      <dt>Circuit</dt><dd>${circuit.state}${circuit.failures > 0 ? `, ${circuit.failures} failures in a row` : ""}${circuit.open_until ? `, until ${clock(circuit.open_until)}` : ""}</dd>
      ${circuit.wait_until && html`<dt>Asked to wait</dt><dd>until ${clock(circuit.wait_until)}</dd>`}
      <dt>Place asked</dt><dd>${provider.on_second ? "the second" : "the first"}</dd>
      <dt>Checks</dt><dd>${amount(provider.checks)}</dd>
      ${provider.last_error && html`<dt>Latest error</dt><dd>${provider.last_error_type}: ${provider.last_error}</dd>`}
      ${provider.left_at && html`<dt>Left the file</dt><dd>${clock(provider.left_at)}</dd>`}
    </dl>
  <//>`;
}

function Numbers({ provider, hours }) {
  const statistics = useResource(`v1/providers/${provider.id}/statistics`, { query: { hours }, everyMs: 15_000 });
  const health = useResource("api/charts/health-history", { query: { hours: Math.min(168, Math.max(24, Number(hours))), provider: provider.id }, everyMs: 60_000 });
  const told = statistics.data;
  const answers = told?.response_ms;
  const isDaily = Number(hours) > 168;
  return html`<${ErrorNotice} error=${statistics.error} onRetry=${statistics.reload} />
    <${Tiles}>
      <${Tile} label="Online or degraded" value=${percent(told?.uptime.up)} note=${told ? `of ${duration(told.uptime.known_s)} known` : null} />
      <${Tile} label="Checks" value=${amount(told?.attempts.calls)} note=${told ? `${percent(told.attempts.success_rate)} went well` : null} />
      <${Tile} label="Blocked" value=${amount(told?.attempts.blocked)} note="by a limit, no call made" tone=${told?.attempts.blocked ? "warn" : ""} />
      <${Tile} label="Half within" value=${milliseconds(answers?.p50)} note=${answers ? `${amount(answers.answers)} answers` : null} />
      <${Tile} label="95 % within" value=${milliseconds(answers?.p95)} />
      <${Tile} label="99 % within" value=${milliseconds(answers?.p99)} />
      <${Tile} label="Received" value=${bytes(told?.attempts.bytes)} />
      <${Tile} label="Quality of data" value=${told?.collected.mean_quality === null ? NONE : amount(told?.collected.mean_quality)} note=${told ? `${amount(told.collected.collections)} collections` : null} />
    <//>
    <${Card} title="Uptime" note=${isDaily ? "each mark is six hours of the last week" : "each mark is an hour"} rows=${2} resource=${health}>
      <${Strip} points=${health.data?.points ?? []} hours=${isDaily ? 6 : 1} />
    <//>
    ${told?.budgets.length > 0 && html`<${Card} title="Budgets">${told.budgets.map((budget) => html`<div key=${budget.per}>
      <div class="row"><span>A ${budget.per}</span><span class="card-note">${amount(budget.used)} of ${amount(budget.calls)} calls, anew at ${clock(budget.resets_at)}</span></div>
      <${Meter} share=${budget.percentage} status=${budget.status} /></div>`)}<//>`}`;
}

function Latency({ id }) {
  const checks = useResource(`v1/providers/${id}/checks`, { query: { limit: LATEST }, everyMs: 15_000 });
  const rows = [...(checks.data?.items ?? [])].reverse();
  const levels = percentilesOf(rows.map((row) => row.response_ms).filter((value) => value !== null));
  const data = [rows.map((row) => Date.parse(row.at) / 1000), rows.map((row) => row.response_ms)];
  const marks = levels === null ? [] : Object.entries(levels).map(([name, y], index) => ({ y, label: `${name} ${milliseconds(y)}`, colour: `series-${index + 2}` }));
  return html`<${Card} title="Latency" note=${`the latest ${LATEST} checks`} rows=${9} resource=${checks}>
    <${Chart} label="How long each check took, with percentiles" data=${data} marks=${marks} xTime=${true} height=${220} yFormat=${milliseconds}
      series=${[{ label: "answer", colour: "series-1", points: true, spanGaps: false }]} />
  <//>`;
}

/** Nearest-rank percentiles of numbers: { p50, p95, p99 }, or null of none. */
export function percentilesOf(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
