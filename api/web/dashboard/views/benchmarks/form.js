// A new benchmark: which methods on which instances, how often, how long.

import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { amount, duration } from "../../lib/format.js";
import { useAction, useResource } from "../../lib/hooks.js";
import { submit } from "../../lib/http.js";
import { go } from "../../lib/router.js";
import { keep, recall } from "../../lib/storage.js";
import { Card } from "../../parts/card.js";
import { CheckField, TextField } from "../../parts/field.js";
import { ErrorNotice } from "../../parts/notice.js";
import { BLANK, bodyOf, costOf, seedsOf } from "./plan.js";

const KEPT = "benchmark.form";
const MOST_RUNS = 10_000;

export function NewBenchmark() {
  const [form, setForm] = useState(() => ({ ...BLANK, ...JSON.parse(recall(KEPT, "sessionStorage") ?? "{}") }));
  const change = (changes) => setForm((old) => ({ ...old, ...changes }));
  useEffect(() => keep(KEPT, JSON.stringify(form), "sessionStorage"), [form]);
  const methods = useResource("v1/methods");
  const library = useResource("v1/instances");
  const workers = useResource("v1/workers");
  const send = useAction(async () => go("benchmarks", { id: (await submit("v1/benchmarks", bodyOf(form))).id }));
  const cost = costOf(form);
  const isReady = cost.runs > 0 && cost.runs <= MOST_RUNS;
  const of = (pointer) => send.error?.of?.(pointer) ?? send.error?.of?.(`#${pointer}`) ?? null;
  const toggle = (name, list, isOn) => (isOn ? [...list, name] : list.filter((each) => each !== name));
  const onSubmit = (event) => {
    event.preventDefault();
    if (isReady && !send.isRunning) send.run();
  };
  return html`<form onSubmit=${onSubmit} novalidate><${Card} title="New benchmark" resource=${library}>
    <div class="columns">
      <fieldset class="choices"><legend>Methods (${form.methods.length})</legend><div class="choices-list">
        ${(methods.data?.items ?? []).filter(({ name }) => name !== "linear_assignment").map(({ name, title }) => html`<${CheckField} key=${name} label=${title}
          checked=${form.methods.includes(name)} onInput=${(isOn) => change({ methods: toggle(name, form.methods, isOn) })} />`)}</div>
        ${of("/methods") && html`<p class="field-error">${of("/methods")}</p>`}
      </fieldset>
      <${Instances} items=${library.data?.items ?? []} chosen=${form.instances} onChange=${(instances) => change({ instances })} error=${of("/instances")} />
    </div>
    <div class="fields">
      <${TextField} label="Seeds" value=${form.seeds} onInput=${(seeds) => change({ seeds })} hint="as 1-5 or 1, 2, 9" error=${of("/seeds") ?? (seedsOf(form.seeds) ? null : "Write seeds as 1-5, or 1, 2, 9.")} />
      <${TextField} label="Seconds a run" inputmode="decimal" value=${form.time_s} onInput=${(time_s) => change({ time_s })} error=${of("/limits/time_s")} />
      <${TextField} label="Iterations a run" inputmode="numeric" value=${form.iterations} onInput=${(iterations) => change({ iterations })} error=${of("/limits/iterations")} />
      <${TextField} label="Target gap" inputmode="decimal" value=${form.target_gap} onInput=${(target_gap) => change({ target_gap })} hint="a share; 0 is the best known" error=${of("/target_gap")} />
      <${TextField} label="At once" inputmode="numeric" value=${form.max_parallel} onInput=${(max_parallel) => change({ max_parallel })} hint="64 if left empty" error=${of("/max_parallel")} />
    </div>
    <${ErrorNotice} error=${send.error} />
    <div class="row"><button type="submit" class="primary" disabled=${!isReady || send.isRunning}>Start</button>
      <span role="status" class=${cost.runs > MOST_RUNS ? "field-error" : "card-note"}>${amount(form.methods.length)} methods × ${amount(form.instances.length)} instances × ${amount(seedsOf(form.seeds)?.length ?? 0)} seeds = ${amount(cost.runs)} runs${costWords(cost, workers.data?.slots)}</span></div>
  <//></form>`;
}

function costWords({ runs, seconds }, slots) {
  if (runs > MOST_RUNS) return `; at most ${amount(MOST_RUNS)} are taken.`;
  if (seconds === null) return "; how long that takes, the iterations decide.";
  const wall = slots ? `, about ${duration(seconds / Math.min(slots, Math.max(runs, 1)))} on ${amount(slots)} slots of workers` : "";
  return `: at most ${amount(seconds)} seconds of solving${wall}.`;
}

function Instances({ items, chosen, onChange, error }) {
  const [search, setSearch] = useState("");
  const found = items.filter(({ name, order }) => name && `${name} n=${order}`.includes(search.toLowerCase().trim()));
  const names = found.map(({ name }) => name);
  return html`<fieldset class="choices"><legend>Instances (${chosen.length})</legend>
    <div class="row"><input type="search" aria-label="Search instances" placeholder="nug, tai, n=30 …" value=${search} onInput=${(event) => setSearch(event.target.value)} />
      <button type="button" onClick=${() => onChange([...new Set([...chosen, ...names])])}>Add shown</button>
      <button type="button" onClick=${() => onChange([])}>None</button></div>
    <div class="choices-list">${found.map(({ name, order }) => html`<${CheckField} key=${name} label=${`${name} (n = ${order})`} checked=${chosen.includes(name)}
      onInput=${(isOn) => onChange(isOn ? [...chosen, name] : chosen.filter((each) => each !== name))} />`)}</div>
    ${error && html`<p class="field-error">${error}</p>`}
  </fieldset>`;
}
