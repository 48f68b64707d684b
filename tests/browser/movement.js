// Remembers where every element is when the first content is painted, and says later which of them have moved.
"use strict";
{
  const places = new Map();
  const shifts = [];
  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x + scrollX, y + scrollY, width, height];
  };
  new PerformanceObserver((list) => {
    if (places.size || !list.getEntriesByName("first-contentful-paint").length) return;
    for (const element of document.querySelectorAll("body *")) {
      // The MathML of a formula is clipped to nothing: only screen readers get it. A folded solution is not there yet.
      if (element.checkVisibility() && !element.closest(".katex-mathml")) places.set(element, box(element));
    }
  }).observe({ type: "paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shifts.push(entry.value);
  }).observe({ type: "layout-shift", buffered: true });

  // Height at first paint may be cut off by what has not been parsed yet; what must stay is the place and the width.
  window.movedSinceFirstPaint = () => {
    const moved = [];
    for (const [element, [x, y, width]] of places) {
      if (!element.isConnected) continue;
      const now = box(element);
      const far = Math.max(Math.abs(now[0] - x), Math.abs(now[1] - y), Math.abs(now[2] - width));
      if (far > 0.5) moved.push(`<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> by ${far.toFixed(1)}px`);
    }
    const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
    const late = performance
      .getEntriesByType("resource")
      .filter((entry) => entry.name.endsWith(".woff2") && entry.responseEnd > painted)
      .map((entry) => entry.name);
    return { watched: places.size, moved: moved.slice(0, 5), shift: shifts.reduce((a, b) => a + b, 0), painted, late };
  };
}
