// Before anything is drawn: the theme that was chosen, so that nothing flashes.
// A classic script: a module would run after the first paint.

(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("solvequeue.theme");
  } catch {
    // Storage may be forbidden; then the system's theme holds.
  }
  if (chosen) document.documentElement.dataset.theme = chosen;
})();
