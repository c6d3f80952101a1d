// Boxes with every run as a dot: what spread a median hides. Drawn as SVG, in rows.

import { html } from "../../vendor/preact-htm.js";
import { percent } from "../../lib/format.js";
import { box } from "./statistics.js";

const ROW = 44;
const LEFT = 8;
const WIDTH = 640;
const MOST_DOTS = 300;

/** `groups` are [{ label, colour, values }]: gaps as shares. */
export function Boxes({ groups, label }) {
  const all = groups.flatMap(({ values }) => values);
  const most = Math.max(...all, 1e-9);
  const x = (value) => LEFT + (value / most) * (WIDTH - 2 * LEFT);
  const height = groups.length * ROW + 24;
  return html`<svg class="boxes" viewBox=${`0 0 ${WIDTH} ${height}`} role="img" aria-label=${`${label}: ${groups.map((each) => `${each.label} ${words(each.values)}`).join("; ")}`}>
    ${[0, 0.25, 0.5, 0.75, 1].map((share) => html`<g key=${share}><line class="boxes-grid" x1=${x(share * most)} x2=${x(share * most)} y1="0" y2=${height - 20} />
      <text class="boxes-tick" x=${x(share * most)} y=${height - 5} text-anchor=${share === 0 ? "start" : share === 1 ? "end" : "middle"}>${percent(share * most)}</text></g>`)}
    ${groups.map((group, index) => html`<g key=${group.label} transform=${`translate(0 ${index * ROW})`}><${Row} group=${group} x=${x} /></g>`)}
  </svg>`;
}

function Row({ group, x }) {
  const drawn = box(group.values);
  const stroke = { stroke: `var(--${group.colour})` };
  const y = 29;
  const step = Math.max(1, Math.ceil(group.values.length / MOST_DOTS));
  return html`<text class="boxes-label" x=${LEFT} y="14">${group.label} <tspan class="boxes-tick">${words(group.values)}</tspan></text>
    ${drawn && html`<line style=${stroke} x1=${x(drawn.low)} x2=${x(drawn.high)} y1=${y} y2=${y} />
      <rect style=${{ ...stroke, fill: `color-mix(in srgb, var(--${group.colour}) 18%, transparent)` }} x=${x(drawn.first)} width=${Math.max(2, x(drawn.third) - x(drawn.first))} y=${y - 8} height="16" rx="3" />
      <line style=${{ ...stroke, strokeWidth: 3 }} x1=${x(drawn.median)} x2=${x(drawn.median)} y1=${y - 8} y2=${y + 8} />
      ${group.values.filter((_, index) => index % step === 0).map((value, index) => html`<circle key=${index} style=${{ fill: `var(--${group.colour})` }} cx=${x(value)} cy=${y + ((index * 7) % 11) - 5} r="2" opacity="0.6" />`)}`}`;
}

function words(values) {
  const drawn = box(values);
  return drawn ? `median ${percent(drawn.median)}, ${drawn.count} ${drawn.count === 1 ? "run" : "runs"}` : "no runs yet";
}
