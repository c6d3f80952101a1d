// What a text that somebody pastes or drops holds: QAPLIB, CSV or JSON. Pure: nothing is
// sent. A text that cannot be read throws Unreadable, which knows where it stopped.

import { parse } from "../../lib/numbers.js";

export class Unreadable extends Error {
  /** `line` and `column` count from 1; null where no place is to blame. */
  constructor(message, line = null, column = null) {
    super(line === null ? message : `Line ${line}, column ${column}: ${message}`);
    this.name = "Unreadable";
    this.line = line;
    this.column = column;
  }
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
const MATRICES = ["flow", "distance", "linear", "costs"];

/**
 * Read a text. Returns { form: "qaplib" | "csv" |
 * "json", instance, order, facts }: `instance` is what POST /v1/jobs takes; a
 * QAPLIB text stays as it was written. Null for an empty text.
 */
export function readText(text) {
  if (text.trim() === "") return null;
  if (/^\s*[[{]/.test(text)) return readJson(text);
  const lines = wordsByLine(text);
  const first = lines.find(({ words }) => words.length > 0);
  if (first === undefined) throw new Unreadable("there are no numbers.", 1, 1);
  // A QAPLIB file begins with its order: alone on a line, or the count of all numbers fits it.
  const order = Number(first.words[0].text);
  const count = lines.reduce((sum, { words }) => sum + words.length, 0);
  const isQaplib = Number.isInteger(order) && order > 0 && (first.words.length === 1 || (order > 1 && count === 1 + 2 * order * order));
  return isQaplib ? readQaplib(text, lines) : readCsv(lines);
}

function wordsByLine(text) {
  return text.split(/\r\n|\r|\n/).map((line, index) => ({
    line: index + 1,
    words: [...line.matchAll(/[^\s,;]+/g)].map((match) => ({ text: match[0], line: index + 1, column: match.index + 1 })),
  }));
}

function numberOf({ text, line, column }) {
  if (!NUMBER.test(text)) throw new Unreadable(`“${text.slice(0, 24)}” is not a number.`, line, column);
  const value = Number(text);
  return /^[-+]?\d+$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
}

function readQaplib(text, lines) {
  const [first, ...rest] = lines.flatMap(({ words }) => words);
  const order = Number(first.text);
  if (order < 2) throw new Unreadable("the order must be at least 2.", first.line, first.column);
  const wanted = 2 * order * order;
  const numbers = rest.map(numberOf);
  if (numbers.length !== wanted) {
    const last = numbers.length > wanted ? rest[wanted] : rest.at(-1) ?? first;
    throw new Unreadable(`after the order ${order} come ${numbers.length} numbers, not 2 × ${order} × ${order} = ${wanted}.`, last.line, last.column);
  }
  const rows = (begin) => Array.from({ length: order }, (_, i) => numbers.slice(begin + i * order, begin + (i + 1) * order));
  return { form: "qaplib", instance: { qaplib: text }, ...factsOf({ flow: rows(0), distance: rows(order * order) }) };
}

function readCsv(lines) {
  const blocks = [[]];
  for (const { words } of lines) {
    if (words.length === 0) blocks.push([]);
    else blocks.at(-1).push(words);
  }
  const filled = blocks.filter((block) => block.length > 0);
  const names = filled.length === 1 ? stacked(filled) : ["flow", "distance", "linear"];
  const parts = filled.length === 1 && names.length === 2 ? halves(filled[0]) : filled;
  if (parts.length > 3) throw new Unreadable(`there are ${parts.length} matrices; expected costs, or flow and distance, and perhaps a linear term.`, parts[3][0][0].line, 1);
  const matrices = Object.fromEntries(parts.map((rows, index) => [names[index], rows.map((words) => words.map(numberOf))]));
  parts.forEach((rows) => requireSquare(rows, (row) => row.at(-1)));
  return finished("csv", matrices);
}

// One block twice as high as it is wide is flow above distance; a square one is costs.
const stacked = ([block]) => (block.length === 2 * block[0].length ? ["flow", "distance"] : ["costs"]);
const halves = (block) => [block.slice(0, block.length / 2), block.slice(block.length / 2)];

function requireSquare(rows, placeOf) {
  const uneven = rows.findIndex((row) => row.length !== rows.length);
  if (uneven < 0) return;
  const { line, column } = placeOf(rows[uneven]);
  throw new Unreadable(`this row has ${rows[uneven].length} numbers, and the matrix ${rows.length} rows: it must be square.`, line, column);
}

function readJson(text) {
  const value = parsed(text);
  const given = Array.isArray(value) ? (isMatrix(value) ? { costs: value } : { flow: value[0], distance: value[1], ...(value[2] ? { linear: value[2] } : {}) }) : value.instance ?? value;
  const matrices = Object.fromEntries(MATRICES.filter((name) => given[name] !== undefined && given[name] !== null).map((name) => [name, given[name]]));
  if (typeof given.qaplib === "string") return readText(given.qaplib);
  if (Object.keys(matrices).length === 0) throw new Unreadable("this JSON has no flow and distance, and no costs.");
  for (const [name, rows] of Object.entries(matrices)) {
    if (!isMatrix(rows)) throw new Unreadable(`${name} is not a list of rows of numbers.`);
    for (const [i, row] of rows.entries()) {
      if (row.length !== rows.length) throw new Unreadable(`${name}, row ${i + 1} has ${row.length} numbers, and the matrix ${rows.length} rows: it must be square.`);
      const j = row.findIndex((entry) => typeof entry !== "number" && typeof entry !== "bigint");
      if (j >= 0) throw new Unreadable(`${name}, row ${i + 1}, column ${j + 1} is not a number.`);
    }
  }
  return finished("json", matrices);
}

const isMatrix = (value) => Array.isArray(value) && value.length > 0 && value.every((row) => Array.isArray(row) && !Array.isArray(row[0]));

function parsed(text) {
  try {
    return parse(text);
  } catch (error) {
    const [, position] = /position (\d+)/.exec(error.message) ?? [];
    if (position === undefined) throw new Unreadable(`This JSON is not whole: ${error.message}`);
    const before = text.slice(0, Number(position)).split("\n");
    throw new Unreadable("this is not JSON.", before.length, before.at(-1).length + 1);
  }
}

function finished(form, matrices) {
  const { flow, distance, linear, costs } = matrices;
  if (!costs && (!flow || !distance)) throw new Unreadable(`${flow ? "distance" : "flow"} is missing: flow and distance go together.`);
  if (costs && flow) throw new Unreadable("there are costs and flow: give costs alone, or flow and distance.");
  const orders = Object.entries(matrices).map(([name, rows]) => [name, rows.length]);
  const different = orders.find(([, order]) => order !== orders[0][1]);
  if (different) throw new Unreadable(`${orders[0][0]} has ${orders[0][1]} rows, ${different[0]} has ${different[1]}.`);
  return { form, instance: matrices, ...factsOf({ flow, distance, linear, costs }) };
}

/** What one sees at once of matrices: order, symmetry, share of zeros, kind of numbers. */
function factsOf(matrices) {
  const given = Object.values(matrices).filter(Boolean);
  const order = given[0].length;
  if (order < 2) throw new Unreadable("an instance has at least 2 facilities.");
  const cells = given.length * order * order;
  let zeros = 0;
  let isSymmetric = true;
  let isIntegral = true;
  let isNegative = false;
  for (const rows of given) {
    for (let i = 0; i < order; i += 1) {
      for (let j = 0; j < order; j += 1) {
        const entry = rows[i][j];
        if (Number(entry) === 0) zeros += 1;
        if (entry < 0) isNegative = true;
        if (typeof entry === "number" && !Number.isInteger(entry)) isIntegral = false;
        if (j < i && entry !== rows[j][i]) isSymmetric = false;
      }
    }
  }
  return { order, facts: { kind: matrices.costs ? "linear assignment" : "quadratic assignment", hasLinear: Boolean(matrices.linear), isSymmetric, isIntegral, isNegative, zeroShare: zeros / cells } };
}

/** The facts in words: "QAPLIB, n = 30, symmetric, 12 % zeros". */
export function describe({ form, order, facts }) {
  const share = facts.zeroShare * 100;
  return [
    { qaplib: "QAPLIB", csv: "CSV", json: "JSON" }[form],
    facts.kind === "linear assignment" ? "linear assignment" : facts.hasLinear ? "with a linear term" : null,
    `n = ${order}`,
    facts.isSymmetric ? "symmetric" : "not symmetric",
    facts.isIntegral ? "integers" : "fractions",
    `${share > 0 && share < 1 ? "under 1" : Math.round(share)} % zeros`,
    facts.isNegative ? "some negative" : null,
  ].filter(Boolean).join(", ");
}
