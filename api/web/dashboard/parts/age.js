// How old what is shown is.

import { html } from "../vendor/preact-htm.js";
import { ago, clock } from "../lib/format.js";
import { useNow } from "../lib/hooks.js";

const OLD_MS = 15_000;

/** "3 s ago"; stands out once it is old or could not be renewed. */
export function Age({ at, isStale = false, oldMs = OLD_MS }) {
  const now = useNow();
  if (at === null || at === undefined) return null;
  const isOld = isStale || now - at > oldMs;
  return html`<time class=${`age ${isOld && isStale ? "age-old" : ""}`} datetime=${new Date(at).toISOString()} title=${clock(at)}>
    ${isStale ? "as of " : ""}${ago(at, now)}
  </time>`;
}
