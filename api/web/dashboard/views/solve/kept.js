// The form as this tab keeps it, and a form that asks for what a job was asked for.

import { parse, stringify } from "../../lib/numbers.js";
import { keep, recall } from "../../lib/storage.js";
import { BLANK, LIMITS } from "./request.js";

const KEPT = "solve.form";

export const keepForm = (form) => keep(KEPT, stringify(form), "sessionStorage");

export function recallForm() {
  const kept = recall(KEPT, "sessionStorage");
  return kept ? parse(kept) : {};
}

const text = (value) => (value === null || value === undefined ? "" : String(value));

/** The form that would send a job again, as far as a form can say it; not answered by what that job found. */
export function formOf({ instance, method, parameters, portfolio, islands, seed, limits, priority_s: head }) {
  return {
    ...BLANK,
    name: instance.sha256,
    method: portfolio?.length > 0 ? "portfolio" : method,
    parameters: Object.fromEntries(Object.entries(parameters ?? {}).map(([name, value]) => [`${method}.${name}`, text(value)])),
    portfolio: portfolio ?? [],
    islands: text(islands ?? 1),
    seed: text(seed ?? 0),
    ...Object.fromEntries(LIMITS.map((name) => [name, text(limits?.[name])])),
    priority_s: head ? text(head) : "",
    cache: false,
  };
}
