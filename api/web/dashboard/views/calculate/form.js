// What is to be calculated: all of it is in the address, so that a link shows it.

import { html } from "../../vendor/preact-htm.js";
import { setQuery } from "../../lib/router.js";
import { AreaField, CheckField, SelectField, TextField } from "../../parts/field.js";
import { assignments } from "./digits.js";

export const PRECISION_FUNCTION = "sin(x)*exp(-x**2/2)";
const LEVELS = ["6", "8", "10", "12", "15"];
const MOST_DIGITS = 100_000;

/** The question that the address asks: { expression, input, digits, isFloat, others, check }. */
export function questionOf(query) {
  return {
    expression: query.expression ?? PRECISION_FUNCTION,
    input: query.x ?? "0.7",
    digits: query.digits ?? "15",
    isFloat: query.float === "1",
    others: query.others ?? "",
    check: query.check !== "0",
  };
}

/** The parameters of `evaluate` for a question, or { problem: { field, words } }. */
export function parametersOf({ expression, input, digits, isFloat, others, check }) {
  const count = Number(digits);
  if (!/^\d+$/.test(digits) || count < 1 || count > MOST_DIGITS) return { problem: { field: "digits", words: `A whole number from 1 to ${MOST_DIGITS.toLocaleString("en")}.` } };
  const read = assignments(others);
  if (read.problem) return { problem: { field: "others", words: read.problem } };
  const x = input.trim();
  if (isFloat && !Number.isFinite(Number(x))) return { problem: { field: "input", words: "A double needs a decimal number." } };
  const variables = x === "" ? read.variables : { x: isFloat ? Number(x) : x, ...read.variables };
  return { parameters: { expression, variables, digits: count, check } };
}

export function Question({ question, error, local, onSubmit, children }) {
  const { expression, input, digits, isFloat, others, check } = question;
  const words = (field, pointer) => (local?.field === field ? local.words : error?.of?.(pointer) ?? null);
  const isOwn = expression !== PRECISION_FUNCTION;
  const isFree = !LEVELS.includes(digits);
  return html`<form onSubmit=${(event) => { event.preventDefault(); onSubmit(); }}>
    <${SelectField} label="Function" value=${isOwn ? "own" : "precision"} onInput=${(value) => setQuery({ expression: value === "own" ? "exp(pi*sqrt(x))" : null, x: value === "own" && input === "0.7" ? "163" : input })}
      options=${[{ value: "precision", label: "Precision: sin(x)·e^(−x²/2)" }, { value: "own", label: "An expression of your own" }]} />
    ${isOwn && html`<${AreaField} label="Expression" rows=${2} value=${expression} onInput=${(value) => setQuery({ expression: value })}
      error=${words("expression", "#/parameters/expression")} hint="Numbers, + - * / ** and parentheses, x, and functions such as sqrt, log, gamma, zeta, besselj(n, x)." />`}
    <div class="fields">
      <${TextField} label="Input x" value=${input} inputmode="decimal" autocomplete="off" onInput=${(value) => setQuery({ x: value })}
        error=${words("input", "#/parameters/variables/x") ?? words("input", "#/parameters/variables")} hint="0.1 is one tenth; 22/7 too." />
      <${SelectField} label="Digits" value=${isFree ? "free" : digits} onInput=${(value) => setQuery({ digits: value === "free" ? "50" : value })}
        options=${[...LEVELS.map((level) => ({ value: level, label: `Level ${level}` })), { value: "free", label: "More, or fewer" }]}
        error=${isFree ? null : words("digits", "#/parameters/digits")} />
      ${isFree && html`<${TextField} label="How many digits" type="number" min="1" max=${MOST_DIGITS} value=${digits} onInput=${(value) => setQuery({ digits: value || " " })}
        error=${words("digits", "#/parameters/digits")} />`}
    </div>
    <details open=${isFloat || others !== "" || !check}>
      <summary>More</summary>
      <div class="more">
        <${CheckField} label="Take x as the double next to it, as floats are" checked=${isFloat} onInput=${(on) => setQuery({ float: on ? "1" : null })} />
        <${CheckField} label="Ask a second, independent algorithm" checked=${check} onInput=${(on) => setQuery({ check: on ? null : "0" })} />
        <${TextField} label="Other variables" value=${others} onInput=${(value) => setQuery({ others: value })} error=${words("others", "#/parameters/variables")} hint="As in: a = 1/3, n = 2" />
      </div>
    </details>
    ${children}
  </form>`;
}
