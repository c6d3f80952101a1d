// The page's entry: draws the shell into the document.

import { html, render } from "./vendor/preact-htm.js";
import { Shell } from "./shell.js";

const root = document.getElementById("app");
root.replaceChildren();
render(html`<${Shell} />`, root);
