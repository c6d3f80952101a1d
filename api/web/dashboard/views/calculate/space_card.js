// The 3D view's place in the page: opened and left by hand, and words where it cannot be.

import { html, useEffect, useMemo, useRef, useState } from "../../vendor/preact-htm.js";
import { calculate, failureOf } from "../../lib/calculation.js";
import { amount } from "../../lib/format.js";
import { useAction } from "../../lib/hooks.js";
import { setQuery } from "../../lib/router.js";
import { useSignal } from "../../lib/signal.js";
import { themeName } from "../../lib/theme.js";
import { Card } from "../../parts/card.js";
import { ErrorNotice } from "../../parts/notice.js";
import { assignments } from "./digits.js";
import { LEVELS, halfUnit, surface } from "./surface.js";

const POINTS = 61;
const KINDS = { result: "Result", rounding: "What rounding costs" };

export function Space({ query, question, range, shown }) {
  const isOpen = query.view === "3d";
  const kind = query.surface in KINDS ? query.surface : "result";
  const actions = html`${isOpen && Object.entries(KINDS).map(([name, word]) => html`<button key=${name} type="button" aria-pressed=${name === kind ? "true" : "false"} onClick=${() => setQuery({ surface: name === "result" ? null : name })}>${word}</button>`)}
    <button type="button" onClick=${() => setQuery({ view: isOpen ? null : "3d" })}>${isOpen ? "Close" : "Open the 3D view"}</button>`;
  return html`<${Card} title="In space" note="three.js" actions=${actions}>
    ${isOpen ? html`<${Opened} kind=${kind} question=${question} range=${range} shown=${shown} />`
      : html`<div class="space-place space-closed"><p>A cube for the latest result: the wider the larger the result, of a hue by its digits.
        It stands on the surface of the result over input and digits: how few digits make a staircase of the function, or how much they cost.</p></div>`}
  <//>`;
}

function Opened({ kind, question, range, shown }) {
  const place = useRef(null);
  const space = useRef(null);
  const [isReady, setIsReady] = useState(false);
  const [cannot, setCannot] = useState(null);
  const [rows, setRows] = useState(null);
  const theme = useSignal(themeName);
  const computing = useAction(() => tableOf(question, range).then(setRows));
  const form = JSON.stringify([question.expression, question.others, range.from, range.to]);
  const drawn = useMemo(() => (rows ? surface(rows, kind) : null), [rows, kind]);

  useEffect(() => {
    let isThere = true;
    let observer = null;
    import("./space.js").then(({ makeSpace }) => {
      if (!isThere) return;
      space.current = makeSpace(place.current);
      observer = new ResizeObserver(space.current.resize);
      observer.observe(place.current);
      setIsReady(true);
    }).catch((error) => isThere && setCannot(error.message));
    return () => {
      isThere = false;
      observer?.disconnect();
      space.current?.dispose();
      space.current = null;
    };
  }, []);

  // A table for what has stood still for a second; one job for each.
  useEffect(() => {
    const timer = setTimeout(computing.run, rows === null ? 0 : 1000);
    return () => clearTimeout(timer);
  }, [form]);

  const value = shown ? Number(shown.outcome.value) : null;
  const digits = shown?.outcome.digits ?? 0;
  useEffect(() => {
    if (!isReady) return;
    const current = value === null || !Number.isFinite(value) ? null
      : { value, digits, input: Number(shown.input), height: kind === "result" ? value : value === 0 ? null : Math.log10(halfUnit(value, Math.min(digits, LEVELS))) };
    space.current?.show(drawn, current, kind);
  }, [isReady, drawn, kind, value, digits, shown?.input, theme]);

  const words = inWords(drawn, value, digits, kind);
  return html`<${ErrorNotice} error=${computing.error} onRetry=${computing.run} />
    ${cannot === null ? html`<div class="space-place" ref=${place} role="img" aria-label=${words}></div>`
      : html`<div class="space-place space-closed"><p>This browser draws nothing in three dimensions (${cannot}).</p></div>`}
    <p class="card-note space-words">${words}</p>`;
}

/** The table that the surface is made of: one calculation, to 15 digits. */
async function tableOf({ expression, others }, { from, to }) {
  const read = assignments(others);
  const job = await calculate("tabulate", { parameters: { expression, variables: read.variables ?? {}, range: { start: from, stop: to, count: POINTS }, digits: LEVELS } });
  const failure = failureOf(job);
  if (failure) throw Object.assign(new Error(failure.message), { suggestion: failure.suggestion });
  return job.result.outcome.rows;
}

function inWords(drawn, value, digits, kind) {
  const cube = value === null ? "No result yet." : `The cube is ${amount(Number((Math.min(Math.abs(value) * 0.1 + 0.5, 3)).toPrecision(3)))} wide for the result ${amount(value)}, its hue is that of ${amount(digits)} digits.`;
  if (!drawn) return `${cube} The surface is being calculated.`;
  const what = kind === "result" ? "the result, rounded to 1 to 15 digits" : "half a unit in the last of 1 to 15 digits, as a power of ten";
  const holes = drawn.values.filter((each) => each === null).length;
  return `${cube} The surface is ${what}, at ${drawn.points.length} inputs from ${amount(drawn.points[0])} to ${amount(drawn.points.at(-1))}; it goes from ${amount(drawn.low)} to ${amount(drawn.high)}.${holes ? ` ${holes} inputs have no value.` : ""} Drag to turn it.`;
}
