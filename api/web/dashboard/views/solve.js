// Solve: say what, how and how long; watch it; take the result.

import { html, useEffect, useMemo, useState } from "../vendor/preact-htm.js";
import { useAction, useResource } from "../lib/hooks.js";
import { submit } from "../lib/http.js";
import { setQuery } from "../lib/router.js";
import { ErrorNotice } from "../parts/notice.js";
import { AsCode } from "./solve/as_code.js";
import { BudgetCard } from "./solve/budget_card.js";
import { InstanceCard } from "./solve/instance_card.js";
import { keepForm, recallForm } from "./solve/kept.js";
import { LiveRun } from "./solve/live_run.js";
import { MethodCard } from "./solve/method_card.js";
import { readText } from "./solve/read_text.js";
import { BLANK, bodyOf, isLinear } from "./solve/request.js";

const READ_AFTER_MS = 250;

/** The form as it was left in this tab; the address may name an instance and a method. */
function firstForm({ instance, method }) {
  return { ...BLANK, ...recallForm(), ...(instance ? { from: "library", name: instance } : {}), ...(method ? { method } : {}) };
}

export function View({ query }) {
  const [form, setForm] = useState(() => firstForm(query));
  const change = (changes) => setForm((old) => ({ ...old, ...changes }));
  const reading = useReading(form);
  const methods = useResource("v1/methods");
  const library = useResource("v1/instances");
  const send = useAction(async (body) => {
    const job = await submit("v1/jobs", body);
    setQuery({ job: job.id });
  });
  useEffect(() => keepForm(form), [form]);

  const body = useMemo(() => bodyOf(form, reading.read, methods.data?.items), [form, reading.read, methods.data]);
  const isReady = form.from === "library" ? form.name !== "" : reading.read !== null;
  const onSubmit = (event) => {
    event.preventDefault();
    if (isReady && !send.isRunning) send.run(body);
  };
  return html`<div class="view-head"><h1>Solve</h1>
      <span class="row"><button type="button" onClick=${() => { setForm(BLANK); send.clear(); }}>Start over</button></span></div>
    <div class="solve">
      <form class="solve-form" onSubmit=${onSubmit} novalidate>
        <${InstanceCard} form=${form} change=${change} reading=${reading} library=${library} problem=${send.error} />
        <${MethodCard} form=${form} change=${change} methods=${methods} isLinear=${isLinear(form, reading.read)} problem=${send.error} />
        <${BudgetCard} form=${form} change=${change} problem=${send.error} />
        <${ErrorNotice} error=${send.error} />
        <div class="row"><button type="submit" class="primary send" disabled=${!isReady || send.isRunning}>${send.isRunning ? "Sending …" : "Solve"}</button>
          ${!isReady && html`<span class="card-note">First give an instance.</span>`}</div>
      </form>
      <div class="solve-side">
        ${query.job ? html`<${LiveRun} key=${query.job} id=${query.job} />`
          : html`<section class="card"><div class="empty"><p class="empty-title">The run appears here.</p><p>Choose an instance and press Solve: incumbent, bound and gap come in live.</p></div></section>`}
        <${AsCode} body=${body} />
      </div>
    </div>`;
}

/** What the typed text holds, read a moment after the last key: { read, error }. */
function useReading({ from, text }) {
  const [reading, setReading] = useState(() => readSafely(from, text));
  useEffect(() => {
    const timer = setTimeout(() => setReading(readSafely(from, text)), READ_AFTER_MS);
    return () => clearTimeout(timer);
  }, [from, text]);
  return reading;
}

function readSafely(from, text) {
  if (from !== "text") return { read: null, error: null };
  try {
    return { read: readText(text), error: null };
  } catch (error) {
    return { read: null, error };
  }
}
