// Auto mode: one value after another of a range, every three seconds.

import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { amount } from "../../lib/format.js";
import { setQuery } from "../../lib/router.js";
import { useSignal } from "../../lib/signal.js";
import { isLive } from "../../lib/visible.js";
import { TextField } from "../../parts/field.js";
import { range } from "./digits.js";

const EVERY_MS = 3000;

/** The range that the address names: { from, to, step } as texts. */
export const rangeOf = (query) => ({ from: query.from ?? "-3", to: query.to ?? "3", step: query.step ?? "0.1", count: query.count ?? "61" });

/** `onValue(text)` is called with each value and waited for: two are never under way. */
export function AutoMode({ given, onValue }) {
  const [isOn, setIsOn] = useState(false);
  const [index, setIndex] = useState(null);
  const live = useSignal(isLive);
  const { problem, count, at } = range(given.from, given.to, given.step);
  const latest = useRef({});
  latest.current = { onValue, count, at };
  const next = useRef(0);
  const form = JSON.stringify(given);

  useEffect(() => {
    next.current = 0;
    setIndex(null);
    if (problem) setIsOn(false);
  }, [form]);

  useEffect(() => {
    if (!isOn || !live) return undefined;
    let isThere = true;
    let timer = null;
    const step = async () => {
      const began = Date.now();
      const current = latest.current;
      const now = next.current % current.count;
      next.current = now + 1;
      setIndex(now);
      await current.onValue(current.at(now));
      if (isThere) timer = setTimeout(step, Math.max(0, EVERY_MS - (Date.now() - began)));
    };
    step();
    return () => {
      isThere = false;
      clearTimeout(timer);
    };
  }, [isOn, live]);

  const field = (name, label) => html`<${TextField} label=${label} value=${given[name]} inputmode="decimal" autocomplete="off"
    onInput=${(value) => setQuery({ [name]: value })} error=${problem?.field === name ? problem.words : null} />`;
  return html`<fieldset class="auto">
    <legend>Auto mode</legend>
    <div class="fields fields-3">${field("from", "From")}${field("to", "To")}${field("step", "Step")}</div>
    <div class="row">
      <button type="button" aria-pressed=${isOn ? "true" : "false"} disabled=${Boolean(problem)} onClick=${() => setIsOn(!isOn)}>${isOn ? "Stop auto mode" : "Start auto mode"}</button>
      <span class="card-note auto-state">${state({ isOn, live, index, count, at, problem })}</span>
    </div>
  </fieldset>`;
}

function state({ isOn, live, index, count, at, problem }) {
  if (problem) return "";
  if (!isOn) return `${amount(count)} ${count === 1 ? "value" : "values"}, one every 3 s, then from the start.`;
  if (!live) return "Paused while the page is not seen.";
  return index === null || index >= count ? "Starting." : `${amount(index + 1)} of ${amount(count)}: x = ${at(index)}`;
}
