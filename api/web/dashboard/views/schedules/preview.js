// The next times of a schedule that is not saved yet: the service's own answer.

import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { post } from "../../lib/http.js";
import { ErrorNotice } from "../../parts/notice.js";
import { inZone } from "./times.js";

const WAIT_MS = 400;

/** Ask once typing has paused; `timing` is { cron, time_zone } or { every_s }, with bounds. */
export function Preview({ timing }) {
  const [state, setState] = useState({ times: null, error: null });
  const asked = JSON.stringify(timing);
  useEffect(() => {
    let isThere = true;
    const timer = setTimeout(() => {
      post("v1/schedules/preview", timing).then(
        ({ items }) => isThere && setState({ times: items, error: null }),
        (error) => isThere && setState({ times: null, error }),
      );
    }, WAIT_MS);
    return () => { isThere = false; clearTimeout(timer); };
  }, [asked]);
  if (state.error) return html`<${ErrorNotice} error=${state.error} />`;
  return html`<div class="preview" aria-live="polite"><h3>The next ten times${timing.time_zone ? ` in ${timing.time_zone}` : ", in UTC"}</h3>
    ${state.times === null ? html`<p class="card-note">…</p>` : state.times.length === 0 ? html`<p class="card-note">None: it would never start a job.</p>`
      : html`<ol>${state.times.map((time) => html`<li key=${time}>${inZone(time, timing.time_zone)}</li>`)}</ol>`}
  </div>`;
}
