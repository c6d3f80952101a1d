// Where bars stand: numbers in, places out. Nothing here draws.

/** Round steps of an axis that cover [low, high]: about `wanted` of them. */
export function ticks(low, high, wanted = 5) {
  if (!(high > low)) return [low];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const found = [];
  for (let at = Math.ceil(low / step) + 0; at * step <= high + step * 1e-9; at += 1) found.push(at * step + 0);
  return found;
}

/** From a number to a place: a straight line through (low, from) and (high, to). */
export function scale(low, high, from, to) {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

/** The least range that holds all of these, and 0, with some air. */
export function extent(values, { withZero = true, air = 0.04 } = {}) {
  const finite = values.filter((value) => value !== null && Number.isFinite(value));
  const low = Math.min(...finite, ...(withZero || finite.length === 0 ? [0] : []));
  const high = Math.max(...finite, ...(withZero || finite.length === 0 ? [0] : []));
  const room = (high - low || Math.abs(high) || 1) * air;
  return { low: low === 0 ? 0 : low - room, high: high === 0 ? 0 : high + room };
}

/** Upright bars over and under 0. */
export function columns(values, { width, height }) {
  const { low, high } = extent(values);
  const y = scale(low, high, height, 0);
  const each = width / Math.max(1, values.length);
  const thick = Math.max(1, Math.min(56, each * 0.7));
  return {
    y, low, high,
    bars: values.map((value, at) => {
      const top = Math.min(y(value), y(0));
      return { at, value, x: each * (at + 0.5) - thick / 2, middle: each * (at + 0.5), width: thick, y: top, height: Math.max(1, Math.abs(y(value) - y(0))) };
    }),
  };
}

/** A tornado: of each driver the stretches from the base to its low and to its high end. */
export function tornado(bars, base, { width, rowHeight }) {
  const ends = bars.flatMap((bar) => [bar.at_low, bar.at_high]).concat(base);
  const { low, high } = extent(ends, { withZero: false, air: 0.06 });
  const x = scale(low, high, 0, width);
  const stretch = (end) => (end === null || base === null ? null : { x: Math.min(x(base), x(end)), width: Math.max(1, Math.abs(x(end) - x(base))) });
  return { x, low, high, base: base === null ? null : x(base), rows: bars.map((bar, at) => ({ bar, y: at * rowHeight, low: stretch(bar.at_low), high: stretch(bar.at_high) })) };
}

/** A histogram's bars between its edges. */
export function histogram({ edges, counts }, { width, height }) {
  const x = scale(edges[0], edges.at(-1), 0, width);
  const most = Math.max(1, ...counts);
  const y = scale(0, most * 1.08, height, 0);
  return { x, y, most, bars: counts.map((count, at) => ({ at, count, low: edges[at], high: edges[at + 1], x: x(edges[at]), width: Math.max(0.5, x(edges[at + 1]) - x(edges[at]) - 1), y: y(count), height: height - y(count) })) };
}

/** The net present value at a rate, in doubles: to draw it, not to decide by it. */
export function presentValue(flows, rate) {
  let sum = 0;
  for (let at = flows.length - 1; at >= 0; at -= 1) sum = flows[at] + sum / (1 + rate);
  return sum;
}

/** The value over the rates, and where what is drawn crosses 0. */
export function profile(flows, { from = -0.05, to = 0.5, count = 111 } = {}) {
  const rates = Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1));
  const values = rates.map((rate) => presentValue(flows, rate));
  const crossings = [];
  for (let at = 1; at < count; at += 1) {
    if (values[at - 1] > 0 !== values[at] > 0) crossings.push(halved(flows, rates[at - 1], rates[at]));
  }
  return { rates, values, crossings };
}

function halved(flows, low, high) {
  let [a, b] = [low, high];
  const isUp = presentValue(flows, a) > 0;
  for (let round = 0; round < 60; round += 1) {
    const middle = (a + b) / 2;
    if (presentValue(flows, middle) > 0 === isUp) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}
