// A provider's description as fields of text, and back. What cannot be read as a number
// is sent as it is: the service says what is wrong with it.

export const WINDOWS = ["second", "minute", "hour", "day"];

export const BLANK = {
  name: "", category: "", url: "", second_url: "", description: "", tier: "2", every_s: "300",
  key_environment: "", key_place: "header", key_name: "",
  limit_second: "", limit_minute: "", limit_hour: "", limit_day: "",
  statuses: "200", pointer: "", timeout_ms: "10000", degraded_ms: "2000", offline_ms: "5000", failures: "3", recoveries: "1",
  series: "", data_time: "", stale_after_s: "900",
};

const EXPECTED = ["timeout_ms", "degraded_ms", "offline_ms", "failures", "recoveries"];

/** The fields of a provider that is there. */
export function valuesOf(provider) {
  const { key, limits, expectation, collection } = provider;
  const values = { ...BLANK, statuses: expectation.statuses.join(", "), pointer: expectation.pointer };
  for (const name of ["name", "category", "url", "second_url", "description", "tier", "every_s"]) values[name] = String(provider[name]);
  for (const name of EXPECTED) values[name] = String(expectation[name]);
  for (const { per, calls } of limits) values[`limit_${per}`] = String(calls);
  if (key) Object.assign(values, { key_environment: key.environment, key_place: key.place ?? "header", key_name: key.name ?? "" });
  if (collection) {
    values.series = Object.entries(collection.series).map(([name, pointer]) => `${name} = ${pointer}`).join("\n");
    Object.assign(values, { data_time: collection.data_time ?? "", stale_after_s: String(collection.stale_after_s) });
  }
  return values;
}

/** What is sent. Whole: also a change names every field, and null takes one out. */
export function bodyOf(values) {
  const limits = WINDOWS.filter((per) => values[`limit_${per}`].trim() !== "").map((per) => ({ per, calls: numberOf(values[`limit_${per}`]) }));
  const series = seriesOf(values.series);
  return {
    name: values.name.trim(), category: values.category.trim(), url: values.url.trim(),
    second_url: values.second_url.trim(), description: values.description.trim(),
    tier: numberOf(values.tier), every_s: numberOf(values.every_s),
    key: values.key_environment.trim() === "" ? null
      : { environment: values.key_environment.trim(), place: values.key_place, ...(values.key_place === "bearer" ? {} : { name: values.key_name.trim() }) },
    limits,
    expectation: {
      statuses: values.statuses.split(/[\s,]+/).filter(Boolean).map(numberOf), pointer: values.pointer.trim(),
      ...Object.fromEntries(EXPECTED.map((name) => [name, numberOf(values[name])])),
    },
    collection: series === null ? null
      : { series, stale_after_s: numberOf(values.stale_after_s), ...(values.data_time.trim() === "" ? {} : { data_time: values.data_time.trim() }) },
  };
}

/** The number that a text is, or the text. */
export function numberOf(text) {
  const trimmed = text.trim();
  return trimmed === "" || Number.isNaN(Number(trimmed)) ? trimmed : Number(trimmed);
}

/** Lines of "name = /pointer"; null where there is none. */
export function seriesOf(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (lines.length === 0) return null;
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf("=");
    return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  }));
}

/** Where a limit's fault is told: limits are sent as a list of those that are named. */
export function limitPointer(values, per) {
  const named = WINDOWS.filter((each) => values[`limit_${each}`].trim() !== "");
  return `/limits/${named.indexOf(per)}/calls`;
}

/** The JSON merge patch (RFC 7396) from one body to another; `{}` if they are the same. */
export function patchOf(before, after) {
  const patch = {};
  for (const [name, value] of Object.entries(after)) {
    const old = before[name];
    if (JSON.stringify(old) === JSON.stringify(value)) continue;
    patch[name] = isObject(old) && isObject(value) ? { ...removed(old, value), ...patchOf(old, value) } : value;
  }
  return patch;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const removed = (old, value) => Object.fromEntries(Object.keys(old).filter((name) => !(name in value)).map((name) => [name, null]));
