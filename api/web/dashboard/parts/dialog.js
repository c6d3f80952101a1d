// Questions that wait for an answer: the browser's own modal dialog, so that the keyboard
// stays in it and Escape leaves it.

import { html, useEffect, useId, useRef, useState } from "../vendor/preact-htm.js";
import { ErrorNotice } from "./notice.js";

/** A modal dialog; `onClose()` when it is left in any way. */
export function Dialog({ title, onClose, children, wide = false }) {
  const ref = useRef(null);
  const id = useId();
  useEffect(() => {
    ref.current.showModal();
  }, []);
  return html`<dialog ref=${ref} class=${wide ? "dialog-wide" : ""} aria-labelledby=${id} onClose=${onClose}
      onClick=${(event) => event.target === ref.current && ref.current.close()}>
    <div class="dialog-inside">
      <header class="dialog-head"><h2 id=${id}>${title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick=${() => ref.current.close()}>✕</button></header>
      ${children}
    </div>
  </dialog>`;
}

/**
 * A button for what cannot be taken back: asks before `onConfirm()`, and shows what went
 * wrong. `question` says what will happen, `word` is what the button is called.
 */
export function ConfirmButton({ word, question, confirmWord = word, onConfirm, disabled = false, class: name = "danger" }) {
  const [isAsking, setIsAsking] = useState(false);
  const [error, setError] = useState(null);
  const [isRunning, setIsRunning] = useState(false);
  const confirm = async () => {
    setIsRunning(true);
    setError(null);
    try {
      await onConfirm();
      setIsAsking(false);
    } catch (caught) {
      setError(caught);
    } finally {
      setIsRunning(false);
    }
  };
  return html`<button type="button" class=${name} disabled=${disabled} onClick=${() => setIsAsking(true)}>${word}</button>
    ${isAsking && html`<${Dialog} title=${`${confirmWord}?`} onClose=${() => setIsAsking(false)}>
      <p>${question}</p>
      <${ErrorNotice} error=${error} />
      <div class="dialog-actions">
        <button type="button" class="danger" disabled=${isRunning} onClick=${confirm}>${confirmWord}</button>
        <button type="button" onClick=${() => setIsAsking(false)}>Keep it</button>
      </div>
    <//>`}`;
}
