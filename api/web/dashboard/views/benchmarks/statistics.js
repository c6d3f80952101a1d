// Statistics of runs that the report of a benchmark does not hold. Pure: plain numbers in,
// plain numbers out.

/** The quantile q (0 to 1) of sorted numbers, between neighbours by their distance (Hyndman and Fan 7). */
export function quantile(sorted, q) {
  if (sorted.length === 0) return null;
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

export const ascending = (values) => [...values].sort((a, b) => a - b);
export const median = (values) => quantile(ascending(values), 0.5);

/** A box after Tukey: quartiles, whiskers to the last values within 1.5 of their distance. */
export function box(values) {
  const sorted = ascending(values);
  if (sorted.length === 0) return null;
  const [first, middle, third] = [0.25, 0.5, 0.75].map((q) => quantile(sorted, q));
  const reach = 1.5 * (third - first);
  const inside = sorted.filter((value) => value >= first - reach && value <= third + reach);
  return { count: sorted.length, first, median: middle, third, low: inside[0], high: inside.at(-1), outside: sorted.filter((value) => value < first - reach || value > third + reach) };
}

/** The empirical distribution as steps [[value, share], …]: `of` counts also what has no value. */
export function ecdf(values, of = values.length) {
  const sorted = ascending(values);
  const steps = [];
  sorted.forEach((value, index) => {
    if (steps.at(-1)?.[0] === value) steps.at(-1)[1] = (index + 1) / of;
    else steps.push([value, (index + 1) / of]);
  });
  return steps;
}

/**
 * Curves of steps on one axis, as charts take them: [xs, ys, ys, …]. From each value on
 * its share holds; before the first it is 0. `first` and `last` widen the axis.
 */
export function onOneAxis(curves, { first = null, last = null } = {}) {
  const all = curves.flatMap((curve) => curve.map(([x]) => x));
  const xs = ascending(new Set([...all, ...[first, last].filter((x) => x !== null)]));
  const ys = curves.map((curve) => {
    let next = 0;
    let share = 0;
    return xs.map((x) => {
      while (next < curve.length && curve[next][0] <= x) {
        [, share] = curve[next];
        next += 1;
      }
      return share;
    });
  });
  return [xs, ...ys];
}

/**
 * How often each contender has the least median gap: by label { wins, of, share }. Those
 * that are equal share the win. Only instances that every contender has ended a run of count.
 */
export function winRates(cells, labels) {
  const byInstance = Map.groupBy ? Map.groupBy(cells, (cell) => cell.instance) : grouped(cells, (cell) => cell.instance);
  const wins = new Map(labels.map((label) => [label, 0]));
  let of = 0;
  for (const group of byInstance.values()) {
    if (group.length < labels.length || group.some(({ median_gap: gap }) => gap === null)) continue;
    of += 1;
    const least = Math.min(...group.map((cell) => cell.median_gap));
    const winners = group.filter((cell) => cell.median_gap === least);
    for (const { contender } of winners) wins.set(contender, wins.get(contender) + 1 / winners.length);
  }
  return labels.map((label) => ({ label, wins: wins.get(label), of, share: of === 0 ? null : wins.get(label) / of }));
}

/** Values in groups, by what `keyOf` says, in the order in which keys first come. */
export function grouped(values, keyOf) {
  const groups = new Map();
  for (const value of values) {
    const key = keyOf(value);
    if (groups.has(key)) groups.get(key).push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** The median gap of each label at each order: { orders, medians: label → [gap | null, …] }. */
export function mediansByOrder(runs, labels) {
  const orders = ascending(new Set(runs.map(({ order }) => order)));
  const medians = new Map(labels.map((label) => [label, orders.map((order) => median(runs.filter((run) => run.label === label && run.order === order).map(({ gap }) => gap)))]));
  return { orders, medians };
}
