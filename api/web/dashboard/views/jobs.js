// All jobs, live; one job where the address names one.

import { html, useEffect, useMemo, useState } from "../vendor/preact-htm.js";
import { NONE, ago, amount, clock, duration, percent } from "../lib/format.js";
import { useNow, useResource } from "../lib/hooks.js";
import { endedOf } from "../lib/job_state.js";
import { go, href } from "../lib/router.js";
import { Badge } from "../parts/badge.js";
import { Card } from "../parts/card.js";
import { Empty, ErrorNotice, Loading } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { Bulk } from "./jobs/bulk.js";
import { FilterBar } from "./jobs/filter_bar.js";
import { isFiltered, listQuery } from "./jobs/filters.js";
import { useJobPage } from "./jobs/list.js";
import { rowOf } from "./jobs/rows.js";

/** What stands for a log from a file where a job's id stands otherwise. */
const FILE = "file";

export function View({ id, query }) {
  if (id === FILE) return html`<${Run} key=${FILE} page="file" />`;
  return id ? html`<${Run} key=${id} id=${id} query=${query} />` : html`<${Jobs} query=${query} />`;
}

/** The pages of a run are large: they are loaded when somebody first opens one. */
const PAGES = {
  run: () => import("./run.js").then((module) => module.RunPage),
  file: () => import("./run/file_page.js").then((module) => module.FilePage),
};

function Run({ id, query, page = "run" }) {
  const [Page, setPage] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    let isThere = true;
    PAGES[page]().then((loaded) => isThere && setPage(() => loaded), (failure) => isThere && setError(failure));
    return () => { isThere = false; };
  }, []);
  if (error) return html`<${ErrorNotice} error=${{ message: "The page of a run cannot be loaded.", suggestion: "The service may be away, or have been updated: then reloading helps." }} onRetry=${() => location.reload()} />`;
  return Page ? html`<${Page} id=${id} query=${query} />` : html`<${Loading} rows=${8} />`;
}

function Jobs({ query }) {
  const methods = useResource("v1/methods");
  const instances = useResource("v1/instances");
  const known = instances.data?.items ?? [];
  const hashes = useMemo(() => new Map(known.filter(({ name }) => name).map(({ name, sha256 }) => [name, sha256])), [instances.data]);
  // "Within a day" is fixed when it is chosen, or the list would be another one each minute.
  const chosen = useMemo(() => listQuery(query, hashes, Date.now()), [JSON.stringify(query), hashes]);
  const { page, items, told, fresh, reload } = useJobPage(chosen);
  const [selected, setSelected] = useState(new Set());
  const now = useNow();
  useEffect(() => setSelected(new Set()), [JSON.stringify(query)]);

  const rows = items.map((job) => {
    const { job: renewed, ...news } = told.get(job.id) ?? {};
    return rowOf(renewed ?? job, news, now);
  });
  const isUnknown = chosen === null && instances.data !== null;
  return html`<div class="view-head"><h1>Jobs</h1><span class="row"><a class="button" href=${href("jobs", { id: FILE })}>Open a log</a><a class="button" href=${href("solve")}>Solve something</a></span></div>
    <${Card} title=${query.parent ? "Children" : "List"} note=${query.after ? "an earlier page" : "newest first"} resource=${page} rows=${12}
      actions=${html`<button type="button" class=${fresh > 0 ? "fresh" : "fresh fresh-none"} disabled=${fresh === 0} onClick=${reload}>
        ${fresh === 0 ? "Nothing new" : `${amount(fresh)}${fresh >= 50 ? " or more" : ""} new`}</button>`}>
      <${FilterBar} query=${query} methods=${methods.data?.items ?? []} instances=${known} isUnknown=${isUnknown} />
      <${Bulk} selected=${selected} onClear=${() => setSelected(new Set())} onDone=${reload} />
      <${Table} label="Jobs" columns=${columns(now)} rows=${rows} keyOf=${(row) => row.id} hrefOf=${(row) => href("jobs", { id: row.id })}
        selected=${selected} onSelect=${setSelected} empty=${nothing(query)} />
      <${Pages} query=${query} next=${page.data?.next} />
    <//>`;
}

const columns = (now) => [
  { title: "Job", cell: (row) => html`<span class="mono">${row.id.slice(0, 12)}</span>` },
  { title: "State", cell: (row) => html`<span class="cell-state"><${Badge} word=${row.wish ? "stopping" : row.state} tone=${row.wish ? "warn" : undefined} /></span>` },
  { title: "Kind", cell: (row) => row.kind },
  { title: "Method", cell: (row) => row.method ?? NONE },
  { title: "Instance", cell: (row) => instanceOf(row) },
  { title: "Objective", align: "right", cell: (row) => amount(row.objective) },
  { title: "To best known", align: "right", cell: (row) => percent(row.gapToBest) },
  { title: "To bound", align: "right", cell: (row) => percent(row.gapToBound) },
  { title: "Took", align: "right", cell: (row) => duration(row.elapsed) },
  { title: "Sent", align: "right", cell: (row) => html`<time datetime=${row.createdAt} title=${clock(row.createdAt)}>${ago(row.createdAt, now)}</time>` },
];

function instanceOf({ instance, counts, state }) {
  if (instance) return html`${instance.name ?? instance.sha256.slice(0, 8)} <span class="card-note">n = ${instance.order}</span>`;
  if (!counts) return NONE;
  // One that has succeeded has waited for all of its children, whatever was counted last.
  const ended = state === "succeeded" ? counts.total : endedOf(counts);
  return html`<progress max=${counts.total} value=${ended} aria-label="Ended"></progress> <span class="card-note">${amount(ended)} of ${amount(counts.total)}</span>`;
}

function nothing(query) {
  return isFiltered(query)
    ? html`<${Empty} title="No job is like that.">Take a filter out, or <a href=${href("jobs")}>show all jobs</a>.<//>`
    : html`<${Empty} title="No jobs yet.">Send the first: <a href=${href("solve")}>solve something</a>.<//>`;
}

function Pages({ query, next }) {
  if (!query.after && !next) return null;
  const lead = (after) => go("jobs", { query: { ...query, after } });
  return html`<nav class="pages row" aria-label="Pages">
    <button type="button" disabled=${!query.after} onClick=${() => lead(null)}>Newest</button>
    <button type="button" disabled=${!query.after} onClick=${() => history.back()}>Newer</button>
    <button type="button" disabled=${!next} onClick=${() => lead(next)}>Older</button>
  </nav>`;
}
