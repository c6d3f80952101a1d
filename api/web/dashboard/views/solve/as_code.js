// The same request outside this page.

import { html, useState } from "../../vendor/preact-htm.js";
import { ROOT, save } from "../../lib/http.js";
import { stringify } from "../../lib/numbers.js";
import { Card } from "../../parts/card.js";
import { asCurl, asPython } from "./request.js";

export function AsCode({ body }) {
  const [form, setForm] = useState("curl");
  const [word, setWord] = useState("Copy");
  const code = form === "curl" ? asCurl(body, ROOT) : asPython(body, ROOT);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setWord("Copied");
    } catch {
      setWord("Select it to copy");
    }
    setTimeout(() => setWord("Copy"), 2000);
  };
  const tab = (name, title) => html`<button type="button" class="chip" aria-pressed=${form === name ? "true" : "false"} onClick=${() => setForm(name)}>${title}</button>`;
  return html`<${Card} title="The same as code" actions=${html`<div class="row">${tab("curl", "curl")}${tab("python", "Python")}</div>`}>
    <pre tabindex="0" aria-label="The request as code" class="code">${code}</pre>
    <div class="row"><button type="button" onClick=${copy}>${word}</button>
      <button type="button" onClick=${() => save(stringify(body, 2), "request.json", "application/json")}>Save the body</button></div>
  <//>`;
}
