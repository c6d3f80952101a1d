// Rows and columns; wide ones scroll sideways inside their own place.

import { html } from "../vendor/preact-htm.js";
import { Empty } from "./notice.js";

/**
 * A table. `columns` are { title, cell(row), align?: "right", wide? }; `keyOf(row)` names a
 * row for good. With `onOpen(row)`, or `hrefOf(row)`, the first cell leads somewhere.
 * With `selected` (a Set of keys) and `onSelect(set)` rows can be ticked.
 */
export function Table({ label, columns, rows, keyOf, hrefOf, empty = "Nothing here.", selected, onSelect }) {
  if (rows.length === 0) return typeof empty === "string" ? html`<${Empty} title=${empty} />` : empty;
  const canSelect = selected !== undefined;
  const isAll = canSelect && rows.every((row) => selected.has(keyOf(row)));
  const toggle = (key) => {
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelect(next);
  };
  return html`<div class="table-place" tabindex="0" role="group" aria-label=${label}>
    <table>
      <thead><tr>
        ${canSelect && html`<th scope="col" class="tick"><input type="checkbox" aria-label="All shown" checked=${isAll}
          onChange=${() => onSelect(isAll ? new Set() : new Set(rows.map(keyOf)))} /></th>`}
        ${columns.map((column) => (column.title
          ? html`<th scope="col" class=${column.align ?? ""}>${column.title}</th>` : html`<td></td>`))}
      </tr></thead>
      <tbody>
        ${rows.map((row) => {
          const key = keyOf(row);
          return html`<tr key=${key} class=${canSelect && selected.has(key) ? "is-selected" : ""}>
            ${canSelect && html`<td class="tick"><input type="checkbox" aria-label=${`Select ${key}`}
              checked=${selected.has(key)} onChange=${() => toggle(key)} /></td>`}
            ${columns.map((column, index) => {
              const cell = column.cell(row);
              return html`<td class=${`${column.align ?? ""} ${column.wide ? "wide" : ""}`}>
                ${index === 0 && hrefOf ? html`<a href=${hrefOf(row)}>${cell}</a>` : cell}</td>`;
            })}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}
