// What the form holds, as the request that POST /v1/jobs takes, as curl and as Python.
// Pure.

import { stringify } from "../../lib/numbers.js";

/** A form as it is at first. Numbers are the texts that were typed. */
export const BLANK = {
  from: "library", name: "nug30", text: "", label: "",
  method: "auto", parameters: {}, portfolio: [], islands: "1",
  time_s: "10", iterations: "", target_objective: "", gap: "", stall_s: "", deadline_s: "",
  seed: "0", priority_s: "", webhook_url: "", cache: true,
};

export const LIMITS = ["time_s", "iterations", "target_objective", "gap", "stall_s", "deadline_s"];

/** A typed number; what is none stays text, so that the service says what is wrong with it. */
export function typed(text) {
  const trimmed = String(text).trim();
  if (/^[-+]?\d+$/.test(trimmed)) {
    const value = Number(trimmed);
    return Number.isSafeInteger(value) ? value : BigInt(trimmed);
  }
  const value = Number(trimmed);
  return trimmed !== "" && Number.isFinite(value) ? value : trimmed;
}

const filled = (pairs) => Object.fromEntries(pairs.filter(([, text]) => String(text ?? "").trim() !== "").map(([name, text]) => [name, typed(text)]));

/** The body. `read` is what readText returned for the form's text; `methods` those of /v1/methods. */
export function bodyOf(form, read, methods = []) {
  const body = { instance: instanceOf(form, read) };
  if (!isLinear(form, read)) body.method = form.method;
  if (form.method === "portfolio" && form.portfolio.length > 0) body.portfolio = form.portfolio;
  const names = (methods.find(({ name }) => name === form.method)?.parameters ?? []).map(({ name }) => name);
  const parameters = filled(names.map((name) => [name, form.parameters[`${form.method}.${name}`]]));
  if (Object.keys(parameters).length > 0) body.parameters = parameters;
  if (form.islands !== "" && form.islands !== "1") body.islands = typed(form.islands);
  body.seed = form.seed.trim() === "" ? 0 : typed(form.seed);
  const limits = filled(LIMITS.map((name) => [name, form[name]]));
  if (Object.keys(limits).length > 0) body.limits = limits;
  if (!form.cache) body.cache = false;
  Object.assign(body, filled([["priority_s", form.priority_s]]));
  if (form.webhook_url.trim() !== "") body.webhook_url = form.webhook_url.trim();
  return body;
}

/** Whether it is a linear assignment, for which the service has one exact method. */
export const isLinear = (form, read) => form.from === "text" && Boolean(read?.instance.costs);

function instanceOf(form, read) {
  if (form.from === "library") return /^[0-9a-f]{64}$/.test(form.name) ? { sha256: form.name } : { name: form.name };
  const label = form.label.trim();
  return { ...(label ? { name: label } : {}), ...(read?.instance ?? {}) };
}

const LONG = 4000;

/** The request in a shell. Large instances are read from a file, as one would do it. */
export function asCurl(body, root) {
  const text = stringify(body, 2);
  const [data, before] = text.length > LONG ? ["@request.json", "# request.json holds the body; “Save the body” writes it.\n"] : [`'${text.replaceAll("'", String.raw`'\''`)}'`, ""];
  return `${before}curl -X POST '${new URL("v1/jobs", root)}' \\
  -H 'Content-Type: application/json' \\
  -H "Authorization: Bearer $SOLVEQUEUE_API_KEY" \\
  -H "Idempotency-Key: \\"$(uuidgen)\\"" \\
  --data ${data}`;
}

/** The request as a Python literal. */
export function pythonLiteral(value, depth = 0) {
  const pad = "    ".repeat(depth + 1);
  const end = "    ".repeat(depth);
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    if (value.some((each) => Array.isArray(each))) return `[\n${value.map((each) => `${pad}${pythonLiteral(each, depth + 1)},\n`).join("")}${end}]`;
    return `[${value.map((each) => pythonLiteral(each, depth)).join(", ")}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  return `{\n${entries.map(([name, each]) => `${pad}${JSON.stringify(name)}: ${pythonLiteral(each, depth + 1)},\n`).join("")}${end}}`;
}

/** The request with the Python client. */
export function asPython(body, root) {
  const { instance, ...rest } = body;
  const isLong = stringify(instance).length > LONG;
  const given = [["instance", isLong ? "instance" : pythonLiteral(instance, 2)], ...Object.entries(rest).map(([name, value]) => [name, pythonLiteral(value, 2)])];
  const [first, ...named] = given;
  return `${isLong ? "import json\n\n" : ""}from api.client import Client

${isLong ? 'with open("request.json") as file:\n    instance = json.load(file)["instance"]\n\n' : ""}with Client(${JSON.stringify(String(root).replace(/\/$/, ""))}) as client:
    job = client.submit_solve(
        ${first[1]},
${named.map(([name, value]) => `        ${name}=${value},\n`).join("")}    )
    job = client.wait(job.id)
    print(job.result.objective, job.result.permutation)
`;
}
