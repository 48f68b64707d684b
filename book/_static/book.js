// Small comforts; every page reads and prints without them.
addEventListener("DOMContentLoaded", () => {
  "use strict";

  // What scrolls inside itself can be reached and scrolled by keyboard. All is measured before anything is changed: a
  // change between two measurements would lay the page out once more.
  const scrollers = [...document.querySelectorAll(".formula, .table-wrapper, .highlight pre")];
  const makeReachable = (boxes) => {
    const wide = new Set(boxes.filter((box) => box.scrollWidth > box.clientWidth));
    for (const box of boxes) {
      if (wide.has(box)) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  const sizes = new ResizeObserver((entries) => makeReachable(entries.map((entry) => entry.target)));
  scrollers.forEach((box) => sizes.observe(box)); // also says when the box is first laid out, or its solution opens
  // To measure what is in a folded solution would lay it out, for nobody.
  document.fonts.addEventListener("loadingdone", () => makeReachable(scrollers.filter((box) => box.checkVisibility())));

  // A link to a solution, or to something in one, opens it, also in browsers that do not do so by themselves.
  const openSolution = () => {
    const target = document.querySelector(":target");
    const folded = target && target.closest("details");
    if (folded && !folded.open) {
      folded.open = true;
      target.scrollIntoView({ behavior: "instant" });
    }
  };

  // The sign of a link to a heading or figure says nothing when it is read aloud.
  for (const link of document.querySelectorAll(".headerlink")) {
    const named = link.parentElement.querySelector(".caption-number") ?? link.parentElement; // a caption is long
    link.setAttribute("aria-label", `${link.title}: ${named.textContent.replace(link.textContent, "").trim()}`);
  }

  // Furo has the way back to the top outside of the page's landmarks, in which a screen reader looks for everything.
  const upwards = document.querySelector(".back-to-top");
  if (upwards) document.querySelector("article").append(upwards);

  // Furo opens the drawers of small screens with labels, which no keyboard reaches; buttons in their place do the same. The
  // focus goes into a drawer that opens, and when it leaves the drawer closes; Escape brings it back to the button.
  for (const [name, drawer] of [["__navigation", ".sidebar-drawer"], ["__toc", ".toc-drawer"]]) {
    const box = document.getElementById(name);
    const inside = document.querySelector(drawer);
    const buttons = [...document.querySelectorAll(`label[for="${name}"]:not(.overlay)`)].map((label) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = label.className;
      button.setAttribute("aria-label", box.getAttribute("aria-label").replace("Toggle ", "").replace(" sidebar", ""));
      button.append(...label.childNodes);
      button.addEventListener("click", () => box.click());
      label.replaceWith(button);
      return button;
    });
    const tell = () => buttons.forEach((button) => button.setAttribute("aria-expanded", box.checked));
    tell();
    box.addEventListener("change", () => {
      tell();
      const shown = (elements) => [...elements].find((element) => element.checkVisibility());
      if (box.checked) shown(inside.querySelectorAll("a, input"))?.focus();
      else if (inside.contains(document.activeElement)) shown(buttons)?.focus();
    });
    const close = () => box.checked && box.click();
    inside.addEventListener("focusout", ({ relatedTarget: next }) => {
      if (next && !inside.contains(next) && !buttons.includes(next)) close();
    });
    inside.addEventListener("click", (event) => event.target.closest("a[href*='#']") && close()); // it leads to where the reader is
    addEventListener("keydown", (event) => event.key === "Escape" && close());
  }

  // Furo's buttons for the colour mode do not say which it is, and write to the console; the same steps, taken here, do not.
  const modeButtons = document.querySelectorAll(".theme-toggle");
  const tellMode = () => {
    const now = { auto: "as the system has them", dark: "dark", light: "light" }[document.body.dataset.theme];
    for (const button of modeButtons) button.setAttribute("aria-label", `Colours: ${now}. Change`);
  };
  const changeMode = (event) => {
    if (!event.target.closest?.(".theme-toggle")) return;
    event.stopPropagation(); // Furo listens on the button itself
    const steps = matchMedia("(prefers-color-scheme: dark)").matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    const next = steps[(steps.indexOf(document.body.dataset.theme) + 1) % 3];
    document.body.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // the mode lasts as long as the page
    }
    tellMode();
  };
  document.addEventListener("click", changeMode, { capture: true });
  tellMode();

  // Paper does not unfold.
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details.solution:not([open])")) {
      folded.open = true;
      folded.dataset.openedForPrint = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const folded of document.querySelectorAll("details[data-opened-for-print]")) {
      folded.open = false;
      delete folded.dataset.openedForPrint;
    }
  });

  addEventListener("hashchange", openSolution);
  openSolution();
});
