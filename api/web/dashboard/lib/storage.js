// What a browser remembers for us; where it may not, it forgets with the page.

const forgotten = new Map();

/** Return what was kept under this name, or null. `area` is a window's storage. */
export function recall(name, area = "localStorage") {
  try {
    return window[area].getItem(`solvequeue.${name}`);
  } catch {
    return forgotten.get(name) ?? null;
  }
}

/** Keep a text, or forget it if it is null. */
export function keep(name, value, area = "localStorage") {
  try {
    if (value === null) window[area].removeItem(`solvequeue.${name}`);
    else window[area].setItem(`solvequeue.${name}`, value);
  } catch {
    forgotten.set(name, value);
  }
}
