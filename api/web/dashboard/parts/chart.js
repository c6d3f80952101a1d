// Lines over time or any other number: uPlot, in the page's colours. What earlier pages
// drew with Chart.js.

import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { loadStyle } from "../lib/styles.js";
import { themeName } from "../lib/theme.js";
import { useSignal } from "../lib/signal.js";

let library = null;
const AGAIN_MS = 3000;
/** Load uPlot once, when the first chart is drawn; while the service is away, again and again. */
const load = () => (library ??= Promise.all([import("../vendor/uplot.js"), loadStyle("../vendor/uplot.css")]).then(([module]) => module.default, async () => {
  await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
  library = null;
  return load();
}));

/** What uPlot writes below its plot, which is not of its height. */
const LEGEND_PX = 30;

// Steps of a time axis: what is written at each tick, and where a year, a day, a minute begins.
const [YEAR, DAY] = ["\n{D} {MMM} {YYYY}", "\n{D} {MMM}"];
const TIMES = [
  [31_536_000, "{YYYY}", null, null, null, null, null, null, 1],
  [2_419_200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86_400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", YEAR, null, DAY, null, null, null, 1],
  [1, ":{ss}", `${YEAR} {HH}:{mm}`, null, `${DAY} {HH}:{mm}`, null, "\n{HH}:{mm}", null, 1],
  [0.001, ":{ss}.{fff}", `${YEAR} {HH}:{mm}`, null, `${DAY} {HH}:{mm}`, null, "\n{HH}:{mm}", null, 1],
];

/** A colour of the theme by its name, as it is now. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/**
 * A chart. `data` is as uPlot has it: [xs, ys, ys, …], nulls are gaps. `series` has one
 * { label, colour: name of a theme colour, width?, dash?, steps?, fill?, scale?, format? } for each ys.
 * `xFormat(x)`, `yFormat(y)` write the axes; series of the scale "y2" have one of their own
 * on the right, which `y2Format` writes; `xTime` says that xs are seconds since 1970.
 * `xLog`, `yLog` for logarithmic axes. `marks` are [{ x?, y?, label, colour }] lines.
 * `label` says to those who cannot see it what it shows; `onPoint(index | null)` is told
 * where the cursor is.
 */
export function Chart({ label, data, series, height = 220, xFormat, yFormat, y2Format, xTime = false, xLog = false, yLog = false, marks = [], scales, onPoint }) {
  const place = useRef(null);
  const plot = useRef(null);
  const latest = useRef({});
  const [Plot, setPlot] = useState(null);
  const theme = useSignal(themeName);
  latest.current = { data, marks, onPoint };
  const form = JSON.stringify([series, xTime, xLog, yLog, height, theme]);

  useEffect(() => {
    let isThere = true;
    load().then((loaded) => isThere && setPlot(() => loaded));
    return () => { isThere = false; };
  }, []);

  useEffect(() => {
    // Gone before it was drawn, where what it was part of gave way to an error.
    const element = place.current;
    if (!Plot || !element) return undefined;
    const drawn = new Plot(
      options({ series, height, xFormat, yFormat, y2Format, xTime, xLog, yLog, scales, width: element.clientWidth, latest }, Plot),
      data,
      element,
    );
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [Plot, form]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data, marks]);

  return html`<div class="chart" role="img" aria-label=${label} ref=${place} style=${{ minHeight: `${height + LEGEND_PX}px` }}></div>`;
}

function options({ series, height, width, xFormat, yFormat, y2Format, xTime, xLog, yLog, scales, latest }, Plot) {
  const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 }, font: "12px system-ui, sans-serif" };
  const second = series.find((each) => each.scale === "y2");
  const written = (format) => (format ? { values: (_, ticks) => ticks.map((tick) => (tick === null ? null : format(tick))) } : {});
  return {
    width, height,
    legend: { live: true },
    cursor: { points: { size: 6 } },
    scales: { x: { time: xTime, distr: xLog ? 3 : 1 }, y: { distr: yLog ? 3 : 1 }, ...scales },
    axes: [{ ...axis, ...(xTime ? { values: TIMES } : {}), ...written(xFormat) }, { ...axis, size: 64, ...written(yFormat) },
      ...(second ? [{ ...axis, scale: "y2", side: 1, size: 64, grid: { show: false }, stroke: colour(second.colour), ...written(y2Format) }] : [])],
    series: [
      { label: xTime ? "time" : "x", ...(xTime ? { value: "{D} {MMM} {HH}:{mm}" } : {}), ...(xFormat ? { value: (_, x) => (x === null ? "–" : xFormat(x)) } : {}) },
      ...series.map((each) => ({
        label: each.label,
        scale: each.scale ?? "y",
        stroke: colour(each.colour),
        width: each.width ?? 2,
        dash: each.dash,
        fill: each.fill ? `color-mix(in srgb, ${colour(each.colour)} 14%, transparent)` : undefined,
        paths: each.steps ? Plot.paths.stepped({ align: 1 }) : undefined,
        points: { show: each.points ?? false },
        spanGaps: each.spanGaps ?? true,
        value: (_, y) => (y === null || y === undefined ? "–" : (each.format ?? (each.scale === "y2" ? y2Format : yFormat) ?? String)(y)),
      })),
    ],
    hooks: {
      draw: [(drawn) => drawMarks(drawn, latest.current.marks)],
      setCursor: [(drawn) => latest.current.onPoint?.(drawn.cursor.idx ?? null)],
    },
  };
}

function drawMarks(drawn, marks) {
  const { ctx, bbox } = drawn;
  ctx.save();
  // The axes leave theirs behind.
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  let upright = 0;
  for (const mark of marks) {
    const isUpright = mark.x !== undefined;
    const at = Math.round(drawn.valToPos(isUpright ? mark.x : mark.y, isUpright ? "x" : "y", true));
    const isInside = isUpright ? at >= bbox.left && at <= bbox.left + bbox.width : at >= bbox.top && at <= bbox.top + bbox.height;
    if (!isInside) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(mark.colour ?? "muted");
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(isUpright ? at : bbox.left, isUpright ? bbox.top : at);
    ctx.lineTo(isUpright ? at : bbox.left + bbox.width, isUpright ? bbox.top + bbox.height : at);
    ctx.stroke();
    if (!mark.label) continue;
    if (isUpright) {
      // One below the other, and inside, or marks that are close hide each other's words.
      const isLate = at > bbox.left + bbox.width * 0.8;
      ctx.textAlign = isLate ? "right" : "left";
      ctx.fillText(mark.label, isLate ? at - 4 : at + 4, bbox.top + (12 + 14 * (upright++ % 4)) * devicePixelRatio);
    } else {
      ctx.textAlign = "left";
      ctx.fillText(mark.label, bbox.left + 6, at - 4);
    }
  }
  ctx.restore();
}
