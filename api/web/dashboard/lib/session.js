// Who the caller is: a key that this tab remembers, if the service asks for one.

import { Signal } from "./signal.js";
import { keep, recall } from "./storage.js";

/** The caller's key or token, or null. Kept for this tab alone. */
export const apiKey = new Signal(recall("key", "sessionStorage"));

/** Whether the service has asked for a key that we do not have. */
export const isKeyWanted = new Signal(false);

export function askForKey() {
  isKeyWanted.value = true;
}

export function setKey(key) {
  keep("key", key, "sessionStorage");
  apiKey.value = key;
  isKeyWanted.value = false;
}
