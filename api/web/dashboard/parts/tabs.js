// Parts of a view of which one is shown: links, so that each has its own address.

import { html } from "../vendor/preact-htm.js";
import { href } from "../lib/router.js";

/** `tabs` is { name: title }; the first is where a view without `?tab=` is. */
export function Tabs({ label, view, id = null, tabs, tab, query = {} }) {
  const [first] = Object.keys(tabs);
  return html`<nav class="tabs" aria-label=${label}>${Object.entries(tabs).map(([name, title]) => html`<a key=${name}
    aria-current=${name === tab ? "page" : undefined} href=${href(view, { id, query: { ...query, tab: name === first ? null : name } })}>${title}</a>`)}</nav>`;
}
