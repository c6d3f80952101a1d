// Where the page is: "#/jobs/job_1?state=running". Filters live in it, so that a link
// shows what its sender saw; a fragment works below any prefix and needs no server.

import { Signal } from "./signal.js";

/** Take a fragment apart: { view, id, query }. */
export function parse(fragment) {
  const [path, search = ""] = fragment.replace(/^#?\/?/, "").split("?");
  const [view, ...rest] = path.split("/").map(decodeURIComponent);
  return { view: view || "desk", id: rest.join("/") || null, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** Write a fragment; empty parts of the query are left out. */
export function href(view, { id = null, query = {} } = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(kept).toString();
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}${search ? `?${search}` : ""}`;
}

/** Where the page is now. */
export const place = new Signal(parse(location.hash));

/** Go somewhere; `replace` leaves no step to go back to, as filters want it. */
export function go(view, { id, query, replace = false } = {}) {
  const target = href(view, { id, query });
  if (!replace) {
    location.hash = target;
    return;
  }
  history.replaceState(null, "", target);
  place.value = parse(target);
}

/** Change parts of the query where the page is; null takes one out. */
export function setQuery(changes) {
  const { view, id, query } = place.value;
  go(view, { id, query: { ...query, ...changes }, replace: true });
}

addEventListener("hashchange", () => {
  place.value = parse(location.hash);
});
