// What swapping two facilities would change, computed in the page. Pure.
// The objective is the sum over i, j of flow[i][j] * distance[p[i]][p[j]] + linear[i][p[i]].
// Numbers are all doubles or all BigInt: `prepared` says which.

/**
 * The matrices as they have to be counted with: in BigInt where a sum of integers might
 * not fit a double. `zero` is the nought of their kind.
 */
export function prepared({ flow, distance, linear, exact }) {
  const largest = (matrix) => (matrix ?? []).reduce((most, row) => row.reduce((each, value) => Math.max(each, Math.abs(Number(value))), most), 0);
  const n = flow.length;
  const fits = n * n * largest(flow) * largest(distance) + n * largest(linear) < Number.MAX_SAFE_INTEGER;
  if (!exact || fits) return { flow, distance, linear, zero: 0 };
  const big = (matrix) => matrix?.map((row) => row.map(BigInt)) ?? null;
  return { flow: big(flow), distance: big(distance), linear: big(linear), zero: 0n };
}

/** The objective of an assignment, O(n^2). */
export function objectiveOf({ flow, distance, linear, zero = 0 }, p) {
  let sum = zero;
  for (let i = 0; i < p.length; i += 1) {
    for (let j = 0; j < p.length; j += 1) sum += flow[i][j] * distance[p[i]][p[j]];
    if (linear) sum += linear[i][p[i]];
  }
  return sum;
}

/** What the objective grows by when facilities r and s change places, O(n). */
export function delta({ flow: f, distance: d, linear, zero = 0 }, p, r, s) {
  if (r === s) return zero;
  const [pr, ps] = [p[r], p[s]];
  let sum = f[r][r] * (d[ps][ps] - d[pr][pr]) + f[s][s] * (d[pr][pr] - d[ps][ps]) + f[r][s] * (d[ps][pr] - d[pr][ps]) + f[s][r] * (d[pr][ps] - d[ps][pr]);
  for (let k = 0; k < p.length; k += 1) {
    if (k === r || k === s) continue;
    const pk = p[k];
    sum += f[k][r] * (d[pk][ps] - d[pk][pr]) + f[k][s] * (d[pk][pr] - d[pk][ps]) + f[r][k] * (d[ps][pk] - d[pr][pk]) + f[s][k] * (d[pr][pk] - d[ps][pk]);
  }
  if (linear) sum += linear[r][ps] + linear[s][pr] - linear[r][pr] - linear[s][ps];
  return sum;
}

/** The swap that gains most from here, { r, s, delta }, O(n^3); null below two facilities. */
export function bestSwap(matrices, p) {
  let best = null;
  for (let r = 0; r < p.length; r += 1) {
    for (let s = r + 1; s < p.length; s += 1) {
      const change = delta(matrices, p, r, s);
      if (best === null || change < best.delta) best = { r, s, delta: change };
    }
  }
  return best;
}

/** The pairs of facilities that cost most: [{ i, j, cost, share }], at most `most`. */
export function costliest({ flow, distance, zero = 0 }, p, most = 8) {
  const pairs = [];
  let total = zero;
  for (let i = 0; i < p.length; i += 1) {
    for (let j = i; j < p.length; j += 1) {
      const cost = flow[i][j] * distance[p[i]][p[j]] + (i === j ? zero : flow[j][i] * distance[p[j]][p[i]]);
      total += cost;
      pairs.push({ i, j, cost });
    }
  }
  pairs.sort((a, b) => (a.cost < b.cost ? 1 : a.cost > b.cost ? -1 : 0));
  return pairs.slice(0, most).filter(({ cost }) => cost > 0).map((pair) => ({ ...pair, share: total > 0 ? Number(pair.cost) / Number(total) : null }));
}

/** The distances in the order of the assignment: row i is the location of facility i. */
export const reordered = (distance, p) => p.map((location) => p.map((other) => distance[location][other]));
