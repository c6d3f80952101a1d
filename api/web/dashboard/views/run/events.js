// Every event, newest first, with its raw form; and a log from a file.

import { html, useState } from "../../vendor/preact-htm.js";
import { amount, clock, duration } from "../../lib/format.js";
import { stringify } from "../../lib/numbers.js";
import { place, setQuery } from "../../lib/router.js";
import { useSignal } from "../../lib/signal.js";
import { Card } from "../../parts/card.js";
import { SelectField } from "../../parts/field.js";
import { Empty } from "../../parts/notice.js";

const SHOWN = 100;

export function Events({ log }) {
  const { query } = useSignal(place);
  const [shown, setShown] = useState(SHOWN);
  const types = [...new Set(log.events.map(({ type }) => type))].sort();
  const chosen = log.events.filter(({ type }) => !query.type || type === query.type).reverse();
  return html`<${Card} title="Events" note=${`${amount(log.number)} told${log.left > 0 ? `; the page keeps milestones and the latest, ${amount(log.left)} are in the exported log` : ""}`}>
    <div class="fields"><${SelectField} label="Type" value=${query.type ?? ""} onInput=${(type) => setQuery({ type: type || null })}
      options=${[{ value: "", label: "all" }, ...types.map((type) => ({ value: type, label: type }))]} /></div>
    ${chosen.length === 0 ? html`<${Empty} title="No event yet." />` : html`<div class="events">${chosen.slice(0, shown).map((event) => html`<${Event} key=${event.id} event=${event} />`)}</div>`}
    ${chosen.length > shown && html`<div><button type="button" onClick=${() => setShown(shown + SHOWN)}>Show ${Math.min(SHOWN, chosen.length - shown)} more</button></div>`}
  <//>`;
}

function Event({ event }) {
  const [isOpen, setIsOpen] = useState(false);
  return html`<details onToggle=${(told) => setIsOpen(told.target.open)}>
    <summary class="event-row"><span>${Number(event.sequence)}</span><span>${event.type}</span><span class="event-words">${inWords(event.data ?? {})}</span><time datetime=${event.time}>${clock(event.time)}</time></summary>
    ${isOpen && html`<pre tabindex="0" aria-label="The event as it is">${stringify(event, 2)}</pre>`}
  </details>`;
}

function inWords({ objective, bound, elapsed_s: elapsed, worker, reason, termination, method, message, counts }) {
  return [
    objective !== undefined && `objective ${amount(objective)}`,
    bound !== undefined && bound !== null && `bound ${amount(bound)}`,
    method, termination, worker, reason, message,
    counts && `${amount(counts.succeeded)} of ${amount(counts.total)}`,
    elapsed !== undefined && elapsed !== null && `at ${duration(elapsed)}`,
  ].filter(Boolean).join(" · ");
}
