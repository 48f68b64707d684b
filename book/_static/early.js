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

  // The fonts of the page's formulas, asked for before the stylesheet that names them has arrived. A formula in a stand-in
  // font would move when its own comes, so nothing is laid out before that, or before a second and a half is over.
  // From disk the fonts are there at once, and browsers refuse to preload them.
  const { fonts, fontPath } = document.currentScript.dataset;
  if (location.protocol.startsWith("http") && fonts) {
    const needed = fonts.split(" ");
    const link = (attributes) => document.head.append(Object.assign(document.createElement("link"), attributes));
    for (const font of needed) {
      link({ rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href: `${fontPath}KaTeX_${font}.woff2` });
    }
    const load = (font) => {
      const [family, style] = font.split("-");
      return document.fonts.load(`${{ Bold: "bold", Italic: "italic" }[style] ?? ""} 1em KaTeX_${family}`);
    };
    const show = () => delete root.dataset.waiting;
    root.dataset.waiting = "fonts";
    // The first frame waits for the stylesheets and, in browsers that can, for the page's end: all is laid out once.
    link({ rel: "expect", blocking: "render", href: "#furo-main-content" });
    requestAnimationFrame(() => Promise.allSettled(needed.map(load)).then(show));
    setTimeout(show, 1500);
  }
}
