// One webhook: what it is told, how that goes, and what can be done.

import { html, useState } from "../../vendor/preact-htm.js";
import { clock } from "../../lib/format.js";
import { useAction, useResource } from "../../lib/hooks.js";
import { post, remove } from "../../lib/http.js";
import { go, href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { ConfirmButton, Dialog } from "../../parts/dialog.js";
import { CheckField, TextField } from "../../parts/field.js";
import { ErrorNotice, Loading } from "../../parts/notice.js";
import { Deliveries } from "./deliveries.js";
import { EndpointForm } from "./form.js";
import { Secret } from "./secret.js";

export function EndpointPage({ id, query }) {
  const endpoint = useResource(`v1/webhooks/${id}`, { everyMs: 5000 });
  const told = endpoint.data;
  if (!told) return html`<div class="view-head"><h1>Webhook</h1></div><${ErrorNotice} error=${endpoint.error} onRetry=${endpoint.reload} />${!endpoint.error && html`<${Loading} rows=${6} />`}`;
  const until = told.old_secrets_until.filter((time) => Date.parse(time) > Date.now());
  return html`<div class="view-head"><h1>Webhook <${Badge} word=${told.state} tone=${told.state === "disabled" ? "bad" : undefined} /></h1><a href=${href("webhooks")}>All webhooks</a></div>
    <${Card} title="What it is" resource=${endpoint}>
      <dl class="pairs">
        <dt>Address</dt><dd>${told.url ? html`<code>${told.url}</code>` : "fetched by its owner"}</dd>
        ${told.description && html`<dt>For</dt><dd>${told.description}</dd>`}
        <dt>Body</dt><dd>${told.payload}</dd>
        <dt>Events</dt><dd>${told.events.map((event) => html`<code key=${event}>${event}</code> `)}</dd>
        <dt>Made</dt><dd>${clock(told.created_at)}</dd>
        ${told.failing_since && html`<dt>Failing</dt><dd>every attempt since ${clock(told.failing_since)}</dd>`}
        ${told.disabled_reason && html`<dt>Disabled</dt><dd>${told.disabled_reason}</dd>`}
        ${until.length > 0 && html`<dt>Old secrets</dt><dd>sign too, until ${until.map(clock).join(", ")}</dd>`}
      </dl>
      <${Controls} endpoint=${told} reload=${endpoint.reload} />
    <//>
    <${Deliveries} endpointId=${id} query=${query} />`;
}

function Controls({ endpoint, reload }) {
  const [open, setOpen] = useState(null);
  const [secret, setSecret] = useState(null);
  const [words, setWords] = useState(null);
  const path = `v1/webhooks/${endpoint.id}`;
  const act = useAction(async (verb) => {
    setWords(null);
    const answer = await post(`${path}/${verb}`);
    if (verb === "test") setWords(html`A test is on its way: <a href=${href("webhooks", { id: `deliveries/${answer.delivery_id}` })}>see what comes of it</a>.`);
    await reload();
  });
  const isActive = endpoint.state === "active";
  const close = () => setOpen(null);
  return html`${secret && html`<${Secret} what="New secret" secret=${secret} onClose=${() => setSecret(null)} />`}
    <div class="row">
      <button type="button" disabled=${act.isRunning} onClick=${() => act.run("test")}>Send a test</button>
      <button type="button" disabled=${act.isRunning} onClick=${() => act.run(isActive ? "pause" : "resume")}>${isActive ? "Pause" : "Resume"}</button>
      <button type="button" onClick=${() => setOpen("change")}>Change</button>
      <button type="button" onClick=${() => setOpen("rotate")}>New secret</button>
      <button type="button" onClick=${() => setOpen("recover")}>Recover</button>
      <${ConfirmButton} word="Delete" confirmWord="Delete this webhook" question="It is told nothing more, and all that is owed to it is forgotten." onConfirm=${async () => { await remove(path); go("webhooks"); }} />
    </div>
    ${words && html`<p role="status">${words}</p>`}
    <${ErrorNotice} error=${act.error} />
    ${open === "change" && html`<${Dialog} wide=${true} title="Change the webhook" onClose=${close}><${EndpointForm} endpoint=${endpoint} onDone=${async () => { close(); await reload(); }} /><//>`}
    ${open === "rotate" && html`<${Dialog} title="New secret" onClose=${close}><${Rotate} path=${path} onDone=${async (made) => { close(); setSecret(made.secret); await reload(); }} /><//>`}
    ${open === "recover" && html`<${Dialog} title="Recover what failed" onClose=${close}><${Recover} path=${path} onDone=${({ recovered }) => { close(); setWords(`${recovered} ${recovered === 1 ? "delivery is" : "deliveries are"} owed again.`); }} /><//>`}`;
}

function Rotate({ path, onDone }) {
  const [isKept, setIsKept] = useState(true);
  const send = useAction(async () => onDone(await post(`${path}/rotate-secret`, isKept ? {} : { keep_old_s: 0 })));
  return html`<form onSubmit=${(event) => { event.preventDefault(); send.run(); }}>
    <p>Requests are signed with the new one from now on.</p>
    <${CheckField} label="Sign with the old one too, for 24 hours" checked=${isKept} onInput=${setIsKept} />
    <${ErrorNotice} error=${send.error} />
    <div class="dialog-actions"><button type="submit" class="primary" disabled=${send.isRunning}>Make a new secret</button></div></form>`;
}

function Recover({ path, onDone }) {
  const [since, setSince] = useState(() => local(Date.now() - 86_400_000));
  const send = useAction(async () => onDone(await post(`${path}/recover`, { since: new Date(since).toISOString() })));
  return html`<form onSubmit=${(event) => { event.preventDefault(); send.run(); }}>
    <${TextField} label="Deliveries that failed, first owed since" type="datetime-local" value=${since} onInput=${setSince} error=${send.error?.of?.("/since") ?? null} />
    <${ErrorNotice} error=${send.error} />
    <div class="dialog-actions"><button type="submit" class="primary" disabled=${send.isRunning || since === ""}>Send them again</button></div></form>`;
}

// What a field of date and time takes: by this place's clock, without a zone.
function local(time) {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
