// Decimals as text: taken apart, grouped, and stepped through without any rounding.

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Take a decimal apart: { sign, whole, groups, exponent }, its fraction in groups of `size`. */
export function grouped(text, size = 5) {
  const found = DECIMAL.exec(text);
  if (!found) return { sign: "", whole: text, groups: [], exponent: null };
  const [, sign, whole, fraction = "", exponent = null] = found;
  const groups = [];
  for (let at = 0; at < fraction.length; at += size) groups.push(fraction.slice(at, at + size));
  return { sign: sign === "-" ? "−" : "", whole: whole || "0", groups, exponent };
}

/** An exact decimal: units · 10^−scale; null if the text is none. */
export function exactly(text) {
  const found = DECIMAL.exec(String(text).trim());
  if (!found || (found[2] === "" && !found[3])) return null;
  const [, sign, whole, fraction = "", exponent = "0"] = found;
  const power = Number(exponent) - fraction.length;
  if (Math.abs(power) > 1000) return null;
  const units = BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction}`);
  return power >= 0 ? { units: units * 10n ** BigInt(power), scale: 0 } : { units, scale: -power };
}

/** Write units · 10^−scale. */
export function written({ units, scale }) {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}

/**
 * The values from, from+step, …, no further than `to`: { count, at(index) }, or
 * { problem: { field, words } } where that is no range.
 */
export function range(fromText, toText, stepText) {
  const parts = { from: exactly(fromText), to: exactly(toText), step: exactly(stepText) };
  for (const [field, part] of Object.entries(parts)) {
    if (part === null) return { problem: { field, words: "This is not a decimal number." } };
  }
  const scale = Math.max(parts.from.scale, parts.to.scale, parts.step.scale);
  const [from, to, step] = [parts.from, parts.to, parts.step].map((part) => part.units * 10n ** BigInt(scale - part.scale));
  if (step === 0n) return { problem: { field: "step", words: "A step of 0 leads nowhere." } };
  if (to !== from && (to - from > 0n) !== (step > 0n)) return { problem: { field: "step", words: `A step of this sign does not lead from ${fromText} to ${toText}.` } };
  const count = (to - from) / step + 1n;
  if (count > 1_000_000n) return { problem: { field: "step", words: "These are more than a million values: take a longer step." } };
  return { count: Number(count), at: (index) => written({ units: from + step * BigInt(index), scale }) };
}

/** Read "a = 1/3, b = 2.5": { variables } or { problem }. */
export function assignments(text) {
  const variables = {};
  for (const part of text.split(/[,;\n]/).map((each) => each.trim()).filter(Boolean)) {
    const [, name, value] = /^([A-Za-z_]\w*)\s*=\s*(\S+)$/.exec(part) ?? [];
    if (!name) return { problem: `“${part}” is not of the form name = value.` };
    variables[name] = value;
  }
  return { variables };
}
