// What is done to many jobs at once, and what became of each.

import { html, useState } from "../../vendor/preact-htm.js";
import { amount } from "../../lib/format.js";
import { post } from "../../lib/http.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { ConfirmButton, Dialog } from "../../parts/dialog.js";
import { Table } from "../../parts/table.js";

const ACTIONS = [
  { action: "cancel", word: "Cancel", told: "are asked to stop. Running ones keep the best they have found." },
  { action: "rerun", word: "Rerun", told: "are solved again, each with a new seed. Only solves that have ended can be." },
  { action: "delete", word: "Delete", told: "are forgotten with their results and events. Only jobs that have ended can be." },
];

/** The bar for the jobs in `selected` (a Set of ids); `onDone()` after anything was done. */
export function Bulk({ selected, onClear, onDone }) {
  const [outcome, setOutcome] = useState(null);
  const ids = [...selected];
  const count = `${amount(ids.length)} ${ids.length === 1 ? "job" : "jobs"}`;
  const act = async (action) => {
    const answer = await post("v1/jobs/actions", { action, filter: { ids } });
    setOutcome({ action, ...answer });
    onClear();
    onDone();
  };
  return html`<div class="bulk" role="group" aria-label="Selected jobs">
    <span class="card-note" role="status">${ids.length === 0 ? "Tick jobs to act on several at once." : `${count} selected`}</span>
    ${ACTIONS.map(({ action, word, told }) => html`<${ConfirmButton} key=${action} word=${word} class=${action === "delete" ? "danger" : ""}
      confirmWord=${`${word} ${count}`} disabled=${ids.length === 0} question=${`${count} ${told}`} onConfirm=${() => act(action)} />`)}
    ${ids.length > 0 && html`<button type="button" class="quiet" onClick=${onClear}>Select none</button>`}
    ${outcome && html`<${Outcome} outcome=${outcome} onClose=${() => setOutcome(null)} />`}
  </div>`;
}

function Outcome({ outcome, onClose }) {
  const columns = [
    { title: "Job", cell: (item) => item.job },
    { title: "", cell: (item) => html`<${Badge} word=${item.outcome === "done" ? "done" : "refused"} tone=${item.outcome === "done" ? "good" : "bad"} />` },
    { title: "Was", cell: (item) => item.state ?? "" },
    { title: "", wide: true, cell: (item) => (item.new_job
      ? html`now <a href=${href("jobs", { id: item.new_job })}>${item.new_job.slice(0, 12)}</a>`
      : item.problem ? `${item.problem.detail}. ${item.problem.suggestion ?? ""}` : "") },
  ];
  return html`<${Dialog} title=${`${amount(outcome.done)} done, ${amount(outcome.refused)} refused`} wide=${true} onClose=${onClose}>
    <${Table} label="What became of each" columns=${columns} rows=${outcome.items} keyOf=${(item) => item.job} hrefOf=${(item) => href("jobs", { id: item.job })} />
  <//>`;
}
