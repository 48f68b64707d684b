// Runs before anything is painted, so that nothing flashes and nothing moves.
"use strict";
{
  const root = document.documentElement;
  root.classList.remove("no-js"); // Furo does so later, and its buttons would jump into place

  // The colour mode that the reader chose. A browser may forbid storage, as some do for files opened from disk.
  let mode = "auto";
  try {
    mode = localStorage.getItem("theme") || mode;
  } catch {}
  const setMode = () => {
    if (document.body) document.body.dataset.theme = mode;
    return document.body;
  };
  const observer = new MutationObserver(() => setMode() && observer.disconnect());
  observer.observe(root, { childList: true });

  // The first frame shows all of the page in its place: it is laid out once, and no line grows or moves under the reader. So
  // it waits for the page's end, for what the scripts do there, and for the fonts of the formulas, which are asked for here,
  // before the stylesheet that names them has arrived. A second and a half is the most that a reader waits for all this.
  // From disk all is there at once, and browsers refuse to preload fonts.
  if (location.protocol.startsWith("http")) {
    const { fonts, fontPath } = document.currentScript.dataset;
    const needed = fonts.split(" ").filter(Boolean);
    const link = (attributes) => {
      const element = Object.assign(document.createElement("link"), attributes);
      document.head.append(element);
      return element;
    };
    for (const font of needed) {
      link({ rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href: `${fontPath}KaTeX_${font}.woff2` });
    }
    const load = (font) => {
      const [family, style] = font.split("-");
      return document.fonts.load(`${{ Bold: "bold", Italic: "italic" }[style] ?? ""} 1em KaTeX_${family}`);
    };
    // Browsers that know such links make no frame before the page's end, not even an empty one.
    const end = link({ rel: "expect", blocking: "render", href: "#end-of-page" });
    const show = () => {
      end.remove();
      delete root.dataset.waiting;
    };
    root.dataset.waiting = "";
    const ended = new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
    requestAnimationFrame(() => Promise.allSettled([ended, ...needed.map(load)]).then(show));
    setTimeout(show, 1500);
  }
}
