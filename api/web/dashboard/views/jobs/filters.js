// What the address says to list, as GET /v1/jobs takes it. Pure: the time is given.

export const STATES = ["queued", "running", "succeeded", "failed", "cancelled", "expired"];
export const KINDS = ["solve", "islands", "batch", "benchmark", "calculate"];
export const SINCE = [
  { value: "", label: "any time" },
  { value: "10m", label: "10 minutes" },
  { value: "1h", label: "an hour" },
  { value: "24h", label: "a day" },
  { value: "7d", label: "a week" },
];

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const SHA256 = /^[0-9a-f]{64}$/;
export const PAGE = 50;

/** The moment (ISO) that "24h" before `now` was, to the minute; a moment as it is; or null. */
export function sinceMoment(text, now) {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(text ?? "") ?? [];
  if (unit) {
    const minute = UNITS_MS.m;
    return new Date(Math.floor((now - Number(count) * UNITS_MS[unit]) / minute) * minute).toISOString();
  }
  return text && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : null;
}

/** The states that the address names, as a list. */
export const chosenStates = (query) => (query.state ?? "").split(",").filter((state) => STATES.includes(state));

/**
 * The query of GET /v1/jobs for what the address says. `hashes` maps names of instances to
 * SHA-256. Returns null as long as a name is not known to it.
 */
export function listQuery(query, hashes, now) {
  const wanted = query.instance ?? "";
  const instance = wanted === "" || SHA256.test(wanted) ? wanted : hashes.get(wanted);
  if (instance === undefined) return null;
  return {
    state: chosenStates(query),
    kind: query.kind,
    method: query.method,
    instance,
    parent: query.parent,
    created_after: sinceMoment(query.since, now),
    after: query.after,
    limit: PAGE,
  };
}

/** Whether anything is filtered at all. */
export const isFiltered = (query) => ["state", "kind", "method", "instance", "parent", "since"].some((name) => query[name]);
