// A schedule as a form: when, what, and what happens if the job before it still runs.

import { html, useState } from "../../vendor/preact-htm.js";
import { useAction } from "../../lib/hooks.js";
import { get, patch, post } from "../../lib/http.js";
import { parse, stringify } from "../../lib/numbers.js";
import { AreaField, Field, SelectField, TextField } from "../../parts/field.js";
import { ErrorNotice } from "../../parts/notice.js";
import { numberOf } from "../providers/form_values.js";
import { Preview } from "./preview.js";

const EXAMPLE = { instance: { name: "nug30" }, limits: { time_s: 60 } };
const OVERLAPS = [
  { value: "skip", label: "skip: let the time go by" }, { value: "queue_one", label: "queue one: start when that has ended" },
  { value: "replace", label: "replace: cancel it" }, { value: "allow", label: "allow: start beside it" },
];
const KINDS = ["solve", "batch", "benchmark", "calculate"];
const zones = () => Intl.supportedValuesOf?.("timeZone") ?? [];

/** What is sent of the fields that say when. */
export function timingOf(values) {
  return values.rule === "cron" ? { cron: values.cron.trim(), time_zone: values.time_zone.trim() || null } : { every_s: numberOf(values.every_s) };
}

/** What would have to be sent to have a job that is there again. */
export function submissionOf(job) {
  const { instance, method, parameters, limits, seed } = job;
  return { instance: { sha256: instance.sha256 }, ...(method ? { method } : {}), ...(Object.keys(parameters ?? {}).length ? { parameters } : {}),
    ...(limits ? { limits: Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== null)) } : {}), ...(seed === null ? {} : { seed }) };
}

export function ScheduleForm({ schedule = null, job: from = "", onDone }) {
  const [values, setValues] = useState(() => ({
    name: schedule?.name ?? "", kind: schedule?.kind ?? "solve", job: stringify(schedule?.job ?? EXAMPLE, 2), from,
    rule: schedule?.every_s ? "every" : "cron", cron: schedule?.cron ?? "30 2 * * *",
    time_zone: schedule?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC", every_s: String(schedule?.every_s ?? 600),
    overlap: schedule?.overlap ?? "skip", catch_up_s: String(schedule?.catch_up_s ?? 3600),
  }));
  const [unread, setUnread] = useState(null);
  const set = (name) => (value) => setValues((old) => ({ ...old, [name]: value }));
  const take = useAction(async () => {
    const found = await get(`v1/jobs/${values.from.trim()}`);
    if (!found.instance) throw new Error(`A ${found.kind} cannot be taken over: write what it is below.`);
    setValues((old) => ({ ...old, kind: "solve", job: stringify(submissionOf(found), 2) }));
  });
  const send = useAction(async () => {
    setUnread(null);
    let job;
    try {
      job = parse(values.job);
    } catch (error) {
      setUnread(`This is no JSON: ${error.message}`);
      return;
    }
    const isSame = schedule && values.job === stringify(schedule.job, 2) && values.kind === schedule.kind;
    const body = { name: values.name.trim(), ...(isSame ? {} : { kind: values.kind, job }), ...timingOf(values), overlap: values.overlap, catch_up_s: numberOf(values.catch_up_s) };
    await onDone(await (schedule ? patch(`v1/schedules/${schedule.id}`, body) : post("v1/schedules", body)));
  });
  const wrong = (pointer) => send.error?.of?.(pointer) ?? null;
  const timing = timingOf(values);
  return html`<form novalidate onSubmit=${(event) => { event.preventDefault(); send.run(); }}>
    <${TextField} label="Name" value=${values.name} onInput=${set("name")} error=${wrong("/name")} />
    <div class="columns columns-3"><div class="stack">
      <${SelectField} label="When" value=${values.rule} onInput=${set("rule")} options=${[{ value: "cron", label: "by the clock of a place" }, { value: "every", label: "again and again" }]} />
      ${values.rule === "cron" ? html`<${TextField} label="Cron expression" hint="minute, hour, day of month, month, day of week" value=${values.cron} onInput=${set("cron")} error=${wrong("/cron")} />
        <${Field} label="Time zone" error=${wrong("/time_zone")}>${(given) => html`<input list="zones" value=${values.time_zone} onInput=${(event) => set("time_zone")(event.target.value)} ...${given} /><datalist id="zones">${zones().map((zone) => html`<option key=${zone} value=${zone} />`)}</datalist>`}<//>`
    : html`<${TextField} label="Every so many seconds" inputmode="numeric" value=${values.every_s} onInput=${set("every_s")} error=${wrong("/every_s")} />`}
      <${SelectField} label="While the job before it runs" value=${values.overlap} options=${OVERLAPS} onInput=${set("overlap")} error=${wrong("/overlap")} />
      <${TextField} label="Catch up within, seconds" inputmode="numeric" hint="what was missed by more gets no job" value=${values.catch_up_s} onInput=${set("catch_up_s")} error=${wrong("/catch_up_s")} />
    </div><${Preview} timing=${timing} /></div>
    <${SelectField} label="What it starts" value=${values.kind} options=${KINDS} onInput=${set("kind")} error=${wrong("/kind")} />
    <div class="row row-end"><${TextField} label="As a job that is there" placeholder="job_…" value=${values.from} onInput=${set("from")} />
      <button type="button" disabled=${take.isRunning || values.from.trim() === ""} onClick=${() => take.run()}>Take it over</button></div>
    <${ErrorNotice} error=${take.error} />
    <${AreaField} label="The job, as it would be sent" rows=${8} value=${values.job} onInput=${set("job")} error=${unread ?? wrong("/job")} />
    <${ErrorNotice} error=${send.error} />
    <div class="dialog-actions"><button type="submit" class="primary" disabled=${send.isRunning}>Save</button></div>
  </form>`;
}
