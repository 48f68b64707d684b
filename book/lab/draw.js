// Draws a history as SVG: `drawNetwork` the function above the trails of its elbows, `drawErrors` the error curves. Both lay
// out an `<svg>` for its size and the history; what they return then changes only what changes with the snapshot.

import {
  activePoints,
  elbow,
  errorRange,
  linear,
  linearTicks,
  logarithmic,
  nearest,
  predict,
  prediction,
  stepScale,
  stepTicks,
  trail,
  unitLine,
} from "./model.js";

/** @typedef {import("./model.js").History} History */
/** @typedef {import("./model.js").Scale} Scale */
/** @typedef {Record<string, string | number>} Attributes */

/**
 * An SVG element. Its size is a style, too: a page's rules for figures go before attributes.
 * @param {string} tag @param {Attributes} [attributes] @param {(Node | string)[]} children
 */
export const svg = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes);
  element.append(...children);
  return element;
};

/** @param {SVGElement} element @param {Attributes} attributes */
const set = (element, attributes) => {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, String(value));
    if (name === "width" || name === "height") element.style[name] = `${value}px`;
  }
};

/** A coordinate to a tenth of a pixel, and within what a browser draws.
 * @param {number} value */
const px = (value) => Math.round(Math.max(-9999, Math.min(9999, value)) * 10) / 10;

/** The path through the points that are numbers.
 * @param {Iterable<ArrayLike<number>>} points @param {Scale} x @param {Scale} y */
const path = (points, x, y) => {
  const corners = Array.from(points, (p) => [x(p[0]), y(p[1])]).filter((p) => p.every(Number.isFinite));
  return corners.length ? `M${corners.map((p) => `${px(p[0])} ${px(p[1])}`).join("L")}` : "";
};

/** A text of an axis.
 * @param {number} x @param {number} y @param {string} anchor @param {string} text */
const label = (x, y, anchor, text) => svg("text", { x: px(x), y: px(y), "text-anchor": anchor }, text);

/** A part of a drawing that shows nothing outside of its box, which is in the coordinates of the drawing.
 * @param {number} x @param {number} y @param {number} width @param {number} height @param {SVGElement[]} children */
const box = (x, y, width, height, ...children) =>
  svg("svg", { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}` }, ...children);

/** @param {string} kind @param {Attributes} [more] */
const line = (kind, more = {}) => svg("path", { class: `cr-${kind}`, ...more });

/** The mark of an elbow: it points to the side where the unit is active.
 * @param {number} w */
const elbowMark = (w) => (w > 0 ? "M-4-5 5 0-4 5z" : w < 0 ? "M4-5-5 0 4 5z" : "");

/** So far from an elbow a pointer is still at it, in px. */
const REACH = 28;

/**
 * The network: data, true function, prediction, units, and below them the trails of the elbows over the steps so far.
 * @param {SVGElement} element @param {History} history @param {number} width @param {number} height in px
 */
export const drawNetwork = (element, history, width, height) => {
  const [left, right, top, end] = [38, width - 8, 6, height - 6];
  const bottom = Math.round((height - 54) * 0.68);
  const start = bottom + 48; // of the trails
  const [low, high] = [history.xlim[0], history.xlim[1]];
  const x = linear(low, high, left, right);
  const y = linear(history.ylim[0], history.ylim[1], bottom, top);
  const t = stepScale(history.steps, start, end);
  /** @param {(j: number) => SVGElement} make */
  const forEveryUnit = (make) => Array.from(history.w[0], (_, j) => make(j));

  const dots = Array.from(history.x, (at, i) => `M${px(x(at))} ${px(y(history.y[i]))}h0`).join("");
  const gap = (high - low) / (history.truth.length - 1);
  const truth = Array.from(history.truth, (value, i) => [low + i * gap, value]);
  const xTicks = linearTicks(low, high, width < 400 ? 5 : 10);
  const yTicks = linearTicks(history.ylim[0], history.ylim[1], 5).map((tick) => ({ ...tick, at: y(tick.value) }));
  const tTicks = stepTicks(history.steps).map((tick) => ({ ...tick, at: t(tick.value) }));

  const lines = forEveryUnit(() => line("unit"));
  const elbows = forEveryUnit(() => line("elbow"));
  const tips = forEveryUnit(() => line("elbow", { d: "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0" }));
  const trails = forEveryUnit((j) => line("trail", { d: trail(history, j).map((piece) => path(piece, x, t)).join("") }));
  const [network, guide, now] = [line("prediction"), line("guide"), line("now", { d: `M${left} 0H${right}` })];
  const past = box(left, start, right - left, 0, ...trails);

  element.replaceChildren(
    line("grid", { d: [...yTicks, ...tTicks].map(({ at }) => `M${left} ${px(at)}H${right}`).join("") }),
    line("axis", { d: `M${left} ${top}V${bottom}H${right}M${left} ${start}V${end}` }),
    ...xTicks.map((tick) => label(x(tick.value), bottom + 16, "middle", tick.label)),
    ...yTicks.map((tick) => label(left - 5, tick.at + 4, "end", tick.label)),
    ...tTicks.filter((tick) => !tick.value || tick.at - start > 14).map((tick) => label(left - 5, tick.at + 4, "end", tick.label)),
    label(left, start - 10, "start", "Elbows, from the first step down to this one"),
    box(left, top, right - left, bottom - top, line("data", { d: dots }), line("truth", { d: path(truth, x, y) })),
    guide,
    box(left, top, right - left, bottom - top, ...lines, network),
    // Marks may stand on an edge without being cut in half.
    box(left - 6, top - 6, right - left + 12, bottom - top + 12, ...elbows),
    past,
    now,
    box(left - 6, start - 6, right - left + 12, end - start + 12, ...tips),
  );

  return {
    /**
     * @param {number} k the snapshot
     * @param {number} chosen a unit, or -1
     * @param {boolean} everyLine whether the lines of all units are seen
     */
    show(k, chosen, everyLine) {
      const step = px(t(history.steps[k]));
      const sofar = Math.max(0.01, step - start); // an SVG without height is not cut off, but not drawn
      set(past, { height: sofar, viewBox: `${left} ${start} ${right - left} ${sofar}` });
      set(now, { transform: `translate(0 ${step})` });
      set(network, { d: path(prediction(history, k), x, y) });
      set(guide, { d: "" });
      for (let j = 0; j < lines.length; j++) {
        const w = history.w[k][j];
        const e = elbow(w, history.b[k][j]);
        const kind = j === chosen ? " cr-chosen" : activePoints(history, k, j) ? "" : " cr-silent";
        set(trails[j], { class: `cr-trail${kind}` });
        set(lines[j], { class: `cr-unit${kind}`, d: everyLine || j === chosen ? path(unitLine(history, k, j), x, y) : "" });
        const seen = e >= low && e <= high;
        const [across, down] = seen ? [px(x(e)), px(y(predict(history, k, e)))] : [0, 0];
        set(elbows[j], { class: `cr-elbow${kind}`, transform: `translate(${across} ${down})`, d: elbowMark(seen ? w : 0) });
        set(tips[j], { class: `cr-elbow${kind}`, transform: `translate(${across} ${step})`, opacity: seen ? 1 : 0 });
        if (j === chosen) for (const mark of [trails[j], lines[j], elbows[j], tips[j]]) mark.parentNode?.append(mark); // on top
        if (seen && j === chosen) set(guide, { d: `M${across} ${Math.max(top, Math.min(bottom, down))}V${step}` });
      }
    },

    /**
     * The unit at a place of the drawing, or -1: the nearest elbow, or among the trails the nearest trail.
     * @param {number} across @param {number} down in px
     * @param {number} k the snapshot
     */
    unitAt(across, down, k) {
      const among = down > bottom + 6; // the trails
      let at = k;
      while (among && at > 0 && t(history.steps[at]) > down + 2) at -= 1;
      let [best, least] = [-1, REACH];
      for (let j = 0; j < lines.length; j++) {
        const e = elbow(history.w[at][j], history.b[at][j]);
        const distance = Math.hypot(x(e) - across, among ? 0 : y(predict(history, at, e)) - down);
        if (distance < least) [best, least] = [j, distance];
      }
      return best;
    },
  };
};

/**
 * The error curves, with the current step marked; both axes are logarithmic.
 * @param {SVGElement} element @param {History} history @param {number} width @param {number} height in px
 */
export const drawErrors = (element, history, width, height) => {
  const [left, right, top, bottom] = [38, width - 12, 8, height - 22];
  const { low, high, ticks } = errorRange(history);
  const x = stepScale(history.steps, left, right);
  const y = logarithmic(low, high, bottom, top);
  const curves = [history.train_error, history.test_error ?? []];
  const kinds = ["train", "test"];
  const now = line("now", { d: `M0 ${top}V${bottom}` });
  const dots = kinds.map((kind) => line(`${kind} cr-dot`, { d: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0" }));
  element.replaceChildren(
    line("grid", { d: ticks.map((tick) => `M${left} ${px(y(tick.value))}H${right}`).join("") }),
    line("axis", { d: `M${left} ${top}V${bottom}H${right}` }),
    ...stepTicks(history.steps).map((tick, i, { length }) =>
      i < length - 1
        ? label(x(tick.value), bottom + 16, "middle", tick.label)
        : label(Math.min(x(tick.value) + 16, width), bottom + 16, "end", `${tick.label} steps`),
    ),
    ...ticks.map((tick) => label(left - 5, y(tick.value) + 4, "end", tick.label)),
    now,
    ...curves.map((errors, i) =>
      line(kinds[i], { d: path(Array.from(errors, (error, k) => [history.steps[k], error]), x, y) }),
    ),
    ...dots,
  );

  return {
    /** @param {number} k the snapshot */
    show(k) {
      const across = px(x(history.steps[k]));
      set(now, { transform: `translate(${across} 0)` });
      curves.forEach((errors, i) => {
        const down = y(errors[k]); // not finite for an error of 0, of infinity, or none
        const seen = Number.isFinite(down);
        set(dots[i], { transform: `translate(${across} ${seen ? px(down) : 0})`, opacity: seen ? 1 : 0 });
      });
    },

    /** The snapshot nearest to a place of the drawing.
     * @param {number} across in px */
    snapshotAt: (across) => nearest(Array.from(history.steps, x), across),
  };
};
