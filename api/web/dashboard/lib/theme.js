// Light or dark: the system's, unless somebody has chosen.

import { Signal } from "./signal.js";
import { keep, recall } from "./storage.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
/** "light", "dark", or "system". */
export const choice = new Signal(recall("theme") ?? "system");
/** What is shown: "light" or "dark". */
export const themeName = new Signal(shown());

function shown() {
  return choice.value === "system" ? (dark.matches ? "dark" : "light") : choice.value;
}

function show() {
  if (choice.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice.value;
  themeName.value = shown();
}

/** Choose "light", "dark" or "system"; remembered. */
export function chooseTheme(name) {
  choice.value = name;
  keep("theme", name === "system" ? null : name);
  show();
}

dark.addEventListener("change", show);
