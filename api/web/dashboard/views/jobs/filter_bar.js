// What of all jobs is listed: kept in the address, so that a link shows the same.

import { html } from "../../vendor/preact-htm.js";
import { setQuery } from "../../lib/router.js";
import { SelectField, TextField } from "../../parts/field.js";
import { KINDS, SINCE, STATES, chosenStates, isFiltered } from "./filters.js";

const ANY = { value: "", label: "any" };
const change = (changes) => setQuery({ after: null, ...changes });

export function FilterBar({ query, methods, instances, isUnknown }) {
  const states = chosenStates(query);
  const toggle = (state) => {
    const next = states.includes(state) ? states.filter((each) => each !== state) : [...states, state];
    change({ state: next.join(",") || null });
  };
  const names = methods.map(({ name, title }) => ({ value: name, label: title }));
  const others = query.method && !methods.some(({ name }) => name === query.method) ? [query.method] : [];
  return html`<div class="filter-bar">
    <fieldset class="chips"><legend class="sr-only">State</legend>
      ${STATES.map((state) => html`<button key=${state} type="button" class="chip" aria-pressed=${states.includes(state) ? "true" : "false"}
        onClick=${() => toggle(state)}>${state}</button>`)}
    </fieldset>
    <div class="fields">
      <${SelectField} label="Kind" value=${query.kind ?? ""} options=${[ANY, ...KINDS]} onInput=${(kind) => change({ kind })} />
      <${SelectField} label="Method" value=${query.method ?? ""} options=${[ANY, ...names, ...others]} onInput=${(method) => change({ method })} />
      <${TextField} label="Instance" value=${query.instance ?? ""} list="job-instances" placeholder="name or SHA-256" autocomplete="off"
        error=${isUnknown ? "No instance of the library has this name." : null} onInput=${(instance) => change({ instance: instance.trim() })} />
      <${SelectField} label="Sent within" value=${query.since ?? ""} onInput=${(since) => change({ since })}
        options=${SINCE.some(({ value }) => value === (query.since ?? "")) ? SINCE : [...SINCE, { value: query.since, label: `since ${query.since}` }]} />
      <datalist id="job-instances">${instances.map(({ sha256, name }) => html`<option key=${sha256} value=${name ?? sha256}></option>`)}</datalist>
    </div>
    ${query.parent && html`<p class="card-note">Children of <code>${query.parent}</code></p>`}
    ${isFiltered(query) && html`<button type="button" class="quiet" onClick=${() => change({ state: null, kind: null, method: null, instance: null, since: null, parent: null })}>Show all jobs</button>`}
  </div>`;
}
