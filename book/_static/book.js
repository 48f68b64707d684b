// Small comforts; every page reads and prints without them.
"use strict";

// What scrolls inside itself can be reached and scrolled by keyboard.
const makeReachable = () => {
  for (const box of document.querySelectorAll(".formula, .table-wrapper, .highlight pre")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};

// A link to a solution, or to something in one, opens it, also in browsers that do not do so by themselves.
const openSolution = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target && target.closest("details");
  if (folded && !folded.open) {
    folded.open = true;
    target.scrollIntoView();
  }
};

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
addEventListener("resize", makeReachable);
openSolution();
makeReachable();
