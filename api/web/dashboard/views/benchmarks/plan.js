// What a benchmark will cost, and the request that asks for it. Pure.

import { typed } from "../solve/request.js";

export const BLANK = { instances: ["nug12", "nug20", "chr12a"], methods: ["memetic", "tabu_search"], seeds: "1-3", time_s: "1", iterations: "", target_gap: "0", max_parallel: "" };

/** Seeds as people write them: "1-5, 9". Null if it is none of that. */
export function seedsOf(text) {
  const seeds = [];
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (from === undefined) return null;
    const last = Number(to ?? from);
    if (last < Number(from) || last - Number(from) >= 500) return null;
    for (let seed = Number(from); seed <= last; seed += 1) seeds.push(seed);
  }
  return seeds.length > 0 ? [...new Set(seeds)] : null;
}

/** { runs, seconds }: at most so many seconds of solving; null where iterations alone limit it. */
export function costOf(form) {
  const runs = form.instances.length * form.methods.length * (seedsOf(form.seeds)?.length ?? 0);
  const each = form.time_s.trim() === "" ? (form.iterations.trim() === "" ? 60 : null) : Number(form.time_s);
  return { runs, seconds: each === null || !Number.isFinite(each) ? null : runs * each };
}

/** The body of POST /v1/benchmarks. */
export function bodyOf(form) {
  const limits = Object.fromEntries(["time_s", "iterations"].filter((name) => form[name].trim() !== "").map((name) => [name, typed(form[name])]));
  return {
    instances: form.instances,
    methods: form.methods,
    seeds: seedsOf(form.seeds) ?? [],
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(form.target_gap.trim() === "" ? {} : { target_gap: typed(form.target_gap) }),
    ...(form.max_parallel.trim() === "" ? {} : { max_parallel: typed(form.max_parallel) }),
  };
}
