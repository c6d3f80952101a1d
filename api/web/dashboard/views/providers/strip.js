// How often a provider answered well, hour by hour or day by day.

import { html } from "../../vendor/preact-htm.js";
import { clock } from "../../lib/format.js";

/** Points of hours as those of `hours` each: { at, total, successful }. */
export function gathered(points, hours) {
  const span = hours * 3_600_000;
  const cells = new Map();
  for (const point of points) {
    const at = Math.floor(Date.parse(point.timestamp) / span) * span;
    const cell = cells.get(at) ?? { at, total: 0, successful: 0 };
    cell.total += point.total;
    cell.successful += point.successful;
    cells.set(at, cell);
  }
  return [...cells.values()].sort((a, b) => a.at - b.at);
}

/** The tone of a share of checks that succeeded; of none it is unknown. */
export function toneOf({ total, successful }) {
  if (total === 0) return "none";
  const share = successful / total;
  if (share >= 0.99) return "good";
  return share >= 0.8 ? "warn" : "bad";
}

export function Strip({ points, hours }) {
  const cells = gathered(points, hours);
  const words = ({ at, total, successful }) =>
    `${clock(at)}: ${total === 0 ? "not asked" : `${successful} of ${total} checks went well`}`;
  const all = cells.reduce((sum, cell) => sum + cell.total, 0);
  const well = cells.reduce((sum, cell) => sum + cell.successful, 0);
  return html`<div class="strip" role="img" aria-label=${all === 0 ? "No checks in this time" : `${well} of ${all} checks went well`}>
    ${cells.map((cell) => html`<span key=${cell.at} class=${`strip-cell strip-${toneOf(cell)}`} title=${words(cell)}></span>`)}
  </div>`;
}
