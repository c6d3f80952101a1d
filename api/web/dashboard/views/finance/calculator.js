// Every financial calculation: its form from its schema, its way, and its result.

import { html, useRef, useState } from "../../vendor/preact-htm.js";
import { useCalculation } from "../../lib/calculation.js";
import { duration } from "../../lib/format.js";
import { save } from "../../lib/http.js";
import { href, setQuery } from "../../lib/router.js";
import { resolve, title, toData, toForm } from "../../lib/schema.js";
import { Card } from "../../parts/card.js";
import { CheckField, SelectField } from "../../parts/field.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";
import { RunProgress } from "../../parts/run_progress.js";
import { SchemaFields } from "../../parts/schema_form.js";
import { flowsOf, rowsOf, table } from "./csv.js";
import { Explained } from "./explained.js";
import { KeepLive } from "./keep_live.js";

/** What was typed into each form, and what came of it: kept while other views are seen. */
const forms = new Map();
const results = new Map();

export const NAMES = { npv: "Net present value", irr: "Internal rate", comprehensive_roi: "Comprehensive ROI", sensitivity: "Sensitivities (tornado)", scenario: "Scenarios", monte_carlo: "Distribution (Monte Carlo)", xnpv: "Net present value, dated", xirr: "Internal rate, dated", mirr: "Modified internal rate", roi: "Simple ROI", payback: "Payback", discounted_payback: "Discounted payback", profitability_index: "Profitability index" };

export function Calculator({ list, name }) {
  const calculation = list.find((each) => each.name === name) ?? list[0];
  return html`<${One} key=${calculation.name} calculation=${calculation} list=${list} />`;
}

function One({ calculation, list }) {
  const root = calculation.parameters;
  const [form, setForm] = useState(() => forms.get(calculation.name) ?? toForm(root, calculation.example, root));
  const [local, setLocal] = useState([]);
  const [notify, setNotify] = useState(false);
  const [result, setResult] = useState(results.get(calculation.name) ?? null);
  const run = useCalculation();
  const place = useRef(null);
  const change = (next) => {
    forms.set(calculation.name, next);
    setForm(next);
  };
  const errorOf = (pointer) => local.find((problem) => problem.pointer === pointer)?.detail ?? run.error?.of?.(`#/parameters${pointer}`) ?? null;
  const read = () => {
    const problems = [];
    const parameters = toData(root, form, root, problems);
    setLocal(problems);
    return problems.length > 0 ? null : parameters;
  };
  const send = async (event) => {
    event.preventDefault();
    const parameters = read();
    if (parameters === null) return;
    const job = await run.run(calculation.name, { parameters, time_s: 3600, notify });
    if (!job) return;
    const found = { parameters, job, outcome: job.result.outcome };
    results.set(calculation.name, found);
    setResult(found);
    // A long form ends far from where its result begins.
    const top = place.current?.getBoundingClientRect().top ?? 0;
    if (top < 0 || top > innerHeight * 0.8) place.current.scrollIntoView({ block: "start" });
  };
  const reset = () => {
    change(toForm(root, calculation.example, root));
    setLocal([]);
  };
  const shapes = (field, value, onChange) => (field === "cash_flows" || field === "annual_cash_flows" || field === "annual_operating_costs") && html`<${FromFile} onFlows=${({ numbers, dates }) => {
    if (dates && "dates" in form) change({ ...form, dates: dates.join(", "), cash_flows: numbers.join(", ") });
    else onChange(numbers.join(", "));
  }} />`;
  return html`<div class="side-by-side finance-sides">
    <${Card} title="Calculate" note=${calculation.summary}>
      <form onSubmit=${send}>
        <${SelectField} label="Calculation" value=${calculation.name} options=${list.map((each) => ({ value: each.name, label: NAMES[each.name] ?? title(each.name) }))} onInput=${(name) => setQuery({ calculation: name })} />
        <${SchemaFields} schema=${resolve(root, root)} root=${root} value=${form} onChange=${change} errorOf=${errorOf} extra=${shapes} />
        <${CheckField} label="Tell me when it has ended (a notification)" checked=${notify} onInput=${setNotify} />
        <div class="form-end"><div class="row"><button type="submit" class="primary" disabled=${run.isRunning}>Calculate</button>
          <button type="button" onClick=${reset}>Example</button></div>
          <${RunProgress} run=${run} /></div>
      </form>
      <${KeepLive} calculation=${calculation} parameters=${toData(root, form, root, [])} read=${read} />
    <//>
    <div ref=${place} class="result-side"><${Card} title=${result ? `${NAMES[calculation.name] ?? title(calculation.name)}: result` : "Result"}
        actions=${result && html`<button type="button" onClick=${() => save(table(rowsOf(result.outcome)), `${calculation.name}.csv`, "text/csv")}>Save as CSV</button>
          <a href=${href("jobs", { id: result.job.id })}>The job</a>`}>
      <${ErrorNotice} error=${run.error} />
      ${result ? html`<p class="card-note">Calculated in ${duration(result.job.result.elapsed_s)}${result.job.cached_from ? ", when it was first asked for: this is kept" : ""}${result.job.state === "cancelled" ? "; cancelled, with what it had" : ""}.</p>
          <${Explained} calculation=${calculation} parameters=${result.parameters} outcome=${result.outcome} />`
        : html`<div class="result-place"><${Empty} title="Nothing calculated yet.">The form shows an example that works: calculate it, or put in your own numbers.<//></div>`}
    <//></div>
  </div>`;
}

/** Flows out of a file: a column or a line of numbers, with dates or without. */
function FromFile({ onFlows }) {
  const [problem, setProblem] = useState(null);
  const read = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const found = flowsOf(await file.text());
    setProblem(found.problem ?? null);
    if (!found.problem) onFlows(found);
    event.target.value = "";
  };
  return html`<label class="button from-file">From CSV…<input type="file" accept=".csv,.txt,text/csv,text/plain" onChange=${read} /></label>
    ${problem && html`<p class="field-error" role="alert">${problem}</p>`}`;
}
