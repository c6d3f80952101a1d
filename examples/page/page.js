// A page of your own: sends a solve with fetch, follows it with EventSource.
//
//   SOLVEQUEUE_CORS_ORIGINS=http://127.0.0.1:8080 make up
//   python -m http.server 8080 --bind 127.0.0.1 --directory examples/page
//   http://127.0.0.1:8080/?api=http://127.0.0.1:8000
//
// No library, no build. A service that asks for a key gets it from your own server, not
// from a page: there, make the stream token for it.

const api = new URLSearchParams(location.search).get("api") ?? "http://127.0.0.1:8000";
const byId = (id) => document.getElementById(id);

async function post(path, body) {
  const answer = await fetch(api + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  // A refusal says what is wrong and what to do (RFC 9457).
  if (!answer.ok) throw new Error([said.detail, said.suggestion].filter(Boolean).join(" "));
  return said;
}

// An objective holds until the next one comes: steps, not slopes.
function draw(points, now) {
  const values = points.map(({ objective }) => objective);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (seconds) => seconds / (now || 1);
  const y = (value) => 0.95 - (0.9 * (value - low)) / (high - low || 1);
  const steps = points.map(({ elapsed_s, objective }, index) => {
    const end = points[index + 1]?.elapsed_s ?? now;
    return `${x(elapsed_s)},${y(objective)} ${x(end)},${y(objective)}`;
  });
  byId("chart").firstElementChild.setAttribute("points", steps.join(" "));
}

function show({ objective, gap_to_best_known: gap }) {
  const beside = gap == null ? "" : `, ${(100 * gap).toFixed(2)} % above the best known`;
  byId("objective").value = `${objective ?? "none"}${beside}`;
}

let source;

async function follow(job) {
  source?.close();
  // An EventSource can set no header: a token in the address opens this one log.
  const { token } = await post("/v1/stream-tokens", { topics: [`job:${job.id}`] });
  source = new EventSource(`${api}/v1/jobs/${job.id}/events?token=${token}`);
  const points = [];
  const hear = (type, tell) =>
    source.addEventListener(`job.${type}`, ({ data }) => tell(JSON.parse(data).data));
  hear("started", () => {
    byId("state").textContent = `${job.id} is running.`;
  });
  hear("incumbent", (incumbent) => {
    points.push(incumbent);
    show(incumbent);
    draw(points, incumbent.elapsed_s);
  });
  hear("progress", ({ elapsed_s }) => {
    if (points.length) draw(points, elapsed_s);
  });
  for (const end of ["succeeded", "failed", "cancelled", "expired"]) {
    hear(end, (outcome) => {
      source.close();
      show(outcome);
      if (points.length) draw(points, outcome.elapsed_s);
      const why = outcome.error?.message ?? outcome.termination ?? "never ran";
      byId("state").textContent = `${job.id} ${end}: ${why}.`;
    });
  }
}

byId("ask").addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  const asked = new FormData(submitted.target);
  try {
    const job = await post("/v1/jobs", {
      kind: "solve",
      instance: { name: asked.get("instance") },
      limits: { time_s: Number(asked.get("seconds")) },
      cache: false,
    });
    byId("state").textContent = `${job.id} is waiting for a worker.`;
    await follow(job);
  } catch (error) {
    byId("state").textContent = `Not sent: ${error.message}`;
  }
});
