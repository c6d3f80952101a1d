// JSON Schemas as forms need them: what kind of control a part wants, and the way between
// data and what people type (texts, until they are sent).

/** Follow references, and take "or null" apart: then `isOptional` is true. */
export function resolve(schema, root) {
  let found = schema;
  while (found.$ref) {
    const { $ref, ...beside } = found;
    found = { ...$ref.replace(/^#\//, "").split("/").reduce((at, name) => at[name], root), ...beside };
  }
  const others = found.anyOf?.filter((each) => each.type !== "null");
  if (others?.length === 1 && others.length < found.anyOf.length) {
    const { anyOf, ...beside } = found;
    return { ...resolve(others[0], root), ...beside, isOptional: true };
  }
  return found;
}

/** The kind of control: constant, choice, variant, drawn, boolean, number, text, list, items, object or json. */
export function kindOf(schema, root) {
  if (schema.const !== undefined) return "constant";
  if (schema.enum) return "choice";
  if (schema.discriminator) return "variant";
  if (schema.oneOf?.some((each) => each.discriminator)) return "drawn";
  if (schema.type === "boolean") return "boolean";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "string") return "text";
  if (schema.type === "array") {
    const items = resolve(schema.items, root);
    const kind = kindOf(items, root);
    if (kind === "number" || kind === "text") return "list";
    return kind === "object" || kind === "drawn" ? "items" : "json";
  }
  if (schema.type === "object" && schema.properties) return "object";
  return "json";
}

/** Of a variant: its schemas by the value that tells them apart, and where that stands. */
export function variantsOf(schema, root) {
  const { propertyName, mapping } = schema.discriminator;
  return { property: propertyName, schemas: Object.fromEntries(Object.entries(mapping).map(([name, $ref]) => [name, resolve({ $ref }, root)])) };
}

/** Of a number that may be drawn: the distributions it may come from. */
export const distributionsOf = (schema) => schema.oneOf.find((each) => each.discriminator);

/** Data as a form has it. */
export function toForm(given, data, root) {
  const schema = resolve(given, root);
  const value = data === undefined ? schema.default : data;
  switch (kindOf(schema, root)) {
    case "constant": return schema.const;
    case "choice": return value ?? schema.enum[0];
    case "boolean": return value ?? false;
    case "number": return value === undefined || value === null ? "" : String(value);
    case "text": return value ?? "";
    case "list": return (value ?? []).join(", ");
    case "items": return (value ?? []).map((each) => toForm(schema.items, each, root));
    case "object": return value === null || (value === undefined && schema.isOptional) ? null : ofObject(schema, value ?? {}, root);
    case "variant": {
      const { property, schemas } = variantsOf(schema, root);
      const name = value?.[property] ?? Object.keys(schemas)[0];
      return ofObject(schemas[name], value ?? {}, root);
    }
    case "drawn": return value !== null && typeof value === "object" ? toForm(distributionsOf(schema), value, root) : value === undefined ? "" : String(value);
    default: return value === undefined || value === null ? "" : JSON.stringify(value);
  }
}

const ofObject = (schema, value, root) => Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, toForm(part, value[name], root)]));

/**
 * What a form has, as data. What cannot be sent is added to `problems`, a list of
 * { pointer, detail }; parts left empty are left out.
 */
export function toData(given, form, root, problems, pointer = "") {
  const schema = resolve(given, root);
  const refuse = (detail) => {
    problems.push({ pointer, detail });
    return undefined;
  };
  switch (kindOf(schema, root)) {
    case "number": return numberOf(form, schema, refuse);
    case "text": return form === "" ? undefined : form;
    case "list": return listOf(schema, form, root, refuse);
    case "items": return form.map((each, at) => toData(schema.items, each, root, problems, `${pointer}/${at}`));
    case "object": return form === null ? undefined : partsOf(schema, form, root, problems, pointer);
    case "variant": {
      const { property, schemas } = variantsOf(schema, root);
      return partsOf(schemas[form[property]], form, root, problems, pointer);
    }
    case "drawn": return typeof form === "string" ? numberOf(form, schema, refuse) : toData(distributionsOf(schema), form, root, problems, pointer);
    case "json": {
      if (form.trim() === "") return undefined;
      try {
        return JSON.parse(form);
      } catch (error) {
        return refuse(`This is not JSON: ${error.message}`);
      }
    }
    default: return form;
  }
}

function partsOf(schema, form, root, problems, pointer) {
  const found = {};
  for (const [name, part] of Object.entries(schema.properties)) {
    const value = toData(part, form[name], root, problems, `${pointer}/${name}`);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function numberOf(text, schema, refuse) {
  const trimmed = String(text ?? "").trim();
  if (trimmed === "") return undefined;
  const isShare = trimmed.endsWith("%");
  const value = Number(isShare ? trimmed.slice(0, -1) : trimmed.replace(/(?<=\d)[ _'](?=\d)/g, ""));
  if (!Number.isFinite(value)) return refuse(`“${trimmed}” is not a number.`);
  if (schema.type === "integer" && !Number.isInteger(value)) return refuse("A whole number is wanted.");
  return isShare ? value / 100 : value;
}

function listOf(schema, text, root, refuse) {
  const items = resolve(schema.items, root);
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  if (kindOf(items, root) === "text") return parts;
  const values = parts.map((part) => Number(part));
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  return wrong === -1 ? values : refuse(`“${parts[wrong]}” is not a number.`);
}

const SHORT = { num: "number of", avg: "average", pct: "(%)", std: "standard" };

/** The words of a name: cash_flows → Cash flows. */
export function title(name) {
  const words = name.split("_").map((word) => SHORT[word] ?? word).join(" ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`.replace(/\b(Npv|Irr|Tco|Roi)\b/gi, (word) => word.toUpperCase());
}
