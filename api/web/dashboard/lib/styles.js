// Style sheets that only some parts of the page need.

const styles = new Map();
/** Load a style sheet, named from the folder css, once. */
export function loadStyle(name) {
  if (!styles.has(name)) {
    styles.set(name, new Promise((resolve, reject) => {
      const href = new URL(`../css/${name}`, import.meta.url).href;
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve });
      link.onerror = () => {
        styles.delete(name);
        link.remove();
        reject(new Error(`css/${name} cannot be loaded`));
      };
      document.head.append(link);
    }));
  }
  return styles.get(name);
}
