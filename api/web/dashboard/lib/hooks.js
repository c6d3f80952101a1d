// What components are made of: answers that renew themselves, logs that are followed.

import { useCallback, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { get } from "./http.js";
import { connection, follow } from "./live.js";
import { apiKey } from "./session.js";
import { useSignal } from "./signal.js";
import { isLive } from "./visible.js";

/**
 * Read a path, again every `everyMs` while the page is live, and when `path` or `query`
 * change. Returns { data, error, at, isLoading, reload }: `data` stays while a later
 * question fails, `at` says when it was true. A `path` of null asks nothing.
 */
export function useResource(path, { query, everyMs = null } = {}) {
  const [state, setState] = useState({ data: null, error: null, at: null, isLoading: path !== null });
  const live = useSignal(isLive);
  const key = useSignal(apiKey);
  const asked = JSON.stringify([path, query]);
  const shown = useRef(null);
  const abort = useRef(null);

  const load = useCallback(async () => {
    if (path === null) return;
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    try {
      const data = await get(path, query, { signal: controller.signal });
      shown.current = asked;
      setState({ data, error: null, at: Date.now(), isLoading: false });
    } catch (error) {
      if (error.name === "AbortError") return;
      // What another question answered must not stand for this one.
      const isSame = shown.current === asked;
      setState((old) => ({ data: isSame ? old.data : null, error, at: isSame ? old.at : null, isLoading: false }));
    }
  }, [asked, key]);

  useEffect(() => {
    if (!live) return;
    setState((old) => ({ ...old, isLoading: true }));
    load();
    if (everyMs === null) return () => abort.current?.abort();
    const timer = setInterval(load, everyMs);
    return () => {
      clearInterval(timer);
      abort.current?.abort();
    };
  }, [load, live, everyMs]);

  return { ...state, reload: load };
}

/**
 * Follow a topic while the component is there; `calls` as in live.js. They are called as
 * the latest drawing gave them. A `topic` of null follows nothing.
 */
export function useFollow(topic, calls) {
  const latest = useRef(calls);
  latest.current = calls;
  useEffect(() => {
    if (topic === null) return undefined;
    return follow(topic, {
      types: calls.types,
      after: calls.after,
      epoch: calls.epoch,
      onSnapshot: (...told) => latest.current.onSnapshot?.(...told),
      onEvent: (...told) => latest.current.onEvent?.(...told),
      onEnd: (...told) => latest.current.onEnd?.(...told),
      onError: (...told) => latest.current.onError?.(...told),
    });
  }, [topic]);
  return useSignal(connection);
}

/** Draw a frame's worth of changes at once: returns `change(update)`, and the value. */
export function useFrames(initial) {
  const [value, setValue] = useState(initial);
  const pending = useRef({ value: initial, frame: null });
  const change = useCallback((update) => {
    const held = pending.current;
    held.value = update(held.value);
    held.frame ??= requestAnimationFrame(() => {
      held.frame = null;
      setValue(held.value);
    });
  }, []);
  useEffect(() => () => cancelAnimationFrame(pending.current.frame), []);
  return [value, change];
}

/** Do something for a user: { run, isRunning, error, value, clear }. Errors are shown, not lost. */
export function useAction(action) {
  const [state, setState] = useState({ isRunning: false, error: null });
  const run = async (...given) => {
    setState({ isRunning: true, error: null });
    try {
      const value = await action(...given);
      setState({ isRunning: false, error: null, value });
      return value;
    } catch (error) {
      setState({ isRunning: false, error });
      return undefined;
    }
  };
  return { ...state, run, clear: () => setState({ isRunning: false, error: null }) };
}

/** The time, again each `everyMs`: for ages that grow. Stands still while nobody looks. */
export function useNow(everyMs = 1000) {
  const [now, setNow] = useState(Date.now());
  const live = useSignal(isLive);
  useEffect(() => {
    if (!live) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, live]);
  return now;
}

/** Call `act` soon: at once, then at most once each `everyMs` however often it is asked. */
export function useSeldom(act, everyMs = 1000) {
  const latest = useRef(act);
  latest.current = act;
  const held = useRef({ at: 0, timer: null });
  useEffect(() => () => clearTimeout(held.current.timer), []);
  return useCallback(() => {
    const now = held.current;
    if (now.timer) return;
    now.timer = setTimeout(() => {
      now.timer = null;
      now.at = Date.now();
      latest.current();
    }, Math.max(0, now.at + everyMs - Date.now()));
  }, [everyMs]);
}

/** [ref, width]: how wide an element is now, for what is drawn to measure. */
export function useWidth(first = 600) {
  const place = useRef(null);
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return [place, width];
}
