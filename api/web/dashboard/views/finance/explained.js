// A result, and what it means: drawn where a picture says more.

import { html } from "../../vendor/preact-htm.js";
import { NONE, amount, percent, short } from "../../lib/format.js";
import { resolve, title } from "../../lib/schema.js";
import { Badge } from "../../parts/badge.js";
import { Tile, Tiles } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { Table } from "../../parts/table.js";
import { Columns, Histogram, Tornado } from "./drawings.js";
import { profile } from "./layout.js";

const money = (value) => (value === null || value === undefined ? NONE : new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value));
const rate = (value) => (value === null || value === undefined ? NONE : percent(value, 2));

/** `calculation` is what the API lists of it, `parameters` what was sent. */
export function Explained({ calculation, parameters, outcome }) {
  const Own = { sensitivity: Sensitivity, scenario: Scenario, monte_carlo: MonteCarlo, comprehensive_roi: Roi, npv: Value, xnpv: Value, irr: Rates, xirr: Rates }[calculation.name] ?? Plain;
  return html`<${Own} outcome=${outcome} parameters=${parameters} />
    <details><summary>All numbers</summary><${AllNumbers} schema=${calculation.outcome} outcome=${outcome} /></details>`;
}

function Value({ outcome, parameters }) {
  const value = outcome.npv ?? outcome.xnpv;
  const isDated = parameters.dates !== undefined;
  return html`<${Tiles}>
      <${Tile} label="Net present value" value=${money(value)} tone=${value > 0 ? "good" : value < 0 ? "bad" : ""} note=${`at ${rate(parameters.discount_rate ?? 0.1)}`} />
      <${Tile} label="Error at most" value=${outcome.error_bound.toExponential(1)} note="proved" />
      ${isDated ? html`<${Tile} label="Valued at" value=${outcome.valued_at} note="the earliest date" />` : html`<${Tile} label="Present value" value=${money(outcome.present_value)} note="of the flows alone" />`}
    <//>
    <p>${value > 0 ? "It brings more than its money would at this rate." : value < 0 ? "It brings less than its money would at this rate." : "It brings just what its money would at this rate."}</p>
    <${Flows} parameters=${parameters} marked=${parameters.discount_rate ?? 0.1} />`;
}

function Rates({ outcome, parameters }) {
  const told = outcome.irr ?? outcome.xirr;
  const columns = [
    { title: "Rate", cell: (root) => percent(root.rate, 6) },
    { title: "Error at most", align: "right", cell: (root) => root.error_bound.toExponential(1) },
    { title: "Multiplicity", align: "right", cell: (root) => root.multiplicity },
  ];
  return html`<${Tiles}>
      <${Tile} label="Internal rate" value=${rate(told)} note=${outcome.is_unique ? "the only one, proved" : `${outcome.roots.length} found`} />
      <${Tile} label="Changes of sign" value=${amount(outcome.sign_changes)} note="at most as many rates" />
    <//>
    <p>${outcome.reason.charAt(0).toUpperCase() + outcome.reason.slice(1)}.</p>
    <${Flows} parameters=${parameters} roots=${outcome.roots.map((root) => root.rate)} />
    ${outcome.roots.length > 1 && html`<${Table} label="All rates" columns=${columns} rows=${outcome.roots} keyOf=${(root) => root.rate} />`}`;
}

function Roi({ outcome, parameters }) {
  const { financial_metrics: metrics, investment_decision: decision, risk_analysis: risk, tco_analysis: tco } = outcome;
  const says = (is, words) => html`<li class="line"><${Badge} word=${is ? "yes" : "no"} tone=${is ? "good" : "bad"} /> ${words}</li>`;
  return html`<${Tiles}>
      <${Tile} label="Decision" value=${decision.recommended ? "Yes" : "No"} note=${decision.recommended ? "recommended" : "not recommended"} tone=${decision.recommended ? "good" : "bad"} />
      <${Tile} label="Net present value" value=${money(metrics.npv)} />
      <${Tile} label="Internal rate" value=${rate(metrics.irr)} note=${metrics.irr_is_unique ? "the only one" : "one of several"} />
      <${Tile} label="Simple ROI" value=${`${metrics.simple_roi_pct} %`} note=${`paid back in ${amount(metrics.payback_years)} years`} />
      <${Tile} label="Sharpe ratio" value=${amount(risk.sharpe_ratio)} note=${`${rate(risk.required_return)} asked for`} />
      <${Tile} label="Cost of ownership" value=${short(tco.total_tco)} note=${`${short(tco.annual_tco)} a year`} />
    <//>
    <ul class="plain">${says(decision.npv_positive, "Its net present value is above 0.")}
      ${says(decision.irr_exceeds_hurdle, `Its internal rate is above the discount rate of ${rate(parameters.discount_rate ?? 0.1)}.`)}
      ${says(decision.risk_acceptable, `It brings what its risk asks for: ${rate(risk.expected_return)} of ${rate(risk.required_return)}.`)}</ul>
    <${Flows} parameters=${{ cash_flows: parameters.annual_cash_flows, initial_investment: parameters.initial_investment }} marked=${parameters.discount_rate ?? 0.1} roots=${metrics.irr_unrounded === null ? [] : [metrics.irr_unrounded]} />
    <h3>Cost of ownership, at present value</h3>
    <${Columns} label="Cost of ownership" height=${180} items=${[["initial", tco.initial_cost], ["operating", tco.operating_costs], ["maintenance", tco.maintenance_costs], ["all", tco.total_tco]].map(([name, value]) => ({ name, value, tone: "bar-out" }))} />`;
}

/** The flows as bars, and for even periods the value over the rates. */
function Flows({ parameters, marked = null, roots = null }) {
  const flows = parameters.cash_flows ?? [];
  const isDated = parameters.dates !== undefined;
  const invested = parameters.initial_investment ?? 0;
  const items = isDated ? flows.map((value, at) => ({ name: parameters.dates[at], value, date: parameters.dates[at] })).sort((a, b) => a.date.localeCompare(b.date))
    : [{ name: "now", value: -invested }, ...flows.map((value, at) => ({ name: String(at + 1), value }))];
  const shown = items.slice(0, 200);
  return html`<h3>Cash flows</h3>
    <${Columns} items=${shown} label=${`Cash flows: ${shown.slice(0, 30).map((item) => `${item.name} ${amount(item.value)}`).join(", ")}`} />
    ${!isDated && html`<${Profile} flows=${[-invested, ...flows]} marked=${marked} roots=${roots} />`}`;
}

function Profile({ flows, marked, roots }) {
  const highest = Math.min(3, Math.max(0.4, ...(roots ?? []).map((root) => root * 1.4), (marked ?? 0) * 1.6));
  const { rates, values, crossings } = profile(flows, { to: highest });
  const certain = roots !== null && roots.length > 0;
  const marks = [{ y: 0, colour: "muted" },
    ...(certain ? roots : crossings).map((root) => ({ x: root, label: `IRR ${certain ? "" : "≈ "}${rate(root)}`, colour: "series-3" })),
    ...(marked === null ? [] : [{ x: marked, label: `at ${rate(marked)}`, colour: "series-2" }])];
  return html`<h3>Net present value over the rates</h3>
    <${Chart} key=${marks.map((mark) => mark.label).join()} label="Net present value over discount rates" height=${220} data=${[rates, values]} marks=${marks}
      series=${[{ label: "value", colour: "series-1" }]} xFormat=${(x) => percent(x, 0)} yFormat=${short} />
    <p class="card-note">Drawn from the flows. ${certain ? "Green: the rates that the calculation proved." : crossings.length > 0 ? "Green: where the line crosses 0, read off the drawing; the calculation “irr” proves it." : "The line does not cross 0 here."}</p>`;
}

export const driverName = (bar) => `${title(bar.name)}${bar.index === null || bar.index === undefined ? "" : ` ${bar.index + 1}`}`;

function Sensitivity({ outcome, parameters }) {
  const isRate = parameters.base.calculation === "irr";
  const format = isRate ? rate : money;
  const columns = [
    { title: "Driver", cell: driverName },
    { title: "From", align: "right", cell: (bar) => amount(bar.low) },
    { title: "To", align: "right", cell: (bar) => amount(bar.high) },
    { title: "Result at low", align: "right", cell: (bar) => format(bar.at_low) },
    { title: "At high", align: "right", cell: (bar) => format(bar.at_high) },
    { title: "Swing", align: "right", cell: (bar) => format(bar.swing) },
    { title: "Elasticity", align: "right", cell: (bar) => amount(bar.elasticity === null ? null : Number(bar.elasticity.toPrecision(3))) },
    { title: "Breaks even at", align: "right", cell: (bar) => amount(bar.breakeven) },
  ];
  return html`<p>${title(parameters.base.calculation)} is <strong>${format(outcome.base_value)}</strong> as things are. Each bar moves one driver alone; the widest matters most.</p>
    <${Tornado} outcome=${outcome} nameOf=${driverName} format=${isRate ? (value) => percent(value, 1) : short} />
    <${Table} label="Drivers" columns=${columns} rows=${outcome.bars} keyOf=${(bar) => `${bar.name}${bar.index}`} />`;
}

function Scenario({ outcome, parameters }) {
  const isRate = parameters.base.calculation === "irr";
  const format = isRate ? rate : money;
  const tag = (name) => (name === outcome.best ? html`<${Badge} word="best" tone="good" />` : name === outcome.worst ? html`<${Badge} word="worst" tone="bad" />` : "");
  const columns = [
    { title: "Scenario", cell: (row) => html`${row.name} ${tag(row.name)}` },
    { title: "Result", align: "right", cell: (row) => format(row.value) },
    { title: "To the case", align: "right", cell: (row) => (row.difference === null ? NONE : `${row.difference > 0 ? "+" : ""}${format(row.difference)}`) },
    { title: "Probability", align: "right", cell: (row) => percent(row.probability, 0) },
  ];
  const drawn = [{ name: "the case", value: outcome.base_value, tone: "bar-calm" }, ...outcome.scenarios].filter((row) => row.value !== null);
  return html`<${Tiles}>
      <${Tile} label="As it is" value=${format(outcome.base_value)} />
      <${Tile} label="Expected" value=${format(outcome.expected_value)} note=${outcome.expected_value === null ? "needs probabilities" : `± ${format(outcome.standard_deviation)}`} />
      <${Tile} label="Chance of less than 0" value=${percent(outcome.probability_below_0)} />
    <//>
    <${Columns} items=${drawn} label="Results of the scenarios" height=${240} format=${isRate ? (value) => percent(value, 0) : short} />
    <${Table} label="Scenarios" columns=${columns} rows=${outcome.scenarios} keyOf=${(row) => row.name} />`;
}

function MonteCarlo({ outcome }) {
  const loss = outcome.probability_of_loss;
  const between = (interval) => (interval.low === null ? "" : `${money(interval.low)} to ${money(interval.high)}`);
  const columns = [
    { title: "Percentile", cell: (row) => `${row.percentile} %` },
    { title: "Value", align: "right", cell: (row) => money(row.value) },
    { title: "Between", align: "right", cell: (row) => between(row) || NONE },
  ];
  return html`<${Tiles}>
      <${Tile} label="Mean" value=${money(outcome.mean.value)} note=${between(outcome.mean)} tone=${outcome.mean.value > 0 ? "good" : "bad"} />
      <${Tile} label="P(NPV > 0)" value=${percent(1 - loss.value)} note=${loss.low === null ? null : `${percent(1 - loss.high)} to ${percent(1 - loss.low)}`} />
      <${Tile} label="Deviation" value=${money(outcome.standard_deviation)} />
      <${Tile} label=${`Worst ${percent(outcome.tail.share, 0)}`} value=${money(outcome.tail.expected_shortfall)} note="expected shortfall" />
    <//>
    <h3>Distribution over ${amount(outcome.paths)} paths</h3>
    <${Histogram} outcome=${outcome} />
    <p class="card-note">${outcome.termination === "stopped" ? "It was stopped before all paths were drawn: the intervals are as wide as so few paths make them. " : ""}Seed ${String(outcome.seed)}: the same again gives the same.</p>
    <${Table} label="Percentiles" columns=${columns} rows=${outcome.percentiles} keyOf=${(row) => row.percentile} />`;
}

function Plain({ outcome, parameters }) {
  const [name, value] = Object.entries(outcome).find(([, each]) => typeof each === "number" || each === null) ?? [];
  const totals = outcome.running_totals;
  return html`<${Tiles}><${Tile} label=${title(name ?? "")} value=${/rate|irr|roi$/.test(name) ? rate(value) : amount(value)} note=${value === null ? "there is none" : null} /><//>
    ${totals && html`<h3>Running total</h3><${Columns} items=${totals.slice(0, 200).map((each, at) => ({ name: at === 0 ? "now" : String(at), value: each }))} label="Running total" />`}
    ${parameters.cash_flows && !totals && html`<${Flows} parameters=${parameters} marked=${parameters.discount_rate ?? null} />`}`;
}

/** Every number of an outcome, with what its schema says of it. */
function AllNumbers({ schema, outcome }) {
  return html`<dl class="numbers">${flattened(schema, outcome, schema).map(({ name, words, value }) => html`<div key=${name}><dt>${name}</dt><dd><span class="mono">${value}</span>${words && html` <span class="card-note">${words}</span>`}</dd></div>`)}</dl>`;
}

function flattened(given, value, root, path = "") {
  const schema = resolve(given, root);
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, part]) => flattened(schema.properties?.[name] ?? {}, part, root, path ? `${path}.${name}` : name));
  }
  const text = Array.isArray(value) ? `${value.length} entries` : value === null ? NONE : String(value);
  return [{ name: path, words: schema.description?.replaceAll("\n", " ") ?? null, value: text }];
}
