// Keys of callers: made, shown once, revoked.

import { html, useState } from "../../vendor/preact-htm.js";
import { NONE, ago, amount, clock } from "../../lib/format.js";
import { useAction, useNow, useResource } from "../../lib/hooks.js";
import { post, remove } from "../../lib/http.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { ConfirmButton, Dialog } from "../../parts/dialog.js";
import { CheckField, TextField } from "../../parts/field.js";
import { ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { numberOf } from "../providers/form_values.js";
import { Secret } from "../webhooks/secret.js";

/** Whether a key is good now: active, revoked or expired. */
export function standingOf(key, now) {
  if (key.revoked_at) return "revoked";
  return key.expires_at && Date.parse(key.expires_at) <= now ? "expired" : "active";
}

export function Keys() {
  const keys = useResource("v1/keys", { everyMs: 30_000 });
  const [isNew, setIsNew] = useState(false);
  const [made, setMade] = useState(null);
  const now = useNow(5000);
  const columns = [
    { title: "Key", cell: (key) => html`<code>${key.prefix}…</code>` },
    { title: "State", cell: (key) => html`<${Badge} word=${standingOf(key, now)} tone=${{ active: "good", revoked: "bad", expired: "warn" }[standingOf(key, now)]} />` },
    { title: "Owner", cell: (key) => key.owner },
    { title: "For", cell: (key) => key.name || NONE },
    { title: "Scopes", cell: (key) => key.scopes.join(", ") },
    { title: "May wait", align: "right", cell: (key) => (key.max_queued === null ? "usual" : amount(key.max_queued)) },
    { title: "May run", align: "right", cell: (key) => (key.max_running === null ? "usual" : amount(key.max_running)) },
    { title: "Last used", align: "right", cell: (key) => ago(key.last_used_at, now) },
    { title: "Until", align: "right", cell: (key) => (key.expires_at ? clock(key.expires_at) : "revoked") },
    { title: "Revoke", cell: (key) => (key.revoked_at ? "" : html`<${ConfirmButton} word="Revoke" confirmWord=${`Revoke ${key.prefix}`} question="Whoever uses it is refused within 5 seconds. It cannot be taken back."
      onConfirm=${async () => { await remove(`v1/keys/${key.prefix}`); await keys.reload(); }} />`) },
  ];
  const done = async (key) => { setIsNew(false); setMade(key); await keys.reload(); };
  return html`${made && html`<${Secret} what=${`Key ${made.prefix} of ${made.owner}`} secret=${made.key} onClose=${() => setMade(null)} />`}
    <${Card} title="Keys" rows=${4} resource=${keys} actions=${html`<button type="button" onClick=${() => setIsNew(true)}>New key</button>`}>
      <${Table} label="Keys" columns=${columns} rows=${keys.data?.items ?? []} keyOf=${(key) => key.prefix} empty="No key was made yet." />
    <//>
    ${isNew && html`<${Dialog} title="New key" onClose=${() => setIsNew(false)}><${KeyForm} onDone=${done} /><//>`}`;
}

const SCOPES = ["jobs:read", "jobs:write", "admin"];

function KeyForm({ onDone }) {
  const [values, setValues] = useState({ owner: "", name: "", expires_days: "", max_queued: "", max_running: "", scopes: ["jobs:read", "jobs:write"] });
  const set = (name) => (value) => setValues((old) => ({ ...old, [name]: value }));
  const send = useAction(async () => {
    const body = { owner: values.owner.trim(), scopes: values.scopes, ...(values.name.trim() ? { name: values.name.trim() } : {}) };
    for (const name of ["expires_days", "max_queued", "max_running"]) if (values[name].trim() !== "") body[name] = numberOf(values[name]);
    await onDone(await post("v1/keys", body));
  });
  const text = (name, label, more = {}) => html`<${TextField} label=${label} value=${values[name]} onInput=${set(name)} error=${send.error?.of?.(`/${name}`) ?? null} ...${more} />`;
  return html`<form novalidate onSubmit=${(event) => { event.preventDefault(); send.run(); }}>
    ${text("owner", "Owner", { hint: "keys of one owner see the same jobs" })}${text("name", "For")}
    <fieldset class="row"><legend>Scopes</legend>${SCOPES.map((scope) => html`<${CheckField} key=${scope} label=${scope} checked=${values.scopes.includes(scope)}
      onInput=${(checked) => set("scopes")(SCOPES.filter((each) => (each === scope ? checked : values.scopes.includes(each))))} />`)}</fieldset>
    <div class="fields">${text("expires_days", "Good for days", { inputmode: "decimal" })}${text("max_queued", "Jobs that may wait", { inputmode: "numeric" })}${text("max_running", "Jobs that may run", { inputmode: "numeric" })}</div>
    <${ErrorNotice} error=${send.error} />
    <div class="dialog-actions"><button type="submit" class="primary" disabled=${send.isRunning}>Make it</button></div></form>`;
}
