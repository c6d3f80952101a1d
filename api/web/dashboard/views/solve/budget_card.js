// When it stops, its seed, and what few people need.

import { html } from "../../vendor/preact-htm.js";
import { Card } from "../../parts/card.js";
import { CheckField, TextField } from "../../parts/field.js";

const BUDGET = [
  { name: "time_s", label: "Seconds", hint: "of solving" },
  { name: "iterations", label: "Iterations", hint: "of the method" },
];
const EXPERT = [
  { name: "target_objective", label: "Target objective", hint: "stop at one this small" },
  { name: "gap", label: "Gap to bound", hint: "0 to 1; stop at it" },
  { name: "stall_s", label: "Stall (s)", hint: "stop without news for so long" },
  { name: "deadline_s", label: "Deadline (s)", hint: "from when it is accepted" },
];

export function BudgetCard({ form, change, problem }) {
  const of = (pointer) => problem?.of?.(pointer) ?? problem?.of?.(`#${pointer}`) ?? null;
  const field = ({ name, label, hint }, at = `/limits/${name}`) => html`<${TextField} key=${name} label=${label} hint=${hint} inputmode="decimal"
    value=${form[name]} onInput=${(text) => change({ [name]: text })} error=${of(at)} />`;
  const isExpert = [...EXPERT.map(({ name }) => name), "priority_s", "webhook_url"].some((name) => form[name] !== "") || !form.cache;
  return html`<${Card} title="Budget" note="the first limit that is reached ends it">
    <div class="fields">${BUDGET.map((each) => field(each))}${field({ name: "seed", label: "Seed", hint: "same seed, same search" }, "/seed")}</div>
    ${of("/limits") && html`<p class="field-error">${of("/limits")}</p>`}
    <details class="more" open=${isExpert}><summary>Expert options</summary>
      <div class="fields">${EXPERT.map((each) => field(each))}
        ${field({ name: "priority_s", label: "Head start (s)", hint: "0 to 3,600; taken as if sent earlier" }, "/priority_s")}</div>
      <${TextField} label="Webhook" type="url" value=${form.webhook_url} onInput=${(text) => change({ webhook_url: text })} error=${of("/webhook_url")}
        placeholder="https://…" hint="Told when it has ended." />
      <${CheckField} label="Take the answer of equal work done before" checked=${form.cache} onInput=${(cache) => change({ cache })} />
    </details>
  <//>`;
}
