// Numbers, shares, times and sizes as people read them. All take null: an en dash.

export const NONE = "–";

const integers = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A number in full if it is an integer (also a BigInt), else to six digits. */
export function amount(value) {
  if (value === null || value === undefined) return NONE;
  if (typeof value === "bigint" || Number.isInteger(value)) return integers.format(value);
  if (!Number.isFinite(value)) return NONE;
  return new Intl.NumberFormat("en", { maximumSignificantDigits: 6 }).format(value);
}

/** A large number in few characters: 1.2 M. */
export function short(value) {
  if (value === null || value === undefined) return NONE;
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** A share (0 to 1) as per cent; small ones keep a digit that says something. */
export function percent(share, digits = null) {
  if (share === null || share === undefined || !Number.isFinite(Number(share))) return NONE;
  const value = Number(share) * 100;
  const places = digits ?? (value === 0 || Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 3);
  return `${value.toFixed(places)} %`;
}

/** Seconds as 85 ms, 3.2 s, 4:05, 2 h 10 min, 3 d 4 h. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  if (seconds < 0.001) return "0 ms";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.5) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 60) return "1:00 min";
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** How long ago a time (ISO text or ms) was. */
export function ago(time, now = Date.now()) {
  if (!time) return NONE;
  const seconds = (now - new Date(time).getTime()) / 1000;
  return seconds < 1 ? "now" : `${duration(seconds)} ago`;
}

/** A time of day, with the date if it is not today's. */
export function clock(time) {
  if (!time) return NONE;
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString("en-GB", isToday ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" });
}

/** Bytes as KiB, MiB, … */
export function bytes(count) {
  if (count === null || count === undefined) return NONE;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Money as it is charged: at least two digits, more where it is less than a cent. */
export function money(value, currency = "USD") {
  if (value === null || value === undefined) return NONE;
  const digits = Math.abs(value) > 0 && Math.abs(value) < 0.1 ? 4 : 2;
  return new Intl.NumberFormat("en", { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}
