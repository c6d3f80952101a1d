// A webhook as a form, made and changed.

import { html, useState } from "../../vendor/preact-htm.js";
import { useAction } from "../../lib/hooks.js";
import { patch, post } from "../../lib/http.js";
import { CheckField, SelectField, TextField } from "../../parts/field.js";
import { ErrorNotice } from "../../parts/notice.js";

export const EVENTS = [
  "job.queued", "job.started", "job.attempt_lost", "job.succeeded", "job.failed", "job.cancelled", "job.expired",
  "batch.completed", "benchmark.completed", "webhook.disabled", "notification.sent",
  "provider.down", "provider.degraded", "provider.up", "budget.warned", "alert.raised", "alert.resolved", "alert.acknowledged",
];
const USUAL = ["job.succeeded", "job.failed", "job.cancelled", "job.expired", "batch.completed", "benchmark.completed", "webhook.disabled"];

export function EndpointForm({ endpoint = null, onDone }) {
  const [values, setValues] = useState(() => ({
    mode: endpoint?.mode ?? "push", url: endpoint?.url ?? "", events: endpoint?.events ?? USUAL,
    payload: endpoint?.payload ?? "thin", description: endpoint?.description ?? "", secret: "",
  }));
  const set = (name) => (value) => setValues((old) => ({ ...old, [name]: value }));
  const isPush = values.mode === "push";
  const send = useAction(async () => {
    const { mode, url, events, payload, description, secret } = values;
    const body = { events, payload, description, ...(isPush ? { url: url.trim() } : {}) };
    onDone(await (endpoint ? patch(`v1/webhooks/${endpoint.id}`, body)
      : post("v1/webhooks", { ...body, mode, ...(secret.trim() ? { secret: secret.trim() } : {}) })));
  });
  const wrong = (pointer) => send.error?.of?.(pointer) ?? null;
  const toggle = (event) => (checked) => set("events")(EVENTS.filter((each) => (each === event ? checked : values.events.includes(each))));
  return html`<form novalidate onSubmit=${(event) => { event.preventDefault(); send.run(); }}>
    ${!endpoint && html`<${SelectField} label="How it is told" value=${values.mode} onInput=${set("mode")} error=${wrong("/mode")}
      options=${[{ value: "push", label: "sent to an address" }, { value: "pull", label: "fetched by its owner" }]} />`}
    ${isPush && html`<${TextField} label="Address" inputmode="url" placeholder="https://example.com/hook" value=${values.url} onInput=${set("url")} error=${wrong("/url")} />`}
    <${TextField} label="Description" value=${values.description} onInput=${set("description")} error=${wrong("/description")} />
    <${SelectField} label="Body" value=${values.payload} onInput=${set("payload")} error=${wrong("/payload")}
      options=${[{ value: "thin", label: "thin: what ended, and where to look" }, { value: "full", label: "full: the event as it is" }]} />
    <fieldset><legend>Events</legend><div class="checks">${EVENTS.map((event) => html`<${CheckField} key=${event} label=${event} checked=${values.events.includes(event)} onInput=${toggle(event)} />`)}</div></fieldset>
    ${wrong("/events") && html`<p class="field-error">${wrong("/events")}</p>`}
    ${!endpoint && html`<${TextField} label="Secret" hint="whsec_ and base64; empty: one is made" autocomplete="off" value=${values.secret} onInput=${set("secret")} error=${wrong("/secret")} />`}
    <${ErrorNotice} error=${send.error} />
    <div class="dialog-actions"><button type="submit" class="primary" disabled=${send.isRunning}>${endpoint ? "Save" : "Make it"}</button></div>
  </form>`;
}
