// Every view: its name in the address, its title, its sign, and the module it is loaded
// from when somebody first goes there. A view's module exports `View({ id, query })`;
// `styles` are the files in css/ that it has for itself.

export const VIEWS = {
  desk: { title: "Desk", sign: "M3 3h7v7H3zM12 3h7v4h-7zM12 9h7v10h-7zM3 12h7v7H3z", load: () => import("./desk.js") },
  solve: { title: "Solve", sign: "M5 4l12 7-12 7z", styles: ["solve.css"], load: () => import("./solve.js") },
  jobs: { title: "Jobs", sign: "M4 5h14M4 11h14M4 17h14", styles: ["run.css", "jobs.css", "solve.css"], load: () => import("./jobs.js") },
  benchmarks: { title: "Benchmarks", sign: "M4 18V9M9 18V4M14 18v-6M19 18V7", styles: ["jobs.css", "benchmarks.css"], load: () => import("./benchmarks.js") },
  calculate: { title: "Calculate", sign: "M5 3h12v16H5zM8 7h6M8 11h1M13 11h1M8 15h1M13 15h1", styles: ["calculate.css"], load: () => import("./calculate.js") },
  finance: { title: "Finance", sign: "M3 16l5-6 4 3 7-9M14 4h5v5", styles: ["finance.css"], load: () => import("./finance.js") },
  providers: { title: "Providers", sign: "M3 11h4l2-6 4 12 2-6h4", styles: ["watch.css"], load: () => import("./providers.js") },
  webhooks: { title: "Webhooks", sign: "M4 12l7-8v5h7v6h-7v5z", styles: ["watch.css"], load: () => import("./webhooks.js") },
  schedules: { title: "Schedules", sign: "M11 3a8 8 0 1 0 .01 0M11 7v4l3 2", styles: ["watch.css"], load: () => import("./schedules.js") },
  admin: { title: "Admin", sign: "M4 7h8M16 7h2M14 5v4M4 15h2M10 15h8M8 13v4", styles: ["watch.css"], load: () => import("./admin.js") },
};
