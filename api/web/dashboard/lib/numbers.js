// JSON without loss: integers that a double cannot hold come as BigInt, and leave as such.

/** Parse JSON text. Integers beyond 2^53 become BigInt where the browser shows sources. */
export function parse(text) {
  return JSON.parse(text, (_, value, context) => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    const source = context?.source;
    return source && /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

/** Write JSON text; a BigInt is written as the number it is. */
export function stringify(value, indent) {
  if (!JSON.rawJSON) return JSON.stringify(value, (_, v) => (typeof v === "bigint" ? Number(v) : v), indent);
  return JSON.stringify(value, (_, v) => (typeof v === "bigint" ? JSON.rawJSON(String(v)) : v), indent);
}
