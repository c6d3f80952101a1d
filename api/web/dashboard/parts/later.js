// Parts of a view that are loaded when they are first drawn, so that all is small at first.

import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { ErrorNotice, Loading } from "./notice.js";

/** A component that stands for `name` of the module that `load()` imports. */
export function later(load, name, rows = 8) {
  return function Later(given) {
    const [Part, setPart] = useState(null);
    const [error, setError] = useState(null);
    useEffect(() => {
      let isThere = true;
      load().then((module) => isThere && setPart(() => module[name]), (caught) => isThere && setError(caught));
      return () => { isThere = false; };
    }, []);
    if (error) return html`<${ErrorNotice} error=${{ message: "This part of the page cannot be loaded.", suggestion: "The service may be away, or have been updated: then reloading helps." }} onRetry=${() => location.reload()} />`;
    return Part ? html`<${Part} ...${given} />` : html`<${Loading} rows=${rows} />`;
  };
}
