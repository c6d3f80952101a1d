// The course of a run, as a chart draws it: bounded, however long the run. Pure.

export const EMPTY = { xs: [], objectives: [], bounds: [] };
const MOST = 1200;

/** The course with one more point; of many, every second old one is let go. */
export function extend(course, { elapsed_s: x, objective, bound }) {
  if (x === undefined || x === null) return course;
  const last = course.xs.at(-1);
  if (last !== undefined && x < last) return course;
  const thin = (values) => (values.length < MOST ? values : values.filter((_, index) => index % 2 === 0 || index === values.length - 1));
  const xs = thin(course.xs);
  const objectives = thin(course.objectives);
  const bounds = thin(course.bounds);
  // Charts draw doubles; what is written beside them is exact.
  const number = (value, before) => (value === undefined || value === null ? before ?? null : Number(value));
  return {
    xs: [...xs, x],
    objectives: [...objectives, number(objective, objectives.at(-1))],
    bounds: [...bounds, number(bound, bounds.at(-1))],
  };
}
