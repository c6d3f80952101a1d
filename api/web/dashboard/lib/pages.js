// Long lists: the first page renews itself, those behind it are asked for one by one.

import { useEffect, useState } from "../vendor/preact-htm.js";
import { get } from "./http.js";
import { useAction, useResource } from "./hooks.js";

/**
 * A list in pages (`items`, `next` as `after`). Returns what useResource does, and
 * { items, more: whether there are others, showMore: { run, isRunning, error } }.
 */
export function usePages(path, { query = {}, everyMs = null, keyOf = (item) => item.id } = {}) {
  const first = useResource(path, { query, everyMs });
  const [behind, setBehind] = useState({ items: [], next: null });
  const asked = JSON.stringify([path, query]);
  useEffect(() => setBehind({ items: [], next: null }), [asked]);
  const next = behind.next ?? first.data?.next ?? "";
  const showMore = useAction(async () => {
    const page = await get(path, { ...query, after: next });
    setBehind((old) => ({ items: [...old.items, ...page.items], next: page.next }));
  });
  return { ...first, items: joined(first.data?.items ?? [], behind.items, keyOf), more: next !== "" && next !== null, showMore };
}

/** Pages one after the other; what moved onto another page meanwhile stands once. */
export function joined(first, behind, keyOf) {
  const seen = new Set(first.map(keyOf));
  return [...first, ...behind.filter((item) => !seen.has(keyOf(item)) && seen.add(keyOf(item)))];
}
