// What is certain of the result, and checking it.

import { html } from "../../vendor/preact-htm.js";
import { amount } from "../../lib/format.js";
import { useAction } from "../../lib/hooks.js";
import { post, save } from "../../lib/http.js";
import { stringify } from "../../lib/numbers.js";
import { Card } from "../../parts/card.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";

export function Certificate({ job }) {
  const certificate = job.result?.certificate ?? job.certificate;
  const copy = useAction(() => navigator.clipboard.writeText(certificate.permutation.join(" ")));
  if (!certificate) return html`<${Card} title="Certificate"><${Empty} title="No certificate yet.">A run has one when it has ended with a result.<//><//>`;
  return html`<${Card} title="Certificate" note="the objective recomputed by an evaluator that shares no code with the solvers"
      actions=${html`<button type="button" onClick=${() => save(stringify(certificate, 2), `${job.id}.certificate.json`, "application/json")}>Download</button>`}>
    <dl class="pairs">
      <dt>Objective</dt><dd>${amount(certificate.objective)}${certificate.exact ? ", exact" : `, within ${amount(certificate.tolerance)}`}</dd>
      ${certificate.bound !== null && certificate.bound !== undefined && html`<dt>Bound</dt><dd>${amount(certificate.bound)} by ${certificate.bound_name}</dd>`}
      <dt>Instance</dt><dd class="mono">${certificate.instance}</dd>
      <dt>Method</dt><dd>${certificate.method} ${certificate.method_version}, seed ${String(certificate.seed)}</dd>
      ${certificate.digest && html`<dt>Digest</dt><dd class="mono">${certificate.digest}</dd>`}
    </dl>
    <${ErrorNotice} error=${copy.error} />
    <${Verify} certificate=${certificate} />
    <div><p class="card-note">Facility i goes to location π(i), counted from 0:</p>
      <pre class="permutation" tabindex="0" aria-label="Permutation">${certificate.permutation.join(" ")}</pre></div>
    <div class="row"><button type="button" onClick=${() => copy.run()}>Copy the permutation</button><button type="button" onClick=${() => save(`facility,location\n${certificate.permutation.map((location, facility) => `${facility},${location}`).join("\n")}\n`, `${job.id}.csv`, "text/csv")}>Assignment as CSV</button>
      ${job.result && html`<button type="button" onClick=${() => save(stringify(job.result, 2), `${job.id}.json`, "application/json")}>Result as JSON</button>`}</div>
  <//>`;
}

function Verify({ certificate }) {
  const check = useAction(() => post("v1/verify", { certificate }));
  const { value: verdict } = check;
  return html`<div class="row"><button type="button" disabled=${check.isRunning} onClick=${() => check.run()}>Verify</button>
    ${verdict && html`<span class=${`notice ${verdict.valid ? "notice-good" : "notice-bad"}`} role="status">
      ${verdict.valid ? "It holds." : `It does not hold: ${verdict.reasons.join("; ")}`}</span>`}</div>
    <${ErrorNotice} error=${check.error} />`;
}
