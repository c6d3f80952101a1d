// One alert rule as a form: the fields of its kind, and no other.

import { html, useState } from "../../vendor/preact-htm.js";
import { useAction, useResource } from "../../lib/hooks.js";
import { patch, post } from "../../lib/http.js";
import { CheckField, SelectField, TextField } from "../../parts/field.js";
import { ErrorNotice } from "../../parts/notice.js";
import { numberOf } from "./form_values.js";

const PROVIDERS = ["provider", "category"];

/** By kind: what it judges, its own fields, and the words of its value. */
export const KINDS = {
  state: { words: "state of a provider", fields: ["states", ...PROVIDERS] },
  budget: { words: "used share of a budget", fields: ["value", ...PROVIDERS], value: "Share, 0.01 to 1" },
  staleness: { words: "age of collected numbers", fields: ["value", ...PROVIDERS], value: "Seconds; empty: what the provider calls stale" },
  failure_rate: { words: "share of checks that fail", fields: ["value", "window_s", "least", ...PROVIDERS], value: "Share, to 1" },
  latency: { words: "how long a provider takes", fields: ["value", "measure", "window_s", "least", ...PROVIDERS], value: "Milliseconds", measures: ["p95", "mean"] },
  queue_age: { words: "wait of a queue's oldest job", fields: ["value", "queue"], value: "Seconds" },
  worker_loss: { words: "workers that live", fields: ["value"], value: "Fewer than; empty: one is gone" },
  disk: { words: "free disk", fields: ["value", "measure"], value: "Less than", measures: ["share", "bytes"] },
};
const STATES = ["online", "degraded", "offline"];
const NUMBERS = ["value", "window_s", "least", "for_s", "hysteresis", "cooldown_s"];

/** The fields of a rule as text; of none those of a new one. */
export function ruleValues(rule) {
  const text = (name, usual = "") => (rule?.[name] === null || rule?.[name] === undefined ? usual : String(rule[name]));
  return {
    name: text("name"), kind: text("kind", "state"), severity: text("severity", "warning"), states: rule?.states ?? ["offline"],
    value: text("value"), measure: text("measure"), window_s: text("window_s"), least: text("least"), provider: text("provider"), category: text("category"), queue: text("queue"),
    for_s: text("for_s", "0"), hysteresis: text("hysteresis", "0"), cooldown_s: text("cooldown_s", "300"),
  };
}

/** What is sent; a field that is empty is left out, or taken out of a rule that is there. */
export function ruleBody(values, isNew) {
  const own = KINDS[values.kind].fields;
  const body = { name: values.name.trim(), severity: values.severity, ...(isNew ? { kind: values.kind } : {}) };
  for (const name of [...own, "for_s", "hysteresis", "cooldown_s"]) {
    const value = values[name];
    if (name === "states") body.states = value;
    else if (value.trim() !== "") body[name] = NUMBERS.includes(name) ? numberOf(value) : value.trim();
    else if (!isNew) body[name] = null;
  }
  return body;
}

export function RuleForm({ rule, onDone }) {
  const [values, setValues] = useState(() => ruleValues(rule));
  const queues = useResource("v1/queues");
  const send = useAction(async () => {
    const body = ruleBody(values, rule === null);
    await (rule === null ? post("v1/alert-rules", body) : patch(`v1/alert-rules/${rule.id}`, body));
    await onDone();
  });
  const kind = KINDS[values.kind];
  const set = (name) => (value) => setValues((old) => ({ ...old, [name]: value }));
  const wrong = (name) => send.error?.of?.(`/${name}`) ?? null;
  const text = (name, label, more = {}) => html`<${TextField} label=${label} value=${values[name]} onInput=${set(name)} error=${wrong(name)} ...${more} />`;
  const has = (name) => kind.fields.includes(name);
  const toggle = (state) => (checked) => set("states")(STATES.filter((each) => (each === state ? checked : values.states.includes(each))));
  return html`<form novalidate onSubmit=${(event) => { event.preventDefault(); send.run(); }}>
    ${text("name", "Name", { hint: "messages begin with it" })}
    <div class="fields">
      <${SelectField} label="Judges" value=${values.kind} disabled=${rule !== null} onInput=${(value) => setValues((old) => ({ ...old, kind: value, measure: "" }))} error=${wrong("kind")}
        options=${Object.entries(KINDS).map(([value, { words }]) => ({ value, label: words }))} />
      <${SelectField} label="Severity" value=${values.severity} options=${["info", "warning", "critical"]} onInput=${set("severity")} error=${wrong("severity")} />
      ${has("value") && text("value", kind.value, { inputmode: "decimal" })}
      ${has("measure") && html`<${SelectField} label="Measured as" value=${values.measure} options=${[{ value: "", label: "usual" }, ...kind.measures]} onInput=${set("measure")} error=${wrong("measure")} />`}
      ${has("window_s") && text("window_s", "Over seconds", { inputmode: "decimal", hint: "to 3600" })}
      ${has("least") && text("least", "At least so many checks", { inputmode: "numeric" })}
      ${has("provider") && text("provider", "Provider", { hint: "a name; empty: all" })}
      ${has("category") && text("category", "Category", { hint: "empty: all" })}
      ${has("queue") && html`<${SelectField} label="Queue" value=${values.queue} options=${[{ value: "", label: "all" }, ...(queues.data?.items ?? []).map((queue) => queue.name)]} onInput=${set("queue")} error=${wrong("queue")} />`}
    </div>
    ${has("states") && html`<fieldset class="row"><legend>States that are worth an alert</legend>${STATES.map((state) => html`<${CheckField} key=${state} label=${state} checked=${values.states.includes(state)} onInput=${toggle(state)} />`)}</fieldset>
      ${wrong("states") && html`<p class="field-error">${wrong("states")}</p>`}`}
    <div class="fields">${text("for_s", "Lasting seconds", { inputmode: "decimal", hint: "before it is told" })}
      ${text("hysteresis", "Back by", { inputmode: "decimal", hint: "before it is over" })}
      ${text("cooldown_s", "Quiet for seconds", { inputmode: "decimal", hint: "before it is told again" })}</div>
    <${ErrorNotice} error=${send.error} />
    <div class="dialog-actions"><button type="submit" class="primary" disabled=${send.isRunning}>Save</button></div>
  </form>`;
}
