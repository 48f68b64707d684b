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
  // font would move when its own comes, so nothing shows before that, or before a second and a half is over.
  // From disk the fonts are there at once, and browsers refuse to preload them.
  const { fonts, fontPath } = document.currentScript.dataset;
  if (location.protocol.startsWith("http") && fonts) {
    const arrivals = fonts.split(" ").map((font) => {
      const link = document.createElement("link");
      Object.assign(link, { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href: `${fontPath}KaTeX_${font}.woff2` });
      document.head.append(link);
      return new Promise((arrived) => (link.onload = link.onerror = arrived));
    });
    const parsed = new Promise((done) => document.addEventListener("DOMContentLoaded", done));
    const show = () => delete root.dataset.waiting;
    root.dataset.waiting = "fonts";
    // Laying the page out is what makes the browser ask for fonts that nobody has foreseen.
    const laidOut = () => new Promise((done) => document.body.offsetHeight >= 0 && requestAnimationFrame(done));
    Promise.all([parsed, ...arrivals]).then(laidOut).then(() => document.fonts.ready).then(show);
    setTimeout(show, 1500);
  }
}
