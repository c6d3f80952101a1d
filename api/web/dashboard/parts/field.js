// Labelled inputs, with what is wrong with them beside them.

import { html, useId } from "../vendor/preact-htm.js";

/**
 * A labelled control. `children(attributes)` draws it with the given id and description.
 * `error` is the words for what is wrong, or null.
 */
export function Field({ label, hint, error, children }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return html`<div class=${`field ${error ? "has-error" : ""}`}>
    <label for=${id}>${label}</label>
    ${children({ id, "aria-describedby": described, "aria-invalid": error ? "true" : undefined })}
    ${hint && html`<p class="field-hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="field-error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

/** A line of text or a number; `onInput` gets the text. */
export function TextField({ label, hint, error, value, onInput, type = "text", ...rest }) {
  return html`<${Field} label=${label} hint=${hint} error=${error}>
    ${(given) => html`<input type=${type} value=${value} onInput=${(event) => onInput(event.target.value)} ...${given} ...${rest} />`}
  <//>`;
}

/** One of several; `options` are texts or { value, label }. */
export function SelectField({ label, hint, error, value, options, onInput, ...rest }) {
  return html`<${Field} label=${label} hint=${hint} error=${error}>
    ${(given) => html`<select value=${value} onChange=${(event) => onInput(event.target.value)} ...${given} ...${rest}>
      ${options.map((option) => {
        const each = typeof option === "string" ? { value: option, label: option } : option;
        return html`<option key=${each.value} value=${each.value} selected=${each.value === value}>${each.label}</option>`;
      })}
    </select>`}
  <//>`;
}

/** A long text. */
export function AreaField({ label, hint, error, value, onInput, rows = 6, ...rest }) {
  return html`<${Field} label=${label} hint=${hint} error=${error}>
    ${(given) => html`<textarea rows=${rows} spellcheck=${false} value=${value} onInput=${(event) => onInput(event.target.value)} ...${given} ...${rest}></textarea>`}
  <//>`;
}

/** Yes or no. */
export function CheckField({ label, checked, onInput, ...rest }) {
  return html`<label class="check"><input type="checkbox" checked=${checked} onChange=${(event) => onInput(event.target.checked)} ...${rest} /> ${label}</label>`;
}
