// What can be done with a run: stop it, send it again, forget it, keep its log.

import { html } from "../../vendor/preact-htm.js";
import { request, post, remove, save, submit } from "../../lib/http.js";
import { useAction } from "../../lib/hooks.js";
import { isFinal } from "../../lib/job_state.js";
import { go } from "../../lib/router.js";
import { ConfirmButton } from "../../parts/dialog.js";
import { ErrorNotice } from "../../parts/notice.js";
import { isSolve } from "./other_kinds.js";

const PAGE = 500;

export function Acts({ job, state, onChange }) {
  const isOver = isFinal(state);
  const path = `v1/jobs/${job.id}`;
  const again = useAction(async (verb) => {
    const made = await submit(`${path}/${verb}`, verb === "rerun" ? {} : undefined);
    go("jobs", { id: made.id });
  });
  const change = useAction(async () => {
    const { formOf, keepForm } = await import("../solve/kept.js");
    keepForm(formOf(job));
    go("solve");
  });
  const keep = useAction(async () => save(await wholeLog(path), `${job.id}.ndjson`, "application/x-ndjson"));
  return html`<span class="row">
    ${isSolve(job) && isOver && html`<button type="button" disabled=${again.isRunning} onClick=${() => again.run("reproduce")}>Reproduce</button>
      <button type="button" disabled=${again.isRunning} onClick=${() => again.run("rerun")}>Rerun</button>
      <button type="button" disabled=${change.isRunning} onClick=${() => change.run()}>Change and rerun</button>`}
    <button type="button" disabled=${keep.isRunning} onClick=${() => keep.run()}>Export the log</button>
    ${!isOver && html`<${ConfirmButton} word="Cancel" confirmWord="Cancel the job" disabled=${job.cancel_requested}
      question="It ends within seconds and keeps the best that it has found." onConfirm=${async () => { await post(`${path}/cancel`, {}); await onChange(); }} />`}
    ${isOver && html`<${ConfirmButton} word="Delete" confirmWord="Delete the job" question="Its result, certificate, events and children are forgotten for good."
      onConfirm=${async () => { await remove(path); go("jobs"); }} />`}
  </span>
  <${ErrorNotice} error=${again.error ?? change.error ?? keep.error} />`;
}

/** The log as NDJSON, to the byte as the service has it. */
async function wholeLog(path) {
  let parts = [];
  let [after, epoch] = [0, null];
  for (;;) {
    const { data } = await request("GET", `${path}/events`, { query: { after, epoch, limit: PAGE }, accept: "application/x-ndjson" });
    const lines = (data ?? "").split("\n").filter((line) => line !== "");
    if (lines.length === 0) return parts.length === 0 ? "" : `${parts.join("\n")}\n`;
    // The log has begun anew meanwhile: what was read belongs to the old one.
    if (epoch !== null && JSON.parse(lines[0]).epoch !== epoch) parts = [];
    parts.push(...lines);
    const last = JSON.parse(lines.at(-1));
    [after, epoch] = [Number(last.sequence), last.epoch];
  }
}
