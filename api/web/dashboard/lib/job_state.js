// The states of a job that are final: nothing changes it any more.

export const FINAL = new Set(["succeeded", "failed", "cancelled", "expired"]);

export const isFinal = (state) => FINAL.has(state);
