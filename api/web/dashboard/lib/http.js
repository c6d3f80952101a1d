// Requests to the service: relative to where the page is, with the caller's key.

import { apiKey, askForKey } from "./session.js";
import { parse, stringify } from "./numbers.js";
import { Signal } from "./signal.js";

/** Where the service is: also behind a proxy that adds a prefix. */
export const ROOT = new URL(".", document.baseURI);

/** Whether the last request was answered: "yes", or "no" with when that began. */
export const reach = new Signal({ answered: true, since: Date.now() });

/** What the service said when it refused: RFC 9457, and what may help. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.message || `The service answered ${status}.`);
    this.name = "Problem";
    this.status = status;
    this.code = body?.error_code ?? null;
    this.suggestion = body?.suggestion ?? null;
    /** Each: { pointer, detail }. */
    this.errors = body?.errors ?? [];
    this.requestId = body?.request_id ?? null;
  }

  /** The words for the field that a JSON pointer ("/url") leads to, or null. */
  of(pointer) {
    // The service writes it as a fragment: "#/url".
    return this.errors.find((error) => error.pointer === pointer || error.pointer === `#${pointer}`)?.detail ?? null;
  }
}

/** Nobody answered: the service, or the way to it, is down. */
export class Unreachable extends Error {
  constructor(cause) {
    super("The service does not answer.");
    this.name = "Unreachable";
    this.cause = cause;
    this.suggestion = "This page tries again by itself.";
  }
}

/**
 * Ask the service. Returns { status, data, headers }; `data` is parsed JSON, text for
 * other types, null for none. Throws Problem or Unreachable; an aborted request throws
 * AbortError as fetch does.
 */
export async function request(method, path, { body, query, headers = {}, signal, accept = "application/json" } = {}) {
  const url = new URL(path.replace(/^\//, ""), ROOT);
  for (const [name, value] of Object.entries(query ?? {})) {
    // A list is one parameter that is given more than once.
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && each !== undefined && each !== "") url.searchParams.append(name, each);
    }
  }
  const sent = new Headers({ Accept: accept, ...headers });
  if (apiKey.value) sent.set("Authorization", `Bearer ${apiKey.value}`);
  let payload;
  if (body !== undefined) {
    const isText = typeof body === "string";
    payload = isText ? body : stringify(body);
    if (!sent.has("Content-Type")) sent.set("Content-Type", isText ? "text/plain; charset=utf-8" : "application/json");
  }
  let response;
  let text;
  try {
    response = await fetch(url, { method, headers: sent, body: payload, signal });
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    reach.value = reach.value.answered ? { answered: false, since: Date.now() } : reach.value;
    throw new Unreachable(error);
  }
  if (!reach.value.answered) reach.value = { answered: true, since: Date.now() };
  const isJson = /\bjson\b/.test(response.headers.get("Content-Type") ?? "");
  const data = text === "" ? null : isJson ? parse(text) : text;
  if (response.status === 401) askForKey();
  if (!response.ok && response.status !== 304) throw new Problem(response.status, data);
  return { status: response.status, data, headers: response.headers };
}

export const get = async (path, query, options) => (await request("GET", path, { query, ...options })).data;
export const post = async (path, body, options) => (await request("POST", path, { body, ...options })).data;
export const patch = async (path, body, options) => (await request("PATCH", path, { body, ...options })).data;
export const put = async (path, body, options) => (await request("PUT", path, { body, ...options })).data;
export const remove = async (path, options) => (await request("DELETE", path, options)).data;

/** Send what makes a job: it may be sent again, and is done once. */
export function submit(path, body, options = {}) {
  const headers = { "Idempotency-Key": `"${crypto.randomUUID?.() ?? randomName()}"`, ...options.headers };
  return post(path, body, { ...options, headers });
}

/** Have the browser save an answer as a file. */
export async function download(path, name, { query, accept = "*/*" } = {}) {
  const { data } = await request("GET", path, { query, accept });
  save(typeof data === "string" ? data : stringify(data, 2), name);
}

/** Have the browser save a text as a file. */
export function save(text, name, type = "text/plain") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// On a plain http address that is not this machine's, browsers offer no randomUUID.
function randomName() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
