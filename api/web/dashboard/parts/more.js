// The way to the rest of a long list.

import { html } from "../vendor/preact-htm.js";
import { ErrorNotice } from "./notice.js";

/** A button for the page behind; `pages` is what usePages returns. */
export function More({ pages }) {
  if (!pages.more) return null;
  return html`<div class="row"><button type="button" disabled=${pages.showMore.isRunning} onClick=${() => pages.showMore.run()}>Show more</button>
    <span class="card-note">${pages.items.length} shown</span></div>
    <${ErrorNotice} error=${pages.showMore.error} />`;
}
