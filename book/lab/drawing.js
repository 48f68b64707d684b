// The target that a reader draws, as pure functions: heights at equally spaced places of [0, 1], straight in between.

import { LIMITS } from "./settings.js";

/** @typedef {[number, number][]} Drawing points (x, y), by x */

/** So many places has a drawing; the heights that a keyboard sets are at every fourth. */
export const PLACES = 41;
export const KNOTS = Array.from({ length: 11 }, (_, k) => k / 10);

/** @param {number} height */
const kept = (height) => Math.round(100 * Math.max(LIMITS.height[0], Math.min(LIMITS.height[1], height))) / 100;

/** The height of a drawing at x.
 * @param {Drawing} drawing @param {number} x */
export const heightAt = (drawing, x) => {
  const i = drawing.findIndex((point) => point[0] >= x);
  if (i < 0) return drawing[drawing.length - 1][1];
  if (i === 0) return drawing[0][1];
  const [[x0, y0], [x1, y1]] = [drawing[i - 1], drawing[i]];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
};

/** A function as a drawing, to go on from.
 * @param {(x: number) => number} height @returns {Drawing} */
export const traced = (height) =>
  Array.from({ length: PLACES }, (_, i) => [i / (PLACES - 1), kept(height(i / (PLACES - 1)))]);

/** The drawing after a pointer has gone straight from one place to another.
 * @param {Drawing} drawing @param {{x: number, y: number}} from @param {{x: number, y: number}} to */
export const stroke = (drawing, from, to) => {
  const [low, high] = from.x < to.x ? [from, to] : [to, from];
  const reach = 0.5 / (PLACES - 1); // a pointer that does not move still sets the place that it is at
  return traced((x) => {
    if (x < low.x - reach || x > high.x + reach) return heightAt(drawing, x);
    const part = high.x === low.x ? 1 : Math.max(0, Math.min(1, (x - low.x) / (high.x - low.x)));
    return low.y + part * (high.y - low.y);
  });
};

/** The drawing with another height at a knot; up to the knots beside it, it comes along.
 * @param {Drawing} drawing @param {number} knot @param {number} height */
export const raised = (drawing, knot, height) => {
  const by = height - heightAt(drawing, knot);
  return traced((x) => heightAt(drawing, x) + by * Math.max(0, 1 - 10 * Math.abs(x - knot)));
};
