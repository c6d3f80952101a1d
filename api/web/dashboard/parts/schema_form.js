// Controls made from a JSON Schema: whatever a calculation takes can be given.

import { html } from "../vendor/preact-htm.js";
import { distributionsOf, kindOf, resolve, title, toForm, variantsOf } from "../lib/schema.js";
import { AreaField, CheckField, SelectField, TextField } from "./field.js";

/** The parts of an object. `errorOf(pointer)` gives the words for what is wrong there, or null. */
export function SchemaFields({ schema, root, value, onChange, pointer = "", errorOf, extra, withHints = true }) {
  const names = Object.keys(schema.properties).filter((name) => kindOf(resolve(schema.properties[name], root), root) !== "constant");
  const draw = (name) => html`<${SchemaField} key=${name} name=${name} schema=${schema.properties[name]} root=${root} value=${value[name]} errorOf=${errorOf} extra=${extra} withHints=${withHints}
    pointer=${`${pointer}/${name}`} onChange=${(part) => onChange({ ...value, [name]: part })} />`;
  const isSmall = (name) => ["number", "choice", "text"].includes(kindOf(resolve(schema.properties[name], root), root));
  const small = names.filter(isSmall);
  return html`${names.filter((name) => !isSmall(name)).map(draw)}
    ${small.length > 0 && html`<div class="fields">${small.map(draw)}</div>`}`;
}

function SchemaField({ name, schema: given, root, value, onChange, pointer, errorOf, extra, withHints }) {
  const schema = resolve(given, root);
  const told = { label: title(name), hint: withHints ? hintOf(schema) : "", error: errorOf(pointer) };
  switch (kindOf(schema, root)) {
    case "choice": return html`<${SelectField} ...${told} value=${value} options=${schema.enum} onInput=${onChange} />`;
    case "boolean": return html`<${CheckField} label=${told.hint ? `${told.label}: ${lowered(told.hint)}` : told.label} checked=${value} onInput=${onChange} />`;
    case "number": return html`<${TextField} ...${told} inputmode="decimal" autocomplete="off" value=${value} onInput=${onChange} />`;
    case "text": return html`<${TextField} ...${told} autocomplete="off" value=${value} onInput=${onChange} />`;
    case "list": return html`<div class="list-field"><${AreaField} ...${told} error=${told.error ?? firstBelow(errorOf, pointer, value)} rows=${value.length > 120 ? 4 : 2} value=${value} onInput=${onChange} />${extra?.(name, value, onChange)}</div>`;
    case "drawn": return html`<${Drawn} name=${name} schema=${schema} root=${root} value=${value} onChange=${onChange} pointer=${pointer} errorOf=${errorOf} hint=${told.hint} />`;
    case "variant": return html`<${Variant} label=${told.label} hint=${told.hint} schema=${schema} root=${root} value=${value} onChange=${onChange} pointer=${pointer} errorOf=${errorOf} extra=${extra} />`;
    case "items": return html`<${Items} name=${name} schema=${schema} root=${root} value=${value} onChange=${onChange} pointer=${pointer} errorOf=${errorOf} hint=${told.hint} />`;
    case "object": return html`<${Part} label=${told.label} schema=${schema} root=${root} value=${value} onChange=${onChange} pointer=${pointer} errorOf=${errorOf} extra=${extra} />`;
    default: return html`<${AreaField} ...${told} hint=${withHints ? `${told.hint} As JSON.` : ""} rows=${2} value=${value} onInput=${onChange} />`;
  }
}

/** A part that may be left out. */
function Part({ label, schema, root, value, onChange, pointer, errorOf, extra }) {
  return html`<fieldset class="part"><legend>${label}</legend>
    ${schema.isOptional && html`<${CheckField} label=${`${label} is given`} checked=${value !== null} onInput=${(on) => onChange(on ? toForm(schema, {}, root) : null)} />`}
    ${value !== null && html`<${SchemaFields} schema=${schema} root=${root} value=${value} onChange=${onChange} pointer=${pointer} errorOf=${errorOf} extra=${extra} />`}
  </fieldset>`;
}

function Variant({ label, hint, schema, root, value, onChange, pointer, errorOf, extra }) {
  const { property, schemas } = variantsOf(schema, root);
  const name = value[property];
  const choose = (next) => onChange(kept(toForm(schema, { [property]: next }, root), value, property));
  return html`<fieldset class="part"><legend>${label}</legend>
    <${SelectField} label=${title(property)} hint=${hint} value=${name} options=${Object.keys(schemas).map((each) => ({ value: each, label: title(each) }))} onInput=${choose} />
    <${Nested} schema=${schemas[name]} root=${root} value=${value} onChange=${onChange} pointer=${pointer} errorOf=${errorOf} extra=${extra} />
  </fieldset>`;
}

/** What was typed stays where another variant has it too. */
function kept(fresh, old, property) {
  return Object.fromEntries(Object.entries(fresh).map(([name, value]) => [name, name !== property && old[name] !== undefined && typeof old[name] === typeof value ? mergedPart(value, old[name]) : value]));
}

function mergedPart(fresh, old) {
  if (fresh === null || old === null || typeof fresh !== "object" || Array.isArray(fresh)) return old;
  return Object.fromEntries(Object.entries(fresh).map(([name, value]) => [name, name in old && typeof old[name] === typeof value ? old[name] : value]));
}

/** An object's parts, of which one object of parameters is not framed twice. */
function Nested({ schema, root, value, onChange, pointer, errorOf, extra }) {
  const inner = schema.properties.parameters;
  if (!inner) return html`<${SchemaFields} schema=${schema} root=${root} value=${value} onChange=${onChange} pointer=${pointer} errorOf=${errorOf} extra=${extra} />`;
  return html`<${SchemaFields} schema=${resolve(inner, root)} root=${root} value=${value.parameters} pointer=${`${pointer}/parameters`} errorOf=${errorOf} extra=${extra}
    onChange=${(parameters) => onChange({ ...value, parameters })} />`;
}

/** A number that is known, or drawn from a distribution. */
function Drawn({ name, schema, root, value, onChange, pointer, errorOf, hint }) {
  const distributions = distributionsOf(schema);
  const { schemas } = variantsOf(distributions, root);
  const isKnown = typeof value === "string";
  const choose = (next) => {
    if (next === "known") return onChange("");
    const middle = isKnown && value.trim() !== "" ? Number(value) : null;
    return onChange(toForm(distributions, { distribution: next, ...around(next, middle) }, root));
  };
  return html`<div class=${`drawn ${isKnown ? "drawn-known" : ""}`}>
    <${SelectField} label=${title(name)} value=${isKnown ? "known" : value.distribution} onInput=${choose}
      options=${[{ value: "known", label: "Known" }, ...Object.keys(schemas).map((each) => ({ value: each, label: title(each) }))]} />
    ${isKnown ? html`<${TextField} label=${`${title(name)} is`} hint=${hint} inputmode="decimal" autocomplete="off" value=${value} onInput=${onChange} error=${errorOf(pointer)} />`
      : html`<div class="drawn-parts"><${SchemaFields} schema=${schemas[value.distribution]} root=${root} value=${value} onChange=${onChange} pointer=${pointer} errorOf=${errorOf} /></div>`}
  </div>`;
}

/** A distribution around what was known, to begin with: ten per cent wide. */
function around(distribution, middle) {
  if (middle === null || !Number.isFinite(middle)) return {};
  const part = Math.abs(middle) * 0.1 || 1;
  const exact = (value) => Number(value.toPrecision(6));
  if (distribution === "normal" || distribution === "lognormal") return { mean: middle, standard_deviation: exact(part) };
  if (distribution === "discrete") return { values: [exact(middle - part), middle, exact(middle + part)], probabilities: [0.25, 0.5, 0.25] };
  return { low: exact(middle - part), mode: middle, high: exact(middle + part) };
}

function Items({ name, schema, root, value, onChange, pointer, errorOf, hint }) {
  const items = resolve(schema.items, root);
  const one = title(name.replace(/s$/, ""));
  const replace = (at, next) => onChange(value.map((each, index) => (index === at ? next : each)));
  return html`<fieldset class="part"><legend>${title(name)}</legend>
    ${hint && html`<p class="field-hint">${hint}</p>`}
    ${errorOf(pointer) && html`<p class="field-error">${errorOf(pointer)}</p>`}
    ${value.map((each, at) => html`<div key=${at} class="item" role="group" aria-label=${`${one} ${at + 1}`}>
      <div class="item-parts">${kindOf(items, root) === "drawn"
        ? html`<${Drawn} name=${`${one} ${at + 1}`} schema=${items} root=${root} value=${each} onChange=${(next) => replace(at, next)} pointer=${`${pointer}/${at}`} errorOf=${errorOf} />`
        : html`<${SchemaFields} schema=${items} root=${root} withHints=${at === 0} value=${each} onChange=${(next) => replace(at, next)} pointer=${`${pointer}/${at}`} errorOf=${errorOf} />`}</div>
      <button type="button" class="quiet" aria-label=${`Remove ${one.toLowerCase()} ${at + 1}`} onClick=${() => onChange(value.filter((_, index) => index !== at))}>✕</button>
    </div>`)}
    <div><button type="button" onClick=${() => onChange([...value, toForm(schema.items, undefined, root)])}>Add a ${one.toLowerCase()}</button></div>
  </fieldset>`;
}

/** The first error inside a list that is typed as one text, with its place. */
function firstBelow(errorOf, pointer, text) {
  const count = text.split(/[\s,;]+/).filter(Boolean).length;
  for (let at = 0; at < Math.min(count, 1000); at += 1) {
    const words = errorOf(`${pointer}/${at}`);
    if (words) return `Number ${at + 1}: ${words}`;
  }
  return null;
}

const hintOf = (schema) => (schema.description ?? "").replaceAll("\n", " ").replaceAll("`", "");
const lowered = (text) => (text ? text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "") : "");
