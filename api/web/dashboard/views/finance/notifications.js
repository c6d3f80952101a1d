// What one was told.

import { html, useState } from "../../vendor/preact-htm.js";
import { ago, clock } from "../../lib/format.js";
import { useAction, useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { get, patch, post } from "../../lib/http.js";
import { href, setQuery } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { CheckField, SelectField } from "../../parts/field.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";

const LEVELS = { info: "calm", success: "good", warning: "warn", error: "bad" };
const PAGE = 25;

export function Notifications({ query }) {
  const asked = { limit: PAGE, level: query.level, unread: query.unread };
  const first = useResource("v1/notifications", { query: asked, everyMs: 30_000 });
  useFollow("notifications", { onEvent: useSeldom(first.reload, 500) });
  const form = JSON.stringify(asked);
  const [older, setOlder] = useState({ form, items: [], next: null });
  const more = older.form === form ? older : { form, items: [], next: null };
  const now = useNow(5000);
  const next = more.next ?? first.data?.next;
  const action = useAction(async (ask) => {
    await ask();
    await first.reload();
  });
  const loadMore = useAction(async () => {
    const page = await get("v1/notifications", { ...asked, after: next });
    setOlder({ form, items: [...more.items, ...page.items], next: page.next });
  });
  const known = new Set((first.data?.items ?? []).map((item) => item.id));
  const items = [...(first.data?.items ?? []), ...more.items.filter((item) => !known.has(item.id))];
  return html`<${Card} title="Notifications" resource=${first} note=${first.data ? `${first.data.unread} unread` : null}
      actions=${html`<button type="button" disabled=${!first.data?.unread} onClick=${() => action.run(() => post("v1/notifications/read", {}))}>Mark all as read</button>`}>
    <div class="row notification-filters">
      <${SelectField} label="Level" value=${query.level ?? ""} options=${[{ value: "", label: "all" }, ...Object.keys(LEVELS)]} onInput=${(level) => setQuery({ level })} />
      <${CheckField} label="Unread only" checked=${query.unread === "true"} onInput=${(on) => setQuery({ unread: on ? "true" : null })} />
    </div>
    <${ErrorNotice} error=${action.error ?? loadMore.error} />
    ${items.length === 0 && first.data ? html`<${Empty} title="Nothing to tell.">Thresholds, the ends of calculations and alerts are told here.<//>` : html`<ul class="plain">
      ${items.map((item) => html`<li key=${item.id} class="line notification">
        <${Badge} word=${item.level} tone=${LEVELS[item.level]} />
        <span class="line-words">${item.read ? item.message : html`<strong>${item.message}</strong>`}
          <span class="card-note" title=${clock(item.created_at)}>${item.notification_type.replaceAll("_", " ")} · ${ago(item.created_at, now)}</span></span>
        ${item.data?.job && html`<a href=${href("jobs", { id: item.data.job })}>The job</a>`}
        <button type="button" class="quiet" onClick=${() => action.run(() => patch(`v1/notifications/${item.id}`, { read: !item.read }))}>${item.read ? "Mark as unread" : "Mark as read"}</button>
      </li>`)}
    </ul>`}
    ${next && html`<div><button type="button" disabled=${loadMore.isRunning} onClick=${loadMore.run}>Older</button></div>`}
  <//>`;
}
