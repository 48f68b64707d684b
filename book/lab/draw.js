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

/** The mark of an elbow, from it on: it points to the side where the unit is active.
 * @param {number} w */
const elbowMark = (w) => (w > 0 ? "m-4-5 9 5-9 5z" : w < 0 ? "m4-5-9 5 9 5z" : "");
/** The end of a trail, from its elbow on. */
const TIP = "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0";
/** Units are active at some point, or silent at all, or the one that is read. */
const KINDS = ["", " cr-silent", " cr-chosen"];

/** So far from an elbow a pointer is still at it, in px; and from a handle. */
const REACH = 28;
const GRIP = 16;

/**
 * @typedef {object} Look how a history is drawn, whatever it is
 * @property {number} width in px
 * @property {number} height in px
 * @property {boolean} evenly whether the axis of the steps is linear
 * @property {History | null} pinned an earlier one, for comparison
 *
 * @typedef {{x: number, y: number, among: boolean}} Place in the coordinates of the drawing; among the trails or above them
 */

/**
 * The network: data, true function, prediction, units, and below them the trails of the elbows over the steps so far.
 * @param {SVGElement} element @param {History} history @param {Look} look
 */
export const drawNetwork = (element, history, { width, height, evenly, pinned }) => {
  const axis = history.axis ?? history.steps;
  const [left, right, top, end] = [38, width - 8, 6, height - 6];
  const bottom = Math.round((height - 54) * (history.handles ? 0.58 : 0.68)); // where elbows are dragged, their trails have more
  const start = bottom + (history.handles ? 54 : 48); // of the trails
  const [low, high] = [history.xlim[0], history.xlim[1]];
  const x = linear(low, high, left, right);
  const y = linear(history.ylim[0], history.ylim[1], bottom, top);
  const t = stepScale(axis, start, end, evenly);
  const dots = Array.from(history.x, (at, i) => `M${px(x(at))} ${px(y(history.y[i]))}h0`).join("");
  const gap = (high - low) / (history.truth.length - 1);
  const truth = Array.from(history.truth, (value, i) => [low + i * gap, value]);
  const xTicks = linearTicks(low, high, width < 400 ? 5 : 10);
  const yTicks = linearTicks(history.ylim[0], history.ylim[1], 5).map((tick) => ({ ...tick, at: y(tick.value) }));
  const tTicks = stepTicks(axis, evenly).map((tick) => ({ ...tick, at: t(tick.value) }));

  // All units of a kind are one path: a hundred units in a path of their own each would take a phone half a frame.
  const [network, guide, now] = [line("prediction"), line("guide"), line("now", { d: `M${left} 0H${right}` })];
  const [lines, chosenLine] = [line("unit"), line("unit cr-chosen")];
  const [elbows, silentElbows, chosenElbow] = KINDS.map((kind) => line(`elbow${kind}`));
  const [tips, silentTips, chosenTip] = KINDS.map((kind) => line(`elbow${kind}`));
  const [trails, silentTrails, chosenTrail] = KINDS.map((kind) => svg("g", { class: `cr-trail${kind}` }));
  const ways = Array.from(history.w[0], () => "");
  let drawn = 0; // so many snapshots are in the trails
  let grouped = ""; // which trails are in which group
  const off = new Set(Array.from(history.off ?? []));
  const handles = Array.from(history.handles ?? [], (e) => px(Math.max(left, Math.min(right, x(e)))));
  /** @param {boolean} isOff */
  const handlesOf = (isOff) => handles.map((at, j) => (off.has(j) === isOff ? `M${at} ${start - 1}l-5-7a5 5 0 1 1 10 0z` : "")).join("");
  // Whoever drags a handle with a finger does not scroll the page.
  const grip = svg("rect", { class: "cr-grip", x: left, y: start - GRIP, width: right - left, height: 2 * GRIP });
  const last = pinned ? pinned.steps.length - 1 : 0;
  const before = line("pinned", { d: pinned ? path(prediction(pinned, last), x, y) : "" });
  const past = box(left, start, right - left, 0, trails, silentTrails, chosenTrail);
  const beyond = label((left + right) / 2, (top + bottom) / 2, "middle", "");

  element.replaceChildren(
    line("grid", { d: [...yTicks, ...tTicks].map(({ at }) => `M${left} ${px(at)}H${right}`).join("") }),
    line("axis", { d: `M${left} ${top}V${bottom}H${right}M${left} ${start}V${end}` }),
    ...xTicks.map((tick) => label(x(tick.value), bottom + 16, "middle", tick.label)),
    ...yTicks.map((tick) => label(left - 5, tick.at + 4, "end", tick.label)),
    ...tTicks.filter((tick) => !tick.value || tick.at - start > 14).map((tick) => label(left - 5, tick.at + 4, "end", tick.label)),
    label(left, start - (history.handles ? 19 : 10), "start", "Elbows, from the first step down to this one"),
    box(left, top, right - left, bottom - top, line("data", { d: dots }), line("truth", { d: path(truth, x, y) })),
    guide,
    box(left, top, right - left, bottom - top, lines, before, chosenLine, network),
    // Marks may stand on an edge without being cut in half.
    box(left - 6, top - 6, right - left + 12, bottom - top + 12, silentElbows, elbows, chosenElbow),
    beyond,
    past,
    now,
    box(left - 6, start - 6, right - left + 12, end - start + 12, silentTips, tips, chosenTip),
    ...(handles.length ? [line("handle cr-off", { d: handlesOf(true) }), line("handle", { d: handlesOf(false) }), grip] : []),
  );

  return {
    /** Draws what has been added to the history since. */
    extend() {
      if (drawn >= history.steps.length) return;
      const from = Math.max(0, drawn - 1); // joined to what is there
      drawn = history.steps.length;
      const more = ways.map((_, j) => (off.has(j) ? "" : trail(history, j, from).map((piece) => path(piece, x, t)).join("")));
      more.forEach((d, j) => (ways[j] += d));
      // What is drawn already is not drawn anew, unless it changes its group.
      [trails, silentTrails, chosenTrail].forEach((group, kind) => {
        const d = more.filter((_, j) => grouped[j] === `${kind}`).join("");
        if (d) group.append(svg("path", { d }));
      });
    },

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
      const corners = prediction(history, k);
      set(network, { d: path(corners, x, y) });
      const heights = corners.map((corner) => corner[1]);
      const seen = Math.min(...heights) <= history.ylim[1] && Math.max(...heights) >= history.ylim[0];
      beyond.textContent = seen ? "" : "The network is far beyond this picture";
      /** @type {string[][]} */
      const [marks, dots] = [["", "", ""], ["", "", ""]];
      let [groups, all, guided] = ["", "", ""];
      for (let j = 0; j < ways.length; j++) {
        const w = history.w[k][j];
        const e = elbow(w, history.b[k][j]);
        const kind = j === chosen ? 2 : activePoints(history, k, j) ? 0 : 1;
        groups += kind;
        if (off.has(j)) continue;
        if (everyLine && j !== chosen) all += path(unitLine(history, k, j), x, y);
        if (!(e >= low && e <= high)) continue;
        const [across, down] = [px(x(e)), px(y(predict(history, k, e)))];
        marks[kind] += `M${across} ${down}${elbowMark(w)}`;
        dots[kind] += `M${across} ${step}${TIP}`;
        if (j === chosen) guided = `M${across} ${Math.max(top, Math.min(bottom, down))}V${step}`;
      }
      set(guide, { d: guided });
      set(lines, { d: all });
      set(chosenLine, { d: chosen >= 0 && !off.has(chosen) ? path(unitLine(history, k, chosen), x, y) : "" });
      [elbows, silentElbows, chosenElbow].forEach((mark, kind) => set(mark, { d: marks[kind] }));
      [tips, silentTips, chosenTip].forEach((tip, kind) => set(tip, { d: dots[kind] }));
      if (groups === grouped) return;
      grouped = groups;
      [trails, silentTrails, chosenTrail].forEach((group, kind) => {
        group.replaceChildren(svg("path", { d: ways.filter((_, j) => grouped[j] === `${kind}`).join("") }));
      });
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
      for (let j = 0; j < ways.length; j++) {
        if (off.has(j)) continue;
        const e = elbow(history.w[at][j], history.b[at][j]);
        const distance = Math.hypot(x(e) - across, among ? 0 : y(predict(history, at, e)) - down);
        if (distance < least) [best, least] = [j, distance];
      }
      return best;
    },

    /** The unit whose handle is at a place of the drawing, or -1.
     * @param {number} across @param {number} down in px */
    handleAt(across, down) {
      let [best, least] = [-1, GRIP];
      handles.forEach((at, j) => {
        const distance = Math.hypot(at - across, start - 6 - down);
        if (distance < least) [best, least] = [j, distance];
      });
      return best;
    },

    /** A place of the drawing in its coordinates.
     * @param {number} across @param {number} down in px @returns {Place} */
    placeAt: (across, down) => ({
      x: low + ((high - low) * (across - left)) / (right - left),
      y: history.ylim[0] + ((history.ylim[1] - history.ylim[0]) * (bottom - down)) / (bottom - top),
      among: down > bottom + 6,
    }),
  };
};

/**
 * The error curves, with the current step marked; both axes are logarithmic.
 * @param {SVGElement} element @param {History} history @param {Look} look
 */
export const drawErrors = (element, history, { width, height, evenly, pinned }) => {
  const axis = history.axis ?? history.steps;
  const [left, right, top, bottom] = [38, width - 12, 8, height - 22];
  const { low, high, ticks } = errorRange(history, ...(pinned ? [pinned] : []));
  const x = stepScale(axis, left, right, evenly);
  const y = logarithmic(low, high, bottom, top);
  const named = stepTicks(axis, evenly).map((tick) => ({ at: x(tick.value), text: tick.label, end: false }));
  const final = named[named.length - 1];
  [final.at, final.text, final.end] = [Math.min(final.at + 16, width), `${final.text} steps`, named.length > 1];
  // Where powers of ten are close together, every label keeps its distance from the last.
  const room = final.at - 6.5 * final.text.length;
  const tTicks = named.filter((tick) => tick === final || tick.at + 4 * tick.text.length < room);
  const curves = [history.train_error, history.test_error ?? []];
  const kinds = ["train", "test"];
  const now = line("now", { d: `M0 ${top}V${bottom}` });
  const earlier = pinned?.test_error ?? pinned?.train_error ?? [];
  const before = line("pinned", { d: path(Array.from(earlier, (error, k) => [pinned?.steps[k] ?? 0, error]), x, y) });
  const dots = kinds.map((kind) => line(`${kind} cr-dot`, { d: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0" }));
  element.replaceChildren(
    line("grid", { d: ticks.map((tick) => `M${left} ${px(y(tick.value))}H${right}`).join("") }),
    line("axis", { d: `M${left} ${top}V${bottom}H${right}` }),
    ...tTicks.map(({ at, text, end }) => label(at, bottom + 16, end ? "end" : "middle", text)),
    ...ticks.map((tick) => label(left - 5, y(tick.value) + 4, "end", tick.label)),
    box(left, top, right - left, bottom - top, before),
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
    snapshotAt: (across) => nearest(Array.from(history.steps, (step) => x(step)), across),
  };
};
