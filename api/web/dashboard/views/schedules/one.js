// One schedule: its next times, and what came of those that were.

import { html, useState } from "../../vendor/preact-htm.js";
import { NONE, amount, clock, duration } from "../../lib/format.js";
import { useAction, useFollow, useNow, useResource, useSeldom } from "../../lib/hooks.js";
import { post, remove } from "../../lib/http.js";
import { stringify } from "../../lib/numbers.js";
import { usePages } from "../../lib/pages.js";
import { go, href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { ConfirmButton, Dialog } from "../../parts/dialog.js";
import { More } from "../../parts/more.js";
import { ErrorNotice, Loading } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { ScheduleForm } from "./form.js";
import { Preview } from "./preview.js";
import { ahead, rule } from "./times.js";

export function SchedulePage({ id }) {
  const schedule = useResource(`v1/schedules/${id}`, { everyMs: 5000 });
  const told = schedule.data;
  if (!told) return html`<div class="view-head"><h1>Schedule</h1></div><${ErrorNotice} error=${schedule.error} onRetry=${schedule.reload} />${!schedule.error && html`<${Loading} rows=${6} />`}`;
  const timing = { ...(told.cron ? { cron: told.cron, time_zone: told.time_zone } : { every_s: told.every_s }), start_at: told.start_at, end_at: told.end_at };
  return html`<div class="view-head"><h1>${told.name} <${Badge} word=${told.paused ? "paused" : told.next_at ? "active" : "over"} /></h1><a href=${href("schedules")}>All schedules</a></div>
    <div class="columns"><${About} schedule=${told} resource=${schedule} />
      <${Card} title="What is to come">${told.paused ? html`<p class="card-note">Nothing while it is paused. Resumed now, it would go on so:</p>` : null}<${Preview} timing=${timing} /><//></div>
    <${Runs} id=${id} />
    <${Card} title="The job"><pre tabindex="0">${stringify(told.job, 2)}</pre><//>`;
}

function About({ schedule, resource }) {
  const [isOpen, setIsOpen] = useState(false);
  const [started, setStarted] = useState(null);
  const now = useNow();
  const path = `v1/schedules/${schedule.id}`;
  const act = useAction(async (verb) => {
    const answer = await post(`${path}/${verb}`);
    if (verb === "trigger") setStarted(answer.id);
    await resource.reload();
  });
  return html`<${Card} title="What it is" resource=${resource}>
    <dl class="pairs">
      <dt>When</dt><dd><code>${rule(schedule)}</code></dd>
      <dt>Next</dt><dd>${schedule.next_at ? `${ahead(schedule.next_at, now)} (${clock(schedule.next_at)})` : NONE}</dd>
      <dt>From</dt><dd>${clock(schedule.start_at)}${schedule.end_at ? ` to ${clock(schedule.end_at)}` : ""}</dd>
      <dt>Overlap</dt><dd>${schedule.overlap.replace("_", " ")}</dd>
      <dt>Catches up</dt><dd>within ${duration(schedule.catch_up_s)}</dd>
      <dt>Seed</dt><dd>${schedule.seed === "fixed" ? "the one of the job" : "another for each run"}</dd>
      ${schedule.waiting_at && html`<dt>Waits</dt><dd>that of ${clock(schedule.waiting_at)}, for the job before it</dd>`}
      <dt>Runs</dt><dd>${amount(schedule.runs)}, ${amount(schedule.skips)} left out</dd>
    </dl>
    <div class="row">
      <button type="button" class="primary" disabled=${act.isRunning} onClick=${() => act.run("trigger")}>Run now</button>
      <button type="button" disabled=${act.isRunning} onClick=${() => act.run(schedule.paused ? "resume" : "pause")}>${schedule.paused ? "Resume" : "Pause"}</button>
      <button type="button" onClick=${() => setIsOpen(true)}>Change</button>
      <${ConfirmButton} word="Delete" confirmWord=${`Delete “${schedule.name}”`} question="It starts nothing more. Its jobs stay." onConfirm=${async () => { await remove(path); go("schedules"); }} />
    </div>
    ${started && html`<p role="status">Started: <a href=${href("jobs", { id: started })}>${started}</a></p>`}
    <${ErrorNotice} error=${act.error} />
    ${isOpen && html`<${Dialog} wide=${true} title="Change the schedule" onClose=${() => setIsOpen(false)}><${ScheduleForm} schedule=${schedule} onDone=${async () => { setIsOpen(false); await resource.reload(); }} /><//>`}
  <//>`;
}

function Runs({ id }) {
  const pages = usePages(`v1/schedules/${id}/runs`, { query: { limit: 20 }, everyMs: 10_000, keyOf: (row) => row.number });
  const renew = useSeldom(pages.reload, 2000);
  useFollow("jobs", { onEvent: renew });
  const columns = [
    { title: "Due", cell: (row) => clock(row.due_at) },
    { title: "Outcome", cell: (row) => html`<${Badge} word=${row.outcome} tone=${{ started: "good", waiting: "live", skipped: "warn" }[row.outcome]} />${row.times > 1 ? ` ${row.times} times` : ""}` },
    { title: "Because", cell: (row) => (row.reason ?? row.cause).replaceAll("_", " ") },
    { title: "Late by", align: "right", cell: (row) => (row.outcome === "started" ? duration(Math.max(0, (Date.parse(row.recorded_at) - Date.parse(row.due_at)) / 1000)) : NONE) },
    { title: "Job", cell: (row) => (row.job_id ? html`<a href=${href("jobs", { id: row.job_id })}>${row.job_id.slice(0, 14)}</a>` : NONE) },
    { title: "State", cell: (row) => (row.job_state ? html`<${Badge} word=${row.job_state} />` : NONE) },
  ];
  return html`<${Card} title="Runs" rows=${6} resource=${pages}>
    <${Table} label="Runs" columns=${columns} rows=${pages.items} keyOf=${(row) => row.number} empty="It was not due yet." /><${More} pages=${pages} /><//>`;
}
