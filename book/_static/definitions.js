// Shows what a term or a symbol means while its link is pointed at or focused; the links work without it.
addEventListener("DOMContentLoaded", () => {
  "use strict";
  const data = document.querySelector("[data-definitions]");
  if (!data) return; // this page has none
  const definitions = JSON.parse(data.dataset.definitions);
  const margin = 8; // pixels to the window's edges
  const patience = { show: 150, hide: 300 }; // milliseconds: to pass over a link, and to get from it to its definition
  const tip = document.createElement("div");
  tip.id = "definition-of-link";
  tip.className = "definition";
  tip.hidden = true;
  tip.setAttribute("role", "tooltip");
  document.querySelector("article").append(tip);

  let shown = null; // the link whose definition is shown
  let dismissed = null; // a link that is pointed at, but whose definition was sent away
  let timer;
  const later = (action, delay) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };

  const hide = () => {
    clearTimeout(timer);
    tip.hidden = true;
    shown?.removeAttribute("aria-describedby");
    shown = null;
  };

  const show = (link) => {
    hide();
    tip.innerHTML = definitions[link.getAttribute("href")];
    tip.hidden = false;
    link.setAttribute("aria-describedby", tip.id);
    shown = link;
    const lines = link.getClientRects(); // a link may be broken
    const first = lines[0];
    const last = lines[lines.length - 1];
    const { width, height } = tip.getBoundingClientRect();
    const origin = tip.offsetParent.getBoundingClientRect();
    const above = last.bottom + height + margin > innerHeight && first.top - height - margin > 0;
    const right = document.documentElement.clientWidth - width - margin;
    const left = Math.max(margin, Math.min((above ? first : last).left, right));
    tip.style.left = `${left - origin.left}px`;
    tip.style.top = `${(above ? first.top - height - 4 : last.bottom + 4) - origin.top}px`;
  };

  const defined = (target) => {
    const link = target.closest?.("article a[href]");
    return link && Object.hasOwn(definitions, link.getAttribute("href")) ? link : null;
  };
  const hideUnlessFocused = () => shown?.matches(":focus-visible") || hide();

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return; // a tap follows the link
    const link = defined(event.target);
    if (link !== dismissed) dismissed = null;
    if (tip.contains(event.target) || (link && link === shown)) clearTimeout(timer);
    else if (link && !dismissed) later(() => show(link), shown ? patience.hide : patience.show);
    else later(hideUnlessFocused, patience.hide);
  });
  document.documentElement.addEventListener("pointerleave", () => later(hideUnlessFocused, patience.hide));
  document.addEventListener("focusin", (event) => {
    const link = defined(event.target);
    if (link?.matches(":focus-visible")) show(link);
  });
  document.addEventListener("focusout", (event) => {
    if (event.target === shown && !shown.matches(":hover") && !tip.matches(":hover")) hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    dismissed = shown.matches(":hover") ? shown : null;
    hide();
  });
});
