// Have a calculation done again with each tick of the market.

import { html, useState } from "../../vendor/preact-htm.js";
import { useAction } from "../../lib/hooks.js";
import { post } from "../../lib/http.js";
import { setQuery } from "../../lib/router.js";
import { title } from "../../lib/schema.js";
import { SelectField, TextField } from "../../parts/field.js";
import { ErrorNotice } from "../../parts/notice.js";
import { FIELDS } from "./fields.js";

const HOURS = [{ value: "3600", label: "for an hour" }, { value: "86400", label: "for a day" }, { value: "604800", label: "for a week" }];

/** `parameters` as far as they can be read; `read()` gives all, or null after showing what is wrong. */
export function KeepLive({ calculation, parameters, read }) {
  const places = placesOf(parameters);
  const [chosen, setPlace] = useState(null);
  const place = places.includes(chosen) ? chosen : places.find((each) => each.endsWith("/discount_rate")) ?? places[0];
  const [field, setField] = useState("discount_rate");
  const [expires, setExpires] = useState("3600");
  const [change, setChange] = useState("0");
  const keep = useAction(async () => {
    const sent = read();
    if (sent === null) return;
    await post("v1/live-calculations", { calculation: calculation.name, parameters: sent, bindings: { [place]: field }, expires_s: Number(expires), min_change: Number(change) });
    setQuery({ tab: "live" });
  });
  if (places.length === 0) return null;
  return html`<details class="keep-live"><summary>Calculate it again with each tick of the market</summary>
    <div class="more">
      <div class="fields">
        <${SelectField} label="Parameter" value=${place} options=${places.map((each) => ({ value: each, label: title(each.slice(1).replaceAll("/", " ")) }))} onInput=${setPlace} error=${keep.error?.of?.("#/bindings")} />
        <${SelectField} label="Takes" value=${field} options=${Object.entries(FIELDS).map(([value, { title: label }]) => ({ value, label }))} onInput=${setField} />
        <${SelectField} label="Lives" value=${expires} options=${HOURS} onInput=${setExpires} />
        <${TextField} label="Least change" hint="0.01: skip ticks that move it by less than 1 %." inputmode="decimal" value=${change} onInput=${setChange} error=${keep.error?.of?.("#/min_change")} />
      </div>
      <${ErrorNotice} error=${keep.error} />
      <div><button type="button" disabled=${keep.isRunning} onClick=${keep.run}>Start it live</button></div>
    </div>
  </details>`;
}

/** Where in the parameters single numbers stand; entries of lists are left out. */
function placesOf(value, path = "") {
  if (typeof value === "number") return [path];
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, part]) => placesOf(part, `${path}/${name}`));
}
