// A log from a file, shown as if it ran now: nothing of it is asked of the service.

import { html, useRef, useState } from "../../vendor/preact-htm.js";
import { amount, duration, percent, short } from "../../lib/format.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card, Tile, Tiles } from "../../parts/card.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";
import { Course } from "./course_card.js";
import { Events } from "./events.js";
import { BLANK, withEvent } from "./log.js";
import { missing, readLog } from "./log_file.js";

export function FilePage() {
  const [shown, setShown] = useState(null);
  const [error, setError] = useState(null);
  const input = useRef(null);
  const open = async (file) => {
    if (!file) return;
    try {
      const events = readLog(await file.text());
      setShown({ name: file.name, subject: events[0].subject, count: events.length, lacks: missing(events), log: events.reduce(withEvent, BLANK) });
      setError(null);
    } catch (caught) {
      setShown(null);
      setError({ message: `${file.name} cannot be shown. ${caught.message}`, suggestion: "Export the log anew where the job is kept: solvequeue events JOB --output FILE, or its page." });
    }
  };
  return html`<div class="view-head"><h1>${shown ? shown.subject : "A log from a file"}</h1>
      ${shown && html`<${Badge} word=${shown.log.state ?? "unknown"} />`}
      <span class="row"><label class="button">Open a file<input ref=${input} class="sr-only" type="file" accept=".ndjson,.jsonl,.json,.log" onChange=${(event) => open(event.target.files[0])} /></label>
        <a class="button" href=${href("jobs")}>All jobs</a></span></div>
    <${ErrorNotice} error=${error} />
    ${shown ? html`<${Log} ...${shown} />` : html`<${Card} title="Log"><div onDragOver=${(event) => event.preventDefault()} onDrop=${(event) => { event.preventDefault(); open(event.dataTransfer.files[0]); }}>
      <${Empty} title="Open an exported log, or drop it here.">It is read in this page and sent nowhere. Numbers are checked: what is missing is told.<//></div><//>`}`;
}

function Log({ name, count, lacks, log }) {
  const { latest } = log;
  return html`<p class="card-note">From ${name}: ${amount(count)} events; ${lacks}.</p>
    <${Tiles}>
      <${Tile} label="Objective" value=${amount(latest.objective)} note=${latest.best_known === undefined ? null : `best known ${amount(latest.best_known)}`} />
      <${Tile} label="Gap to bound" value=${percent(latest.gap_to_bound)} />
      <${Tile} label="Time" value=${duration(latest.elapsed_s)} note=${latest.termination ? `ended: ${latest.termination}` : null} />
      <${Tile} label="Iterations" value=${latest.iterations === undefined ? "–" : short(latest.iterations)} note=${latest.method} />
    <//>
    <${Course} job=${{ state: log.state }} log=${log} best=${latest} resource=${undefined} />
    <${Events} log=${log} />`;
}
