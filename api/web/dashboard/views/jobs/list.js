// The page of jobs that is shown: it stays as it is while somebody reads; what is new is
// counted, and what is known of a row is renewed in its place.

import { useCallback, useEffect, useMemo, useRef, useState } from "../../vendor/preact-htm.js";
import { useFollow, useFrames, useResource } from "../../lib/hooks.js";
import { get } from "../../lib/http.js";
import { keepEvent, newSince, TYPES } from "./rows.js";

const LOOK_MS = 2000;
const RENEW_MS = 20_000;

/**
 * A page of GET /v1/jobs (`query` of null asks nothing): { page, told, fresh, reload }.
 * `told` has what events said of its rows since; `fresh` is how many jobs are newer.
 */
export function useJobPage(query) {
  const page = useResource(query === null ? null : "v1/jobs", { query });
  const [told, setTold] = useFrames(new Map());
  const [fresh, setFresh] = useState(0);
  const shown = useRef([]);
  const timer = useRef(null);
  const items = useMemo(() => page.data?.items ?? [], [page.data]);
  shown.current = items;
  const isFirst = !query?.after;
  const asked = JSON.stringify(query);

  useEffect(() => {
    setFresh(0);
    setTold(() => new Map());
  }, [page.data]);

  const look = useCallback(async () => {
    timer.current = null;
    if (query === null) return;
    try {
      const head = await get("v1/jobs", query);
      const ids = new Map(head.items.map((job) => [job.id, job]));
      if (isFirst) setFresh(newSince(head.items, shown.current));
      setTold((old) => withJobs(old, ids, shown.current));
    } catch {
      // The next event or the next renewal asks again; the shell says when nobody answers.
    }
  }, [asked]);

  // What happens is asked for at most every two seconds, however much happens.
  const lookSoon = () => { timer.current ??= setTimeout(look, LOOK_MS); };
  useEffect(() => {
    const renewal = setInterval(lookSoon, RENEW_MS);
    return () => {
      clearInterval(renewal);
      clearTimeout(timer.current);
      timer.current = null;
    };
  }, [look]);

  useFollow("jobs", {
    types: TYPES,
    onSnapshot: lookSoon,
    onEvent: (event) => {
      const isShown = shown.current.some((job) => job.id === event.subject);
      if (isShown) setTold((old) => keepEvent(old, event));
      if (event.type === "job.queued" ? !isShown : isShown && !event.type.match(/progress|incumbent|bound|started/)) lookSoon();
    },
  });

  return { page, items, told, fresh, reload: page.reload };
}

/** Put jobs as they were just listed beside what is shown, by `job` of what is told. */
function withJobs(told, ids, shown) {
  const next = new Map();
  for (const { id } of shown) {
    const job = ids.get(id);
    const news = told.get(id);
    if (job || news) next.set(id, job ? { ...news, job } : news);
  }
  return next;
}
