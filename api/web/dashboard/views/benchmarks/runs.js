// The runs of a benchmark, as they end: pages of its children, the newest state of each.

import { useCallback, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { get } from "../../lib/http.js";

const PAGE = 200;
const MOST = 2000;

/** { runs, isCut, error, reload }: each run { id, label, instance, order, seed, state, gap, elapsed, objective }. */
export function useRuns(id) {
  const [state, setState] = useState({ runs: [], isCut: false, error: null });
  const busy = useRef(null);
  const reload = useCallback(async () => {
    if (busy.current) return;
    busy.current = new AbortController();
    try {
      const found = [];
      let after = null;
      do {
        const page = await get("v1/jobs", { parent: id, limit: PAGE, after }, { signal: busy.current.signal });
        found.push(...page.items);
        after = page.next;
      } while (after && found.length < MOST);
      setState({ runs: labelled(found.map(runOf)), isCut: Boolean(after), error: null });
    } catch (error) {
      if (error.name !== "AbortError") setState((old) => ({ ...old, error }));
    } finally {
      busy.current = null;
    }
  }, [id]);
  useEffect(() => {
    reload();
    return () => busy.current?.abort();
  }, [reload]);
  return { ...state, reload };
}

/** One child as the plots need it. Gaps are to the best known objective. */
function runOf(job) {
  return {
    id: job.id,
    method: job.method,
    parameters: Object.entries(job.parameters ?? {}).map(([name, value]) => `${name}=${value}`).join(" "),
    instance: job.instance?.name ?? job.instance?.sha256.slice(0, 12),
    sha256: job.instance?.sha256,
    order: job.instance?.order,
    seed: job.seed,
    state: job.state,
    gap: job.summary?.gap ?? null,
    elapsed: job.summary?.elapsed_s ?? null,
    objective: job.summary?.objective ?? null,
  };
}

/** The runs with the `label` of each: its method, with the parameters where several share one. */
export function labelled(runs) {
  const variants = new Map();
  for (const { method, parameters } of runs) variants.set(method, (variants.get(method) ?? new Set()).add(parameters));
  return runs.map((run) => ({ ...run, label: variants.get(run.method).size > 1 && run.parameters ? `${run.method} ${run.parameters}` : run.method }));
}
