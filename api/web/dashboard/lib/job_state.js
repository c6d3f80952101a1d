// The states of a job that are final: nothing changes it any more.

export const FINAL = new Set(["succeeded", "failed", "cancelled", "expired"]);

/** How many jobs of a family will not change any more, by its counts. */
export const endedOf = (counts) => [...FINAL].reduce((sum, state) => sum + (counts[state] ?? 0), 0);

export const isFinal = (state) => FINAL.has(state);
