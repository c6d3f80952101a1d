// Flow beside the distances in the order of the assignment: where both are dark, it costs.

import { html, useEffect, useMemo, useRef, useState } from "../../vendor/preact-htm.js";
import { amount, percent } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { themeName } from "../../lib/theme.js";
import { useSignal } from "../../lib/signal.js";
import { Card } from "../../parts/card.js";
import { colour } from "../../parts/chart.js";
import { TextField } from "../../parts/field.js";
import { Empty } from "../../parts/notice.js";
import { bestSwap, costliest, delta, objectiveOf, prepared, reordered } from "./swaps.js";

/** Above it the best swap is looked for only when asked: it takes time that grows with n cubed. */
const LOOKED_FOR_UP_TO = 120;

export function Layout({ instance, permutation }) {
  const resource = useResource(instance && permutation ? `v1/instances/${instance.sha256}/matrices` : null);
  if (!permutation) return html`<${Card} title="Layout"><${Empty} title="No assignment yet.">${whenDrawn(instance)}<//><//>`;
  return html`<${Card} title="Layout" note="row i: facility i; the distances are those of where the facilities are" resource=${resource} rows=${14}>
    ${resource.data && html`<${Heatmaps} matrices=${resource.data} permutation=${permutation} />`}<//>`;
}

/** Events carry no assignment of more than 256 facilities. */
export const whenDrawn = (instance) => (instance?.order > 256 ? "One of so many facilities is drawn when the run has ended." : "It is drawn with the first incumbent.");

function Heatmaps({ matrices: told, permutation: p }) {
  const matrices = useMemo(() => prepared(told), [told]);
  const [pair, setPair] = useState({ r: "", s: "" });
  const [hover, setHover] = useState(null);
  const distance = useMemo(() => reordered(matrices.distance, p), [matrices, p]);
  const product = useMemo(() => matrices.flow.map((row, i) => row.map((flow, j) => flow * distance[i][j])), [matrices, distance]);
  const now = useMemo(() => objectiveOf(matrices, p), [matrices, p]);
  const pairs = useMemo(() => costliest(matrices, p), [matrices, p]);
  const [wanted, setWanted] = useState(p.length <= LOOKED_FOR_UP_TO);
  const best = useMemo(() => (wanted ? bestSwap(matrices, p) : null), [matrices, p, wanted]);
  const chosen = [pair.r, pair.s].map((text) => (/^\d+$/.test(text) && Number(text) < p.length ? Number(text) : null));
  const looked = chosen.every((each) => each !== null) ? chosen : hover;
  return html`<div class="heatmaps">
      <${Heatmap} title="Flow" values=${matrices.flow} onHover=${setHover} onPick=${setPair} />
      <${Heatmap} title="Distance, reordered" values=${distance} onHover=${setHover} onPick=${setPair} />
      <${Heatmap} title="Flow × distance" values=${product} onHover=${setHover} onPick=${setPair} />
    </div>
    <p class="heat-words" aria-live="polite">${looked ? words(matrices, p, looked) : "Point at a cell, or name two facilities below, to see what swapping them would change. Click keeps the pair."}</p>
    <div class="fields">
      <${TextField} label="Facility" inputmode="numeric" value=${pair.r} onInput=${(r) => setPair({ ...pair, r })} hint=${`0 to ${p.length - 1}`} />
      <${TextField} label="and facility" inputmode="numeric" value=${pair.s} onInput=${(s) => setPair({ ...pair, s })} />
    </div>
    <dl class="pairs"><dt>Objective</dt><dd>${amount(now)}, recomputed in this page</dd>
      <dt>Best swap from here</dt><dd>${best === null ? html`<button type="button" onClick=${() => setWanted(true)}>Look for it</button>` : best.delta < 0
        ? `facilities ${best.r} and ${best.s}: ${amount(best.delta)}` : best.delta > 0 ? `none: every swap costs at least ${amount(best.delta)} more (2-swap optimal)` : "none is better; some change nothing (2-swap optimal)"}</dd>
      <dt>Costliest pairs</dt><dd>${pairs.map(({ i, j, cost, share }) => `${i}–${j}: ${amount(cost)} (${percent(share)})`).join(" · ") || "none"}</dd></dl>`;
}

function words(matrices, p, [i, j]) {
  const { flow, distance } = matrices;
  const cost = flow[i][j] * distance[p[i]][p[j]];
  const change = delta(matrices, p, i, j);
  return `Facility ${i} (at location ${p[i]}) and ${j} (at ${p[j]}): flow ${amount(flow[i][j])} × distance ${amount(distance[p[i]][p[j]])} = ${amount(cost)}. Swapping them changes the objective by ${change > 0 ? "+" : ""}${amount(change)}.`;
}

function Heatmap({ title, values, onHover, onPick }) {
  const canvas = useRef(null);
  const theme = useSignal(themeName);
  const n = values.length;
  useEffect(() => draw(canvas.current, values), [values, theme]);
  const cell = (event) => {
    const box = canvas.current.getBoundingClientRect();
    const at = (offset, size) => Math.min(n - 1, Math.max(0, Math.floor((offset / size) * n)));
    return [at(event.clientY - box.top, box.height), at(event.clientX - box.left, box.width)];
  };
  return html`<figure class="heatmap" style=${{ margin: 0 }}><figcaption>${title}</figcaption>
    <canvas ref=${canvas} width=${n} height=${n} role="img" aria-label=${`${title}: ${n} by ${n} cells, darker is more`}
      onMouseMove=${(event) => onHover(cell(event))} onMouseLeave=${() => onHover(null)}
      onClick=${(event) => { const [r, s] = cell(event); onPick({ r: String(r), s: String(s) }); }}></canvas></figure>`;
}

/** One pixel a cell: from the ground's colour to the accent's by the share of the largest. */
function draw(canvas, values) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const [from, to] = [rgb(context, colour("sunken")), rgb(context, colour("accent"))];
  const largest = values.reduce((most, row) => row.reduce((each, value) => Math.max(each, Math.abs(Number(value))), most), 0) || 1;
  const image = context.createImageData(values.length, values.length);
  values.forEach((row, i) => row.forEach((value, j) => {
    const share = Math.sqrt(Math.abs(Number(value)) / largest);
    const at = 4 * (i * values.length + j);
    for (let part = 0; part < 3; part += 1) image.data[at + part] = from[part] + (to[part] - from[part]) * share;
    image.data[at + 3] = 255;
  }));
  context.putImageData(image, 0, 0);
}

function rgb(context, name) {
  context.fillStyle = name;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}
