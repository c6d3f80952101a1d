// Which instance: one of the library, or what somebody pastes or drops.

import { html, useState } from "../../vendor/preact-htm.js";
import { amount } from "../../lib/format.js";
import { Card } from "../../parts/card.js";
import { AreaField, TextField } from "../../parts/field.js";
import { describe } from "./read_text.js";

const SHOWN = 60;
const POINTERS = ["/instance", "/instance/name", "/instance/sha256", "/instance/qaplib", "/instance/flow", "/instance/distance", "/instance/linear", "/instance/costs"];

/** `reading` is { read, error } of the form's text; `problem` what the service refused. */
export function InstanceCard({ form, change, reading, library, problem }) {
  const refused = wordsFor(problem);
  const tab = (from, word) => html`<button type="button" aria-pressed=${form.from === from ? "true" : "false"} class="chip" onClick=${() => change({ from })}>${word}</button>`;
  return html`<${Card} title="Instance" resource=${form.from === "library" ? library : undefined}
    actions=${html`<div class="row" role="group" aria-label="Where it comes from">${tab("library", "Library")}${tab("text", "Paste or drop")}</div>`}>
    ${form.from === "library"
      ? html`<${Library} form=${form} change=${change} items=${library.data?.items ?? []} refused=${refused} />`
      : html`<${Text} form=${form} change=${change} reading=${reading} refused=${refused} />`}
  <//>`;
}

function wordsFor(problem) {
  if (!problem?.errors) return null;
  const about = problem.errors.filter(({ pointer }) => pointer && POINTERS.some((each) => pointer.replace(/^#/, "").startsWith(each)));
  return about.length > 0 ? about.map(({ detail }) => detail).join(" ") : null;
}

function Library({ form, change, items, refused }) {
  const [search, setSearch] = useState("");
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = items.filter((item) => words.every((word) => `${item.name ?? item.sha256} n=${item.order}`.toLowerCase().includes(word)));
  const isChosen = (item) => form.name !== "" && (item.name === form.name || item.sha256 === form.name);
  const chosen = items.find(isChosen);
  // What is chosen is seen to be, also where many come before it.
  const shown = found.slice(0, SHOWN);
  const lines = chosen && search === "" && !shown.includes(chosen) ? [chosen, ...shown] : shown;
  return html`
    <${TextField} label="Search" type="search" value=${search} onInput=${setSearch} placeholder="nug, tai, n=30 …" error=${refused} />
    <div class="library" role="radiogroup" aria-label="Instances" tabindex="-1">
      ${lines.map((item) => html`<label key=${item.sha256} class=${`library-line ${isChosen(item) ? "is-chosen" : ""}`}>
          <input type="radio" name="instance" checked=${isChosen(item)} onChange=${() => change({ name: item.name ?? item.sha256 })} />
          <span class="library-name">${item.name ?? `${item.sha256.slice(0, 12)} (stored)`}</span><span class="card-note">n = ${item.order}</span>
          <span class="library-best">${amount(item.best_known)}</span></label>`)}
      ${found.length === 0 && html`<p class="card-note">Nothing is called so.</p>`}
    </div>
    <p class="card-note">${found.length > SHOWN ? `The first ${SHOWN} of ${found.length}; search for others. ` : ""}${chosen
      ? html`Chosen: <strong>${chosen.name ?? chosen.sha256.slice(0, 12)}</strong>, n = ${chosen.order}${chosen.best_known === null ? "" : `, best known ${amount(chosen.best_known)}${chosen.proven_optimal ? " (proven optimal)" : ""}`}`
      : `Chosen: ${form.name || "none"}`}</p>`;
}

function Text({ form, change, reading, refused }) {
  const [isOver, setIsOver] = useState(false);
  const take = async (file) => file && change({ text: await file.text(), label: form.label || file.name.replace(/\.\w+$/, "") });
  const drop = (event) => {
    event.preventDefault();
    setIsOver(false);
    take(event.dataTransfer.files[0]);
  };
  return html`<div class=${`drop ${isOver ? "is-over" : ""}`} onDrop=${drop} onDragLeave=${() => setIsOver(false)}
      onDragOver=${(event) => { event.preventDefault(); setIsOver(true); }}>
    <${AreaField} label="QAPLIB, CSV or JSON" rows=${9} value=${form.text} onInput=${(text) => change({ text })} error=${reading.error?.message ?? refused}
      placeholder=${"3\n0 3 1\n3 0 2\n1 2 0\n0 5 4\n5 0 6\n4 6 0"}
      hint="QAPLIB text; CSV with an empty line between flow, distance and a linear term, or one matrix of costs; JSON with flow and distance, or costs. Files can be dropped here." />
    <p class=${`recognised ${reading.read ? "is-read" : ""}`} role="status">${reading.read ? describe(reading.read) : "\u00a0"}</p>
    <div class="row"><label class="button file-button">Open a file…<input type="file" class="sr-only" accept=".dat,.txt,.csv,.json" onChange=${(event) => take(event.target.files[0])} /></label>
      ${form.text && html`<button type="button" onClick=${() => change({ text: "" })}>Clear</button>`}</div>
    <${TextField} label="Label (optional)" value=${form.label} onInput=${(label) => change({ label })} maxlength="200" />
  </div>`;
}
