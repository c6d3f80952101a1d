// The frame of every view: where one can go, how the service is reached, who one is.

import { html, useEffect, useErrorBoundary, useRef, useState } from "./vendor/preact-htm.js";
import { ago } from "./lib/format.js";
import { useNow } from "./lib/hooks.js";
import { reach } from "./lib/http.js";
import { connection } from "./lib/live.js";
import { href, place } from "./lib/router.js";
import { useSignal } from "./lib/signal.js";
import { loadStyle } from "./lib/styles.js";
import { isPaused } from "./lib/visible.js";
import { choice, chooseTheme } from "./lib/theme.js";
import { ErrorNotice, Loading } from "./parts/notice.js";
import { KeyButton, KeyDialog } from "./parts/key.js";
import { VIEWS } from "./views/registry.js";

export function Shell() {
  const { view, id, query } = useSignal(place);
  const known = VIEWS[view] ?? null;
  const heading = useRef(null);
  const title = known?.title ?? "Not here";
  useEffect(() => {
    document.title = `${id ? `${id} · ` : ""}${title} · SolveQueue`;
  }, [title, id]);
  return html`
    <a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); heading.current?.focus(); }}>To the content</a>
    <${Sidebar} view=${view} />
    <div class="stage">
      <${Reach} />
      <main id="main" tabindex="-1" ref=${heading}>
        ${known ? html`<${Loaded} key=${view} name=${view} id=${id} query=${query} />`
          : html`<h1>Nothing here</h1><p>There is no view called “${view}”. <a href=${href("desk")}>To the desk</a></p>`}
      </main>
    </div>
    <${KeyDialog} />`;
}

function Sidebar({ view }) {
  const current = useRef(null);
  useEffect(() => {
    const link = current.current;
    const nav = link?.closest("nav");
    // Not scrollIntoView: the next Tab would go on from there, past the first link.
    if (nav) nav.scrollLeft = link.offsetLeft - nav.offsetLeft - (nav.clientWidth - link.offsetWidth) / 2;
  }, [view]);
  return html`<header class="side">
    <a class="brand" href=${href("desk")}><span class="brand-mark" aria-hidden="true"></span>SolveQueue</a>
    <nav aria-label="Views"><ul>
      ${Object.entries(VIEWS).map(([name, { title, sign }]) => html`<li key=${name}>
        <a href=${href(name)} ref=${name === view ? current : null} aria-current=${name === view ? "page" : undefined}>
          <svg viewBox="0 0 22 22" aria-hidden="true"><path d=${sign} /></svg>${title}</a></li>`)}
    </ul></nav>
    <div class="side-foot"><${PauseButton} /><${ThemeButton} /><${KeyButton} /></div>
  </header>`;
}

function PauseButton() {
  const paused = useSignal(isPaused);
  return html`<button type="button" class="quiet" aria-pressed=${paused ? "true" : "false"} onClick=${() => { isPaused.value = !paused; }}>
    ${paused ? "▶ Go on" : "❚❚ Pause"}</button>`;
}

function ThemeButton() {
  const chosen = useSignal(choice);
  const next = { system: "light", light: "dark", dark: "system" }[chosen];
  return html`<button type="button" class="quiet" onClick=${() => chooseTheme(next)} title=${`Now: ${chosen}. Next: ${next}.`}>
    ◐ <span class="sr-only">Theme: </span>${chosen}</button>`;
}

/** Says, where it cannot be missed, that what is shown may be old. */
function Reach() {
  const { answered, since } = useSignal(reach);
  const { open, since: openSince } = useSignal(connection);
  const paused = useSignal(isPaused);
  const now = useNow();
  if (paused) return html`<p class="reach reach-calm" role="status">Paused: nothing here is renewed.</p>`;
  if (!answered) return html`<p class="reach reach-bad" role="status">The service has not answered since ${ago(since, now)}. What you see is what it last said; this page tries again by itself.</p>`;
  return html`<p class="reach-dot" role="status" title=${open ? "Events come in live." : "No live events; numbers are asked for."}>
    <span class=${`dot ${open ? "dot-good" : "dot-calm"}`}></span><span class="sr-only">${open ? `Live since ${ago(openSince, now)}` : "Not following live events"}</span></p>`;
}

function Loaded({ name, id, query }) {
  const [module, setModule] = useState(null);
  const [failure, setFailure] = useState(null);
  const [broken, reset] = useErrorBoundary((error) => console.error(error));
  useEffect(() => {
    let isThere = true;
    Promise.all([VIEWS[name].load(), ...(VIEWS[name].styles ?? []).map(loadStyle)]).then(([loaded]) => isThere && setModule(loaded), (error) => isThere && setFailure(error));
    return () => { isThere = false; };
  }, [name]);
  if (failure) return html`<${ErrorNotice} onRetry=${() => location.reload()}
    error=${{ message: "This part of the page cannot be loaded.", suggestion: "The service may be away, or have been updated: then reloading helps." }} />`;
  if (broken) return html`<${ErrorNotice} error=${{ message: `This view broke: ${broken.message}`, suggestion: "Its data is safe with the service. Please report what you did." }} onRetry=${reset} />`;
  if (!module) return html`<${Loading} rows=${6} />`;
  return html`<${module.View} id=${id} query=${query} />`;
}
