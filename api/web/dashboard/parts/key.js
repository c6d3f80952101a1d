// The caller's key: asked for when the service wants one.

import { html, useState } from "../vendor/preact-htm.js";
import { apiKey, isKeyWanted, setKey } from "../lib/session.js";
import { useSignal } from "../lib/signal.js";
import { Dialog } from "./dialog.js";
import { TextField } from "./field.js";

export function KeyButton() {
  const key = useSignal(apiKey);
  return html`<button type="button" class="quiet" onClick=${() => { isKeyWanted.value = true; }}>${key ? "🔑 Key set" : "Key…"}</button>`;
}

export function KeyDialog() {
  const isWanted = useSignal(isKeyWanted);
  const [text, setText] = useState("");
  if (!isWanted) return null;
  const send = (event) => {
    event.preventDefault();
    setKey(text.trim() || null);
    setText("");
  };
  return html`<${Dialog} title="Your key" onClose=${() => { isKeyWanted.value = false; }}>
    <form onSubmit=${send}>
      <${TextField} label="API key or token" type="password" autocomplete="off" value=${text} onInput=${setText}
        hint="This tab keeps it until it is closed. Operators make keys with: solvequeue keys create." />
      <div class="dialog-actions">
        <button type="submit" class="primary">Use it</button>
        ${apiKey.value && html`<button type="button" onClick=${() => setKey(null)}>Forget the one in use</button>`}
      </div>
    </form>
  <//>`;
}
