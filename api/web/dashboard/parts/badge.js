// States in few letters; the word says what the colour says.

import { html } from "../vendor/preact-htm.js";

const TONES = {
  succeeded: "good", online: "good", ok: "good", active: "good", delivered: "good", healthy: "good", optimal: "good", resolved: "good",
  running: "live", pending: "live", queued: "calm", scheduled: "calm", paused: "calm", disabled: "calm", unknown: "calm", cancelled: "calm",
  degraded: "warn", warning: "warn", expired: "warn", retrying: "warn", acknowledged: "warn", aging: "warn", behind: "warn",
  failed: "bad", offline: "bad", critical: "bad", blocked: "bad", exhausted: "bad", dead: "bad", open: "bad", stale: "bad",
};

/** A word in its tone; `tone` decides where the word alone does not. */
export function Badge({ word, tone }) {
  return html`<span class=${`badge badge-${tone ?? TONES[word] ?? "calm"}`}>${word}</span>`;
}
