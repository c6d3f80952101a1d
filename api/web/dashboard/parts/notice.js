// What went wrong or is not there, in words, with what may help.

import { html } from "../vendor/preact-htm.js";

/** An error as people need it: what, where, what to do. Nothing if there is none. */
export function ErrorNotice({ error, onRetry }) {
  if (!error) return null;
  const details = (error.errors ?? []).filter((each) => each.detail);
  return html`<div class="notice notice-bad" role="alert">
    <p><strong>${error.message}</strong></p>
    ${details.length > 0 && html`<ul>${details.map((each) => html`<li>${each.pointer && html`<code>${each.pointer}</code> `}${each.detail}</li>`)}</ul>`}
    ${error.suggestion && html`<p>${error.suggestion}</p>`}
    ${onRetry && html`<button type="button" onClick=${onRetry}>Try again</button>`}
  </div>`;
}

/** Why there is nothing to see, and what would make it otherwise. */
export function Empty({ title, children }) {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children && html`<p>${children}</p>`}</div>`;
}

/** A place held while the first answer is on its way, as high as what will come. */
export function Loading({ rows = 3 }) {
  return html`<div class="loading" role="status" aria-label="Loading">
    ${Array.from({ length: rows }, () => html`<span class="loading-row"></span>`)}
  </div>`;
}
