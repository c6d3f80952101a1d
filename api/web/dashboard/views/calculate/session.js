// What this page has calculated since it was opened: kept while other views are seen.

import { Signal } from "../../lib/signal.js";

const LONGEST = 100;

/** Newest first: { id, at, expression, input, digits, ms, outcome, cached, isAuto }. */
export const entries = new Signal([]);
/** Newest first: { at, words, suggestion, what, job }. */
export const problems = new Signal([]);

export function remember(entry) {
  entries.value = [entry, ...entries.value.filter((each) => each.id !== entry.id || each.input !== entry.input)].slice(0, LONGEST);
}

export function complain(problem) {
  problems.value = [{ at: Date.now(), ...problem }, ...problems.value].slice(0, LONGEST);
}

export function forgetProblems() {
  problems.value = [];
}
