// How it is searched: the method, its parameters with their domains, races and islands.

import { html } from "../../vendor/preact-htm.js";
import { amount } from "../../lib/format.js";
import { Card } from "../../parts/card.js";
import { CheckField, SelectField, TextField } from "../../parts/field.js";

const PORTFOLIO = { name: "portfolio", title: "Portfolio", summary: "Several methods race on the same instance and share the time.", parameters: [] };

export function MethodCard({ form, change, methods, isLinear, problem }) {
  const all = methods.data?.items ?? [];
  const chosen = form.method === "portfolio" ? PORTFOLIO : all.find(({ name }) => name === form.method);
  const options = [...all.map(({ name, title }) => ({ value: name, label: title })), { value: "portfolio", label: "Portfolio (a race)" }];
  const of = (pointer) => problem?.of?.(pointer) ?? problem?.of?.(`#${pointer}`) ?? null;
  return html`<${Card} title="Method" resource=${methods}>
    ${isLinear ? html`<p class="notice">Costs alone are a linear assignment: it is solved exactly, and there is nothing to choose.</p>` : html`
    <${SelectField} label="Method" value=${form.method} options=${options} onInput=${(method) => change({ method })} error=${of("/method")} hint=${chosen?.summary} />
    ${chosen && chosen !== PORTFOLIO && html`<p class="card-note method-facts">${chosen.kind === "exact" ? "Exact" : "Heuristic"}${chosen.best_for.length > 0 ? `; best for ${chosen.best_for.join(", ")}` : ""}${chosen.max_order ? `; up to n = ${amount(chosen.max_order)}` : ""}.</p>`}
    ${chosen === PORTFOLIO && html`<fieldset class="racers"><legend>Methods that race</legend>
      ${all.filter(({ name }) => !["auto", "linear_assignment"].includes(name)).map(({ name, title }) => html`<${CheckField} key=${name} label=${title}
        checked=${form.portfolio.includes(name)} onInput=${(isOn) => change({ portfolio: isOn ? [...form.portfolio, name] : form.portfolio.filter((each) => each !== name) })} />`)}
      <p class=${of("/portfolio") ? "field-error" : "field-hint"}>${of("/portfolio") ?? "Two or more; none means memetic, breakout, iterated taboo and annealing."}</p></fieldset>`}
    ${chosen?.parameters.length > 0 && html`<details class="more" open=${hasParameters(form, chosen)}><summary>Parameters of ${chosen.title.toLowerCase()} (${chosen.parameters.length})</summary>
      <div class="fields">${chosen.parameters.map((parameter) => html`<${Parameter} key=${`${chosen.name}.${parameter.name}`} parameter=${parameter} error=${of(`/parameters/${parameter.name}`)}
        value=${form.parameters[`${chosen.name}.${parameter.name}`] ?? ""} onInput=${(text) => change({ parameters: { ...form.parameters, [`${chosen.name}.${parameter.name}`]: text } })} />`)}</div></details>`}
    <${TextField} label="Islands" type="number" min="1" max="64" value=${form.islands} onInput=${(islands) => change({ islands })} error=${of("/islands")}
      hint="How many searches run at once and share what they find." />`}
  <//>`;
}

const hasParameters = (form, method) => method.parameters.some(({ name }) => form.parameters[`${method.name}.${name}`]);

function Parameter({ parameter, value, error, onInput }) {
  const { name, description, minimum, maximum, integer } = parameter;
  const number = Number(value);
  const isOutside = value.trim() !== "" && !(number >= minimum && number <= maximum && (!integer || Number.isInteger(number)));
  const domain = `${amount(minimum)} to ${amount(maximum)}${integer ? ", whole" : ""}`;
  return html`<${TextField} label=${name} inputmode="decimal" value=${value} placeholder=${String(parameter.default)} onInput=${onInput}
    error=${error ?? (isOutside ? `It goes from ${domain}.` : null)} hint=${`${description} ${domain}; ${amount(parameter.default)} if left empty.`} />`;
}
