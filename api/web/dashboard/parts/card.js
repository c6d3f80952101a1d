// A titled part of a view, and tiles of numbers.

import { html, useId } from "../vendor/preact-htm.js";
import { ErrorNotice, Loading } from "./notice.js";
import { Age } from "./age.js";

/**
 * A titled section. With `resource` (see useResource) it shows how old the data is, a
 * place held while it loads, and what went wrong.
 */
export function Card({ title, note, actions, resource, children, class: name = "", rows }) {
  const id = useId();
  const isFirst = resource && resource.data === null && resource.isLoading;
  return html`<section class=${`card ${name}`} aria-labelledby=${id}>
    <header class="card-head">
      <h2 id=${id}>${title}</h2>
      ${note && html`<p class="card-note">${note}</p>`}
      ${resource && html`<${Age} at=${resource.at} isStale=${resource.error !== null} />`}
      ${actions && html`<div class="card-actions">${actions}</div>`}
    </header>
    ${resource?.error && html`<${ErrorNotice} error=${resource.error} onRetry=${resource.reload} />`}
    ${isFirst ? html`<${Loading} rows=${rows} />` : children}
  </section>`;
}

/** One number with its name; `tone` is good, warn or bad. */
export function Tile({ label, value, note, tone = "", href }) {
  const inside = html`<span class="tile-label">${label}</span>
    <span class="tile-value">${value}</span>
    <span class="tile-note">${note ?? "\u00a0"}</span>`;
  return href
    ? html`<a class=${`tile ${tone}`} href=${href}>${inside}</a>`
    : html`<div class=${`tile ${tone}`}>${inside}</div>`;
}

export function Tiles({ children }) {
  return html`<div class="tiles">${children}</div>`;
}
