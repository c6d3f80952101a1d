// Whether anybody looks, and whether they want things to move.

import { Signal } from "./signal.js";

/** Whether updates are wanted: the tab is seen, and nobody has paused it. */
export const isLive = new Signal(!document.hidden);
/** Whether somebody has paused the page. */
export const isPaused = new Signal(false);

const look = () => {
  isLive.value = !document.hidden && !isPaused.value;
};
document.addEventListener("visibilitychange", look);
isPaused.listen(look);

/** Whether the system asks for little motion. */
export const prefersStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
