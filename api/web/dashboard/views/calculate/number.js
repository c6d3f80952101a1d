// A certified number: its digits in groups, and everything that vouches for it.

import { html, useState } from "../../vendor/preact-htm.js";
import { NONE, amount } from "../../lib/format.js";
import { href } from "../../lib/router.js";
import { Badge } from "../../parts/badge.js";
import { grouped } from "./digits.js";

const CERTAINTY = {
  exact: { tone: "good", words: "exact", meaning: "The decimal is the value." },
  correctly_rounded: { tone: "good", words: "correctly rounded", meaning: "No decimal of so many digits is nearer." },
  faithful: { tone: "warn", words: "faithful", meaning: "One of the two nearest decimals." },
  zero_within_bound: { tone: "warn", words: "zero within the bound", meaning: "0, or smaller than the error bound." },
};

/** A decimal as people read it; `class` says how large. */
export function Digits({ text, class: name = "digits" }) {
  const { sign, whole, groups, exponent } = grouped(text);
  return html`<span class=${name}>${sign}${whole}${groups.length > 0 && "."}${groups.map((group, at) => html`<span key=${at} class="digit-group">${group}</span>`)}${exponent !== null && html`<span class="digit-power"> · 10<sup>${exponent.replace("-", "−").replace("+", "")}</sup></span>`}</span>`;
}

export function CopyButton({ text, word = "Copy" }) {
  const [told, setTold] = useState(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setTold("Copied");
    } catch {
      setTold("Not allowed: select and copy");
    }
    setTimeout(() => setTold(null), 2000);
  };
  return html`<button type="button" onClick=${copy} aria-live="polite">${told ?? word}</button>`;
}

/** `entry` as session.js keeps it. */
export function CertifiedNumber({ entry }) {
  const { outcome } = entry;
  const certainty = CERTAINTY[outcome.certainty] ?? { words: outcome.certainty, meaning: "" };
  return html`<div class="certified">
    <p class="certified-value" aria-live="polite"><${Digits} text=${outcome.value} /></p>
    <div class="row">
      <${Badge} word=${certainty.words} tone=${certainty.tone} />
      <span class="card-note">${certainty.meaning}</span>
    </div>
    <dl class="pairs">
      <dt>Of</dt><dd><code>${entry.expression}</code>${entry.input !== null && html` at x = <code>${entry.input}</code>`}</dd>
      <dt>Digits</dt><dd>${amount(outcome.digits)} significant</dd>
      <dt>Error at most</dt><dd><${Digits} text=${outcome.error_bound} class="mono" /></dd>
      <dt>Algorithm</dt><dd>${outcome.algorithm}${outcome.working_bits > 0 ? `, ${amount(outcome.working_bits)} bits` : ", in fractions"}${outcome.precisions.length > 1 ? ` (tried ${outcome.precisions.map(amount).join(", ")})` : ""}</dd>
      <dt>Second</dt><dd>${second(outcome)}</dd>
      <dt>Terms</dt><dd>${outcome.terms === null ? "not one series" : amount(outcome.terms)}</dd>
      <dt>Taken as</dt><dd>${Object.entries(outcome.inputs).map(([name, input]) => html`<span key=${name} class="taken"><code>${name} = ${shortened(input.exact)}</code> (${input.kind}) </span>`)}${Object.keys(outcome.inputs).length === 0 && NONE}</dd>
      <dt>Time</dt><dd>${milliseconds(entry.ms)}${entry.cached ? ", when it was first calculated: this is kept" : ""}</dd>
    </dl>
    <div class="row">
      <${CopyButton} text=${outcome.value} word="Copy the value" />
      <${CopyButton} text=${JSON.stringify(outcome, null, 2)} word="Copy the proof" />
      <a href=${href("jobs", { id: entry.id })}>The job</a>
    </div>
  </div>`;
}

function second({ second: other, no_second: why, digits }) {
  if (!other) return why ?? "none was asked for";
  const isAll = other.agreed_digits >= digits;
  return html`${other.algorithm}: <${Badge} word=${isAll ? "agrees" : "agrees in part"} tone=${isAll ? "good" : "calm"} /> to ${amount(other.agreed_digits)} digits, ${amount(other.working_bits)} bits`;
}

export const milliseconds = (ms) => (ms === null || ms === undefined ? NONE : `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : amount(Math.round(ms))} ms`);

const shortened = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
