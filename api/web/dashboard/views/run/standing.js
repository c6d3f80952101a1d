// How a run stands, in tiles: the same while it is watched and on its own page.

import { html } from "../../vendor/preact-htm.js";
import { NONE, amount, duration, percent, short } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { isFinal } from "../../lib/job_state.js";
import { Tile, Tiles } from "../../parts/card.js";

/**
 * `best` is the result, or the latest that was told; `began` when it started. Tiles that
 * only one place has are its children.
 */
export function StandingTiles({ job, state, best, began, children }) {
  const now = useNow(500);
  const elapsed = best.elapsed_s !== undefined && isFinal(state) ? best.elapsed_s : began ? Math.max(0, (now - Date.parse(began)) / 1000) : null;
  const known = best.best_known ?? null;
  const { objective } = best;
  return html`<${Tiles}>
    <${Tile} label="Objective" value=${amount(objective)} note=${known === null ? null : `best known ${amount(known)}`} tone=${known !== null && objective !== undefined && objective <= known ? "good" : ""} />
    <${Tile} label="Gap to best known" value=${percent(best.gap_to_best_known)} />
    <${Tile} label="Bound" value=${amount(best.bound)} note=${best.bound_name ?? null} />
    <${Tile} label="Gap to bound" value=${percent(best.gap_to_bound)} note=${best.gap_to_bound === 0 ? "optimal, proven" : null} />
    <${Tile} label="Time" value=${duration(elapsed)} note=${best.termination ? `ended: ${best.termination}` : null} />
    <${Tile} label="Iterations" value=${best.iterations === undefined || best.iterations === null ? NONE : short(best.iterations)} note=${best.method ?? job?.method} />
    ${children}
  <//>`;
}
