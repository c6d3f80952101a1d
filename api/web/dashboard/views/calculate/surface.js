// What the 3D view shows, as numbers: points by digits, with the height of each.

export const LEVELS = 15;

/** Half a unit in the last of so many significant digits of a value: what rounding to them may cost. */
export function halfUnit(value, digits) {
  if (value === 0) return 0;
  const [, power] = value.toExponential(LEVELS - 1).split("e");
  return 0.5 * 10 ** (Number(power) - digits + 1);
}

/**
 * The surface over the rows of a table: `points`, and for each level (1 to 15 digits) a
 * height for each point: of the value rounded to so many digits, or of the power of ten
 * of what that rounding may cost. Null where there is no value.
 */
export function surface(rows, kind) {
  const points = rows.map((row) => fraction(row.point));
  const values = rows.map((row) => (row.value === null || !Number.isFinite(Number(row.value)) ? null : Number(row.value)));
  const heights = Array.from({ length: LEVELS }, (_, at) => values.map((value) => height(value, at + 1, kind)));
  const all = heights.flat().filter((value) => value !== null);
  return { points, values, heights, low: all.length ? Math.min(...all) : 0, high: all.length ? Math.max(...all) : 0 };
}

function height(value, digits, kind) {
  if (value === null) return null;
  if (kind === "result") return Number(value.toPrecision(digits));
  return value === 0 ? null : Math.log10(halfUnit(value, digits));
}

/** A point of a table as a number: a decimal, or p/q. */
function fraction(text) {
  const [over, under = "1"] = text.split("/");
  return Number(over) / Number(under);
}

/** The cube of the earlier page: |result|·0.1 + 0.5 wide, of a hue by its level. */
export function cube(value, digits) {
  const size = Math.min(Math.abs(value) * 0.1 + 0.5, 3);
  return { size, hue: (Math.min(digits, LEVELS) / LEVELS) % 1 };
}
