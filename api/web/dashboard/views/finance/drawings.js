// Bars, tornado and histogram as SVG; layout.js says where all of it stands.

import { html } from "../../vendor/preact-htm.js";
import { amount, percent, short } from "../../lib/format.js";
import { useWidth } from "../../lib/hooks.js";
import { columns, histogram, ticks, tornado } from "./layout.js";

const LEFT = 62;
const BOTTOM = 24;
const TOP = 8;

/** Bars over and under 0: `items` are { name, value, tone? }. */
export function Columns({ items, label, height = 220, format = short }) {
  const [place, width] = useWidth();
  const inner = { width: Math.max(80, width - LEFT - 6), height: height - BOTTOM - TOP };
  const { bars, y, low, high } = columns(items.map((item) => item.value), inner);
  const every = Math.ceil(items.length / Math.max(1, Math.floor(inner.width / 64)));
  return html`<div ref=${place} class="drawing" style=${{ height: `${height}px` }}>
    <svg width=${width} height=${height} role="img" aria-label=${label}><g transform=${`translate(${LEFT},${TOP})`}>
      ${ticks(low, high, 4).map((tick) => html`<g key=${tick}><line class="grid" x2=${inner.width} y1=${y(tick)} y2=${y(tick)} />
        <text class="tick right" x="-8" y=${y(tick) + 4}>${format(tick)}</text></g>`)}
      ${bars.map((bar) => html`<rect key=${bar.at} class=${`bar ${items[bar.at].tone ?? (bar.value < 0 ? "bar-out" : "bar-in")}`} x=${bar.x} y=${bar.y} width=${bar.width} height=${bar.height} rx="2">
        <title>${`${items[bar.at].name}: ${amount(bar.value)}`}</title></rect>`)}
      ${bars.filter((bar) => bar.at % every === 0).map((bar) => html`<text key=${bar.at} class="tick middle" x=${bar.middle} y=${inner.height + 16}>${clipped(items[bar.at].name, inner.width / items.length * every)}</text>`)}
      <line class="zero" x2=${inner.width} y1=${y(0)} y2=${y(0)} />
    </g></svg></div>`;
}

const clipped = (text, room) => (text.length * 6.6 > room ? `${text.slice(0, Math.max(2, Math.floor(room / 6.6) - 1))}…` : text);

/** `outcome` is that of a sensitivity. */
export function Tornado({ outcome, nameOf, format = short }) {
  const [place, width] = useWidth();
  const side = Math.min(170, Math.max(90, width * 0.24));
  const rowHeight = 34;
  const inner = { width: Math.max(80, width - side - 40), rowHeight };
  const drawn = tornado(outcome.bars, outcome.base_value, inner);
  const tall = drawn.rows.length * rowHeight;
  return html`<div ref=${place} class="drawing" style=${{ height: `${tall + 52}px` }}>
    <svg width=${width} height=${tall + 52} role="img" aria-label=${`Tornado: ${outcome.bars.map((bar) => `${nameOf(bar)} ${amount(bar.at_low)} to ${amount(bar.at_high)}`).join("; ")}`}><g transform=${`translate(${side},4)`}>
      ${ticks(drawn.low, drawn.high, 4).map((tick) => html`<g key=${tick}><line class="grid" x1=${drawn.x(tick)} x2=${drawn.x(tick)} y2=${tall} /><text class="tick middle" x=${drawn.x(tick)} y=${tall + 18}>${format(tick)}</text></g>`)}
      ${drawn.rows.map(({ bar, y, low, high }) => html`<g key=${`${bar.name}${bar.index}`} transform=${`translate(0,${y})`}>
        <text class="name right" x="-10" y=${rowHeight / 2 + 4}>${clipped(nameOf(bar), side - 10)}<title>${nameOf(bar)}</title></text>
        ${low && html`<rect class="bar bar-low" x=${low.x} y="6" width=${low.width} height=${rowHeight - 12} rx="2"><title>${`${nameOf(bar)} ${amount(bar.low)}: ${amount(bar.at_low)}`}</title></rect>`}
        ${high && html`<rect class="bar bar-high" x=${high.x} y="6" width=${high.width} height=${rowHeight - 12} rx="2"><title>${`${nameOf(bar)} ${amount(bar.high)}: ${amount(bar.at_high)}`}</title></rect>`}
      </g>`)}
      ${drawn.base !== null && html`<line class="zero" x1=${drawn.base} x2=${drawn.base} y2=${tall} />`}
      ${outcome.target >= drawn.low && outcome.target <= drawn.high && html`<line class="mark" x1=${drawn.x(outcome.target)} x2=${drawn.x(outcome.target)} y2=${tall} />`}
      <g transform=${`translate(0,${tall + 30})`}><rect class="bar-low" width="12" height="12" rx="2" /><text class="tick" x="18" y="10">low end</text>
        <rect class="bar-high" x="84" width="12" height="12" rx="2" /><text class="tick" x="102" y="10">high end</text></g>
    </g></svg></div>`;
}

/** `outcome` is that of a Monte Carlo calculation. */
export function Histogram({ outcome, height = 280 }) {
  const [place, width] = useWidth();
  const top = 44;
  const inner = { width: Math.max(80, width - LEFT - 6), height: height - BOTTOM - top };
  const drawn = histogram(outcome.histogram, inner);
  const { edges } = outcome.histogram;
  const inside = (value) => value >= edges[0] && value <= edges.at(-1);
  const marks = outcome.percentiles.filter(({ percentile, value }) => [5, 50, 95].includes(percentile) && inside(value));
  const chance = 1 - outcome.probability_of_loss.value;
  return html`<div ref=${place} class="drawing" style=${{ height: `${height}px` }}>
    <svg width=${width} height=${height} role="img" aria-label=${`Distribution of the net present value over ${amount(outcome.paths)} paths; ${percent(chance)} are above 0`}><g transform=${`translate(${LEFT},${top})`}>
      ${ticks(0, drawn.most, 4).map((tick) => html`<g key=${tick}><line class="grid" x2=${inner.width} y1=${drawn.y(tick)} y2=${drawn.y(tick)} /><text class="tick right" x="-8" y=${drawn.y(tick) + 4}>${short(tick)}</text></g>`)}
      ${drawn.bars.map((bar) => html`<rect key=${bar.at} class=${`bar ${bar.high <= 0 ? "bar-out" : bar.low < 0 ? "bar-mixed" : "bar-in"}`} x=${bar.x} y=${bar.y} width=${bar.width} height=${bar.height}>
        <title>${`${amount(bar.low)} to ${amount(bar.high)}: ${amount(bar.count)} paths`}</title></rect>`)}
      ${ticks(edges[0], edges.at(-1), Math.max(3, Math.floor(inner.width / 90))).map((tick) => html`<text key=${tick} class="tick middle" x=${drawn.x(tick)} y=${inner.height + 16}>${short(tick)}</text>`)}
      ${marks.map(({ percentile, value }, at) => html`<g key=${percentile}><line class="mark" x1=${drawn.x(value)} x2=${drawn.x(value)} y1="-6" y2=${inner.height} />
        <text class="tick middle" x=${Math.min(inner.width - 24, Math.max(24, drawn.x(value)))} y=${at % 2 ? -24 : -10}>${percentile === 50 ? "median" : `${percentile} %`} ${short(value)}</text></g>`)}
      ${inside(0) && html`<line class="zero" x1=${drawn.x(0)} x2=${drawn.x(0)} y2=${inner.height} />`}
    </g></svg></div>`;
}

/** A line without axes, of the last values; gaps (nulls) break it. */
export function Sparkline({ values, label, width = 160, height = 36 }) {
  const there = values.filter((value) => value !== null);
  const low = Math.min(...there);
  const span = Math.max(...there) - low || 1;
  const place = (value, at) => `${(at / Math.max(1, values.length - 1)) * width},${height - 3 - ((value - low) / span) * (height - 6)}`;
  const lines = [[]];
  values.forEach((value, at) => (value === null ? lines.push([]) : lines.at(-1).push(place(value, at))));
  return html`<svg class="spark" viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label=${label}>
    ${there.length > 1 && lines.filter((line) => line.length > 1).map((line, at) => html`<polyline key=${at} points=${line.join(" ")} />`)}</svg>`;
}
