// Limits whose crossing is told: of the market, and of what is calculated live.

import { html, useState } from "../../vendor/preact-htm.js";
import { NONE, ago, amount } from "../../lib/format.js";
import { useAction, useFollow, useNow, useResource } from "../../lib/hooks.js";
import { post, remove } from "../../lib/http.js";
import { Badge } from "../../parts/badge.js";
import { Card } from "../../parts/card.js";
import { ConfirmButton } from "../../parts/dialog.js";
import { SelectField, TextField } from "../../parts/field.js";
import { Empty, ErrorNotice } from "../../parts/notice.js";
import { Table } from "../../parts/table.js";
import { FIELDS } from "./fields.js";

const CONDITIONS = [{ value: "above", label: "is above" }, { value: "below", label: "is below" }, { value: "outside", label: "is outside" }, { value: "change_by", label: "has changed by" }];
const NEW = { name: "", condition: "above", value: "", low: "", high: "", hysteresis: "0", cooldown_s: "60", level: "warning", pointer: "" };

export function Thresholds({ query }) {
  const thresholds = useResource("v1/thresholds", { query: { limit: 100 }, everyMs: 15_000 });
  useFollow("notifications", { onEvent: thresholds.reload });
  const live = useResource("v1/live-calculations", { query: { limit: 50 } });
  const action = useAction(async (threshold, word) => {
    await post(`v1/thresholds/${threshold.id}/${word}`, {});
    await thresholds.reload();
  });
  const now = useNow(5000);
  const columns = [
    { title: "Name", cell: (one) => one.name },
    { title: "State", cell: (one) => html`<${Badge} word=${one.enabled ? one.state : "disabled"} tone=${one.enabled && one.state === "raised" ? one.level === "error" ? "bad" : "warn" : "calm"} />` },
    { title: "Tells when", cell: ruleOf },
    { title: "Now", align: "right", cell: (one) => amount(one.last_value) },
    { title: "Judged", align: "right", cell: (one) => ago(one.judged_at, now) },
    { title: "Told", align: "right", cell: (one) => amount(one.raises) },
    { title: "", align: "right", cell: (one) => html`<button type="button" class="quiet" onClick=${() => action.run(one, one.enabled ? "disable" : "enable")}>${one.enabled ? "Disable" : "Enable"}</button>
      <${ConfirmButton} class="quiet" word="Delete" question="It watches no more. What it told stays among your notifications." onConfirm=${async () => { await remove(`v1/thresholds/${one.id}`); await thresholds.reload(); }} />` },
  ];
  return html`<div class="side-by-side">
    <${NewThreshold} watched=${query.watches} live=${live.data?.items ?? []} onMade=${thresholds.reload} />
    <${Card} title="Thresholds" resource=${thresholds}>
      <${ErrorNotice} error=${action.error} />
      <${Table} label="Thresholds" columns=${columns} rows=${thresholds.data?.items ?? []} keyOf=${(one) => one.id}
        empty=${html`<${Empty} title="No thresholds.">Make one, and be told when a number is beyond its limit, whether a page is open or not.<//>`} />
    <//>
  </div>`;
}

function ruleOf(one) {
  const what = one.watches.startsWith("market:") ? FIELDS[one.watches.slice(7)]?.title ?? one.watches : `${one.watches.slice(12, 24)} ${one.pointer ?? ""}`;
  const limit = one.condition === "outside" ? `${amount(one.low)} to ${amount(one.high)}` : one.value === undefined ? NONE : amount(one.value);
  return `${what} ${CONDITIONS.find((each) => each.value === one.condition)?.label ?? one.condition} ${limit}`;
}

function NewThreshold({ watched, live, onMade }) {
  const [form, setForm] = useState({ ...NEW, watches: watched ?? "market:discount_rate" });
  const set = (name) => (value) => setForm({ ...form, [name]: value });
  const isCalculation = form.watches.startsWith("calculation:");
  const watchedLive = live.find((item) => `calculation:${item.id}` === form.watches);
  const pointer = form.pointer || watchedLive?.value || "";
  const make = useAction(async () => {
    const limits = form.condition === "outside" ? { low: numberOf(form.low), high: numberOf(form.high) } : { value: numberOf(form.value) };
    await post("v1/thresholds", {
      name: form.name, watches: form.watches, condition: form.condition, level: form.level, ...limits, cooldown_s: numberOf(form.cooldown_s),
      ...(form.condition === "change_by" ? {} : { hysteresis: numberOf(form.hysteresis) }), ...(isCalculation ? { pointer } : {}),
    });
    setForm({ ...form, name: "" });
    await onMade();
  });
  const told = (name) => make.error?.of?.(`#/${name}`) ?? null;
  const watchable = [...Object.entries(FIELDS).map(([name, { title }]) => ({ value: `market:${name}`, label: `Market: ${title.toLowerCase()}` })),
    ...live.map((item) => ({ value: `calculation:${item.id}`, label: `Live: ${item.calculation} ${item.id.slice(0, 12)}` }))];
  const number = (name, label, hint) => html`<${TextField} label=${label} hint=${hint} inputmode="decimal" autocomplete="off" value=${form[name]} onInput=${set(name)} error=${told(name)} />`;
  return html`<${Card} title="New threshold">
    <form onSubmit=${(event) => { event.preventDefault(); make.run(); }}>
      <${TextField} label="Name" value=${form.name} onInput=${set("name")} error=${told("name")} hint="The notification begins with it." autocomplete="off" />
      <${SelectField} label="Watches" value=${form.watches} options=${watchable} onInput=${set("watches")} error=${told("watches")} />
      ${isCalculation && html`<${TextField} label="Number in its outcome" value=${pointer} onInput=${set("pointer")} error=${told("pointer")} hint="A JSON pointer, such as /npv." autocomplete="off" />`}
      <${SelectField} label="Tells when it" value=${form.condition} options=${CONDITIONS} onInput=${set("condition")} error=${told("condition")} />
      <div class="fields">
        ${form.condition === "outside" ? html`${number("low", "From")}${number("high", "To")}` : number("value", "Limit", "0.08 is 8 %.")}
        ${form.condition !== "change_by" && number("hysteresis", "Hysteresis", "How far back before it is over.")}
        ${number("cooldown_s", "Not again for (s)")}
        <${SelectField} label="Level" value=${form.level} options=${["info", "success", "warning", "error"]} onInput=${set("level")} />
      </div>
      <${ErrorNotice} error=${brief(make.error)} />
      <div class="row"><button type="submit" class="primary" disabled=${make.isRunning}>Watch it</button></div>
    </form>
  <//>`;
}

/** Of errors that stand beside their fields, only that there are some. */
function brief(error) {
  return error?.errors?.length > 0 && error.errors.every((each) => each.pointer) ? { message: "Look at what is marked above." } : error;
}

/** What was typed as a number; text that is none is sent as it is, and refused with words. */
const numberOf = (text) => (text.trim() === "" ? null : Number.isFinite(Number(text)) ? Number(text) : text);
