// Flows from spreadsheets, and results to them.

/** Numbers (and dates, if a column has them) of a pasted or opened table: { numbers, dates } or { problem }. */
export function flowsOf(text) {
  const between = /[;\t]/.test(text) ? /[;\t]/ : /,/;
  const rows = text.split(/\r?\n/).map((line) => line.split(between).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"))).filter((row) => row.some((cell) => cell !== ""));
  const numbers = [];
  const dates = [];
  for (const row of rows) {
    const date = row.find((cell) => /^\d{4}-\d{2}-\d{2}$/.test(cell));
    const found = row.filter((cell) => cell !== date && cell !== "" && Number.isFinite(Number(cell)));
    if (date) {
      if (found.length === 0) continue;
      dates.push(date);
      numbers.push(Number(found.at(-1)));
    } else {
      numbers.push(...found.map(Number));
    }
  }
  if (numbers.length === 0) return { problem: "There is no number in this file." };
  if (dates.length > 0 && dates.length !== numbers.length) return { problem: "Some lines have a date and others have none." };
  return { numbers, dates: dates.length > 0 ? dates : null };
}

/** One cell; text that a spreadsheet would run is disarmed. */
function cell(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" && /^[=+@]/.test(value) ? `'${value}` : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of equal objects as CSV. */
export const table = (rows) => [Object.keys(rows[0]).join(","), ...rows.map((row) => Object.values(row).map(cell).join(","))].join("\n");

/** The rows that an outcome is mostly about. */
export function rowsOf(outcome) {
  if (outcome.bars) return outcome.bars;
  if (outcome.scenarios) return outcome.scenarios;
  if (outcome.histogram) return outcome.histogram.counts.map((count, at) => ({ from: outcome.histogram.edges[at], to: outcome.histogram.edges[at + 1], paths: count }));
  if (outcome.roots?.length) return outcome.roots;
  if (outcome.running_totals) return outcome.running_totals.map((total, period) => ({ period, total }));
  return pairs(outcome);
}

const pairs = (value, path = "") => Object.entries(value).flatMap(([name, part]) => {
  const at = path ? `${path}.${name}` : name;
  return part !== null && typeof part === "object" && !Array.isArray(part) ? pairs(part, at) : [{ name: at, value: Array.isArray(part) ? part.join(" ") : part }];
});
