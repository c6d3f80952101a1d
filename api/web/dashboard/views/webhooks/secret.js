// What is shown once and never again.

import { html, useState } from "../../vendor/preact-htm.js";

/** A secret with a button that copies it; `onClose()` when its reader has it. */
export function Secret({ what, secret, onClose }) {
  const [words, setWords] = useState("Copy");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setWords("Copied");
    } catch {
      // Browsers let a page write there only where it came over https or from this machine.
      setWords("Select it and copy it by hand");
    }
  };
  return html`<div class="notice notice-good" role="status">
    <p><strong>${what}: its secret is shown now, and never again.</strong></p>
    <div class="secret"><code>${secret}</code><button type="button" onClick=${copy}>${words}</button><button type="button" onClick=${onClose}>I have it</button></div>
  </div>`;
}
