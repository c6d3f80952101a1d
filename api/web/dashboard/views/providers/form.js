// The form by which a provider is watched, and changed.

import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { useAction, useResource } from "../../lib/hooks.js";
import { patch, post } from "../../lib/http.js";
import { go, href } from "../../lib/router.js";
import { Card } from "../../parts/card.js";
import { AreaField, SelectField, TextField } from "../../parts/field.js";
import { ErrorNotice, Loading } from "../../parts/notice.js";
import { BLANK, WINDOWS, bodyOf, limitPointer, patchOf, valuesOf } from "./form_values.js";

export function NewProvider() {
  const send = async (values) => {
    const made = await post("v1/providers", bodyOf(values));
    go("providers", { id: made.id });
  };
  return html`<div class="view-head"><h1>Watch a provider</h1></div><${Form} initial=${BLANK} word="Watch it" send=${send} back=${href("providers")} />`;
}

export function EditProvider({ id }) {
  const provider = useResource(`v1/providers/${id}`);
  const [initial, setInitial] = useState(null);
  useEffect(() => { if (provider.data) setInitial((old) => old ?? valuesOf(provider.data)); }, [provider.data]);
  const send = async (values) => {
    await patch(`v1/providers/${id}`, patchOf(bodyOf(initial), bodyOf(values)), { headers: { "Content-Type": "application/merge-patch+json" } });
    go("providers", { id });
  };
  return html`<div class="view-head"><h1>Change ${provider.data?.name ?? "a provider"}</h1></div>
    <${ErrorNotice} error=${provider.error} onRetry=${provider.reload} />
    ${initial ? html`<${Form} initial=${initial} word="Save" send=${send} back=${href("providers", { id })} />` : !provider.error && html`<${Loading} rows=${10} />`}`;
}

function Form({ initial, word, send, back }) {
  const [values, setValues] = useState(initial);
  const action = useAction(send);
  const wrong = (pointer) => action.error?.of?.(pointer) ?? null;
  const set = (name) => (value) => setValues((old) => ({ ...old, [name]: value }));
  const text = (name, label, more = {}, pointer = `/${name}`) => html`<${TextField} label=${label} value=${values[name]} onInput=${set(name)} error=${wrong(pointer)} ...${more} />`;
  const number = (name, label, more = {}, pointer = `/${name}`) => text(name, label, { inputmode: "decimal", ...more }, pointer);
  const submit = (event) => { event.preventDefault(); action.run(values); };
  return html`<form onSubmit=${submit} novalidate>
    <${Card} title="Who, and where">
      <div class="fields">${text("name", "Name")}${text("category", "Category", { hint: "small letters, digits, - and _" })}</div>
      ${text("url", "Address", { hint: "asked by GET; public and https, without a key in it", inputmode: "url" })}
      ${text("second_url", "Second address", { hint: "asked while the first does not answer; may be empty", inputmode: "url" })}
      ${text("description", "Description")}
      <div class="fields">${number("every_s", "Every so many seconds")}
        <${SelectField} label="Tier" hint="1 matters most" value=${values.tier} options=${["1", "2", "3"]} onInput=${set("tier")} error=${wrong("/tier")} /></div>
    <//>
    <div class="columns">
      <${Card} title="Key">
        ${text("key_environment", "Variable that has it", { hint: "a name, of those the service may read; empty: no key" }, "/key/environment")}
        <div class="fields">
          <${SelectField} label="Sent in" value=${values.key_place} options=${["header", "query", "bearer"]} onInput=${set("key_place")} error=${wrong("/key/place")} />
          ${values.key_place !== "bearer" && text("key_name", values.key_place === "query" ? "Parameter" : "Header", {}, "/key/name")}
        </div>
      <//>
      <${Card} title="What its plan allows" note="calls a window; empty: no limit">
        <div class="fields">${WINDOWS.map((per) => html`<${TextField} key=${per} label=${`A ${per}`} inputmode="numeric" value=${values[`limit_${per}`]} onInput=${set(`limit_${per}`)} error=${wrong(limitPointer(values, per))} />`)}</div>
      <//>
      <${Card} title="What is expected">
        <div class="fields">${text("statuses", "Statuses", {}, "/expectation/statuses")}${text("pointer", "JSON pointer", { hint: "what has to be there" }, "/expectation/pointer")}
          ${number("timeout_ms", "Timeout, ms", {}, "/expectation/timeout_ms")}${number("degraded_ms", "Degraded from, ms", {}, "/expectation/degraded_ms")}
          ${number("offline_ms", "Offline from, ms", {}, "/expectation/offline_ms")}${number("failures", "Failures in a row", {}, "/expectation/failures")}
          ${number("recoveries", "Recoveries in a row", {}, "/expectation/recoveries")}</div>
      <//>
      <${Card} title="Numbers to be kept">
        <${AreaField} label="One a line" hint="name = /json/pointer; empty: none" rows=${3} value=${values.series} onInput=${set("series")} error=${wrong("/collection/series")} />
        <div class="fields">${text("data_time", "Moment they are of", { hint: "a JSON pointer" }, "/collection/data_time")}${number("stale_after_s", "Stale after, s", {}, "/collection/stale_after_s")}</div>
      <//>
    </div>
    <${ErrorNotice} error=${action.error} />
    <div class="row"><button type="submit" class="primary" disabled=${action.isRunning}>${word}</button><a class="button" href=${back}>Leave it</a></div>
  </form>`;
}
