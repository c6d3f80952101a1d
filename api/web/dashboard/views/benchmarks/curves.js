// The curves of a benchmark: profile, time to target, gaps at the end of the budget.

import { html } from "../../vendor/preact-htm.js";
import { duration, percent } from "../../lib/format.js";
import { Card } from "../../parts/card.js";
import { Chart } from "../../parts/chart.js";
import { Empty } from "../../parts/notice.js";
import { ecdf, grouped, mediansByOrder, onOneAxis } from "./statistics.js";

const HEIGHT = 240;
const share = (value) => percent(value, 0);
/** The colour of the contender with this index. */
export const colourOf = (index) => `series-${(index % 8) + 1}`;
const lines = (labels) => labels.map((label, index) => ({ label, colour: colourOf(index), steps: true, dash: index >= 8 ? [6, 4] : undefined }));

function Steps({ title, note, label, labels, curves, xFormat, xLog = false, ends = {} }) {
  const data = onOneAxis(curves, ends);
  return html`<${Card} title=${title} note=${note}>
    ${data[0].length < 1 ? html`<div class="curve-place"><${Empty} title="No run has told of this yet." /></div>`
      : html`<${Chart} label=${label} data=${data} series=${lines(labels)} height=${HEIGHT} xFormat=${xFormat} yFormat=${share} xLog=${xLog} scales=${{ y: { range: [0, 1.02] } }} />`}
  <//>`;
}

export function Profile({ contenders }) {
  return html`<${Steps} title="Performance profile" note="share of instances within a factor of the best (Dolan and Moré)" xLog=${true}
    label="Performance profile of each method" labels=${contenders.map(({ contender }) => contender)} curves=${contenders.map(({ profile }) => profile)}
    xFormat=${(x) => `×${Number(x.toPrecision(3))}`} />`;
}

export function TimeToTarget({ contenders }) {
  const curves = contenders.map(({ time_to_target: steps }) => steps.map(([x, y]) => [Math.max(x, 0.001), y]));
  return html`<${Steps} title="Time to target" note="share of runs that had reached their target, by seconds (ECDF)" xLog=${true}
    label="Time to target of each method" labels=${contenders.map(({ contender }) => contender)} curves=${curves} xFormat=${duration} />`;
}

/** Fixed budget: which share of runs ended at a gap of at most so much. */
export function GapsAtEnd({ runs, labels }) {
  const byLabel = grouped(runs.filter(({ state }) => state === "succeeded"), ({ label }) => label);
  const curves = labels.map((label) => {
    const all = byLabel.get(label) ?? [];
    return ecdf(all.map(({ gap }) => gap).filter((gap) => gap !== null), all.length);
  });
  return html`<${Steps} title="Gap at the end of the budget" note="share of runs that ended this near (ECDF)" ends=${{ first: 0 }}
    label="Distribution of the gap of each method" labels=${labels} curves=${curves} xFormat=${(x) => percent(x)} />`;
}

export function RunTimes({ runs, labels }) {
  const byLabel = grouped(runs.filter(({ elapsed }) => elapsed !== null), ({ label }) => label);
  const curves = labels.map((label) => ecdf((byLabel.get(label) ?? []).map(({ elapsed }) => Math.max(elapsed, 0.001))));
  return html`<${Steps} title="Run times" note="share of runs that had ended, by seconds (ECDF)" xLog=${true}
    label="Distribution of the run times of each method" labels=${labels} curves=${curves} xFormat=${duration} />`;
}

export function GapByOrder({ runs, labels }) {
  const { orders, medians } = mediansByOrder(runs.filter(({ gap }) => gap !== null), labels);
  return html`<${Card} title="Gap by n" note="median over the runs at each order">
    ${orders.length === 0 ? html`<div class="curve-place"><${Empty} title="No run has ended yet." /></div>`
      : html`<${Chart} label="Median gap of each method by the order of the instance" height=${HEIGHT} yFormat=${(y) => percent(y)} xFormat=${(x) => `n = ${x}`}
          data=${[orders, ...labels.map((label) => medians.get(label))]} series=${labels.map((label, index) => ({ label, colour: colourOf(index), points: true }))} />`}
  <//>`;
}
