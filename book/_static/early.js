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

  // What the other scripts do at the page's end they do when the page is ready to be shown, while it is still hidden: who
  // measures something then has nothing laid out, and the browser has one task to do, the first frame.
  const ended = new Promise((resolve) => {
    const holdBack = (event) => {
      event.stopImmediatePropagation();
      resolve();
    };
    addEventListener("DOMContentLoaded", holdBack, { capture: true, once: true });
  });
  const begin = () => {
    setMode();
    document.dispatchEvent(new Event("DOMContentLoaded", { bubbles: true }));
  };
  const show = () => {
    const observer = new MutationObserver(() => setMode() && observer.disconnect());
    if (!setMode()) observer.observe(root, { childList: true });
  };

  // The first frame shows all of the page in its place: it is laid out once, and no line grows or moves under the reader. So
  // it waits for the page's end, for the stylesheets, and for the fonts of the formulas, which are asked for here, before the
  // stylesheet that names them has arrived. A second and a half is the most that a reader waits for all this.
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
    const load = () =>
      needed.map((font) => {
        const [family, style] = font.split("-");
        return document.fonts.load(`${{ Bold: "bold", Italic: "italic" }[style] ?? ""} 1em KaTeX_${family}`);
      });
    // Browsers that know such a link make no frame while it is there, not even an empty one; nothing has the name in it.
    const wait = link({ rel: "expect", blocking: "render", href: "#the-end" });
    document.addEventListener("readystatechange", () => wait.remove(), { once: true });
    const hidden = document.createElement("style"); // which the page has before its stylesheet
    hidden.textContent = "body { display: none; }";
    document.head.append(hidden);
    const patience = new Promise((resolve) => setTimeout(resolve, 1500));
    // Fonts that are to be ready at the first frame have to be loaded when their stylesheet is there. Where the browser takes a
    // reader back to his place it does so when all has been loaded, and then something must have a place.
    const [{ type } = {}] = performance.getEntriesByType("navigation");
    const opportunity = new Promise((resolve) => {
      requestAnimationFrame(resolve);
      const loaded = ({ target }) => {
        if (target.rel === "stylesheet") load();
        else if (target === document && type !== "navigate") resolve();
      };
      addEventListener("load", loaded, { capture: true });
    });
    const ready = opportunity.then(() => Promise.allSettled([ended, ...load()]));
    const begun = Promise.all([ended, Promise.race([ready, patience])]).then(begin);
    Promise.race([begun, patience]).then(() => {
      wait.remove();
      hidden.remove();
      show();
      // What the address names the browser has looked for already.
      if (type === "navigate") document.querySelector(":target")?.scrollIntoView({ behavior: "instant" });
    });
  } else {
    // From disk all is there at once, and browsers refuse to preload fonts.
    ended.then(begin);
    show();
  }
}
