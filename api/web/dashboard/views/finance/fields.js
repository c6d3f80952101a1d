// The five indicators of the market feed, as people read them.

import { NONE, percent } from "../../lib/format.js";

const share = (value) => (value === null || value === undefined ? NONE : percent(value, 2));
const index = (value) => (value === null || value === undefined ? NONE : value.toFixed(2));

export const FIELDS = {
  discount_rate: { title: "Discount rate", format: share, colour: "series-1" },
  inflation_rate: { title: "Inflation", format: share, colour: "series-2" },
  market_growth: { title: "Market growth", format: share, colour: "series-3" },
  tech_index: { title: "Tech index", format: index, colour: "series-4" },
  ai_adoption_rate: { title: "AI adoption", format: share, colour: "series-5" },
};
