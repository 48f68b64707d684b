// The training of the package, `chainrule.train`, in the browser: the same operations on the same numbers in the same order.
//
// `prepare` draws data and initial network, a `Training` takes the steps, `errors` says how good the network is.

import { Xoshiro128 } from "./xoshiro.js";

/** @typedef {import("./settings.js").Settings} Settings */

/** Which stream of the seed draws what, so that a change of the width leaves the data as they are. */
export const STREAMS = { data: 0, network: 1, minibatches: 2 };

const TEST_POINTS = 1000;

/** As in `chainrule.steps`: where parts of the sum are so many times larger than the targets, running sums lose digits. */
const FAR = 1e5;

/** So many indices of minibatches are drawn at a time. */
const CHUNK = 4096;

const KNOTS = Array.from({ length: 11 }, (_, k) => k / 10);
/** sin(12345 k), written out: browsers differ in the last bit of a sine, and at a high rate a training makes much of it. */
const HEIGHTS = [
  ...[0, -0.9937716364556811, -0.22148344838437697, 0.9444092717949318, 0.4319654288817627, -0.8481364569329675],
  ...[-0.6209909356390173, 0.709735229935477, 0.7791707431515639, -0.5360802203309418, -0.8986477854155375],
];

/** Straight between the points, constant beyond the ends: NumPy's `interp`.
 * @param {number} x @param {number[]} knots increasing @param {number[]} heights */
const interpolate = (x, knots, heights) => {
  const last = knots.length - 1;
  if (x >= knots[last]) return heights[last];
  if (x < knots[0]) return heights[0];
  let k = 0;
  while (x >= knots[k + 1]) k += 1;
  return ((heights[k + 1] - heights[k]) / (knots[k + 1] - knots[k])) * (x - knots[k]) + heights[k];
};

/** The true function of the settings.
 * @param {Settings} settings @returns {(x: number) => number} */
export const truthOf = ({ target, drawn }) => {
  if (target === "drawn" && drawn) {
    const [knots, heights] = [drawn.map(([x]) => x), drawn.map(([, y]) => y)];
    return (x) => interpolate(x, knots, heights);
  }
  if (target === "sine") return (x) => Math.round(Math.sin(20 * x) * 1e9) / 1e9; // in these digits all sines are the same
  if (target === "step") return (x) => (x < 0.5 ? -1 : 1);
  if (target === "bump") {
    return (x) => {
      const inside = Math.max(0, 1 - 16 * (x - 0.5) * (x - 0.5));
      return inside * inside;
    };
  }
  return (x) => interpolate(x, KNOTS, HEIGHTS);
};

/**
 * The data and the initial network. `w`, `b`, `v` are without the units left out.
 * @param {Settings} settings
 */
export const prepare = (settings) => {
  const { seed, n, noise, width } = settings;
  const truth = truthOf(settings);
  const forData = new Xoshiro128(seed, STREAMS.data);
  const x = new Float64Array(n).map(() => forData.uniform(0, 1)).sort();
  const y = x.map((at) => truth(at) + noise * forData.standardNormal());
  const xTest = new Float64Array(TEST_POINTS).map((_, i) => (i === TEST_POINTS - 1 ? 1 : i * (1 / (TEST_POINTS - 1))));

  const forNetwork = new Xoshiro128(seed, STREAMS.network);
  const every = new Float64Array(width);
  const w = every.map(() => forNetwork.uniform(-1, 1));
  const drawn = every.map(() => forNetwork.uniform(0, 1)).sort();
  const b = w.map((slope, j) => -(settings.elbows?.[j] ?? drawn[j]) * slope);
  const v = every.map(() => forNetwork.uniform(-1, 1) / Math.sqrt(width));
  const c = forNetwork.uniform(-1, 1) / Math.sqrt(width);
  const off = new Set(settings.off);
  /** @param {Float64Array} values */
  const stay = (values) => values.filter((_, j) => !off.has(j));
  return {
    x,
    y,
    xTest,
    yTest: xTest.map(truth),
    truth,
    w: stay(w),
    b: stay(b),
    v: stay(v),
    c,
    rng: new Xoshiro128(seed, STREAMS.minibatches),
  };
};

/** The steps after which there is a snapshot: the first, every 1,000th, and the last.
 * @param {number} steps @returns {number[]} */
export const snapshotSteps = (steps) => {
  const found = [1];
  for (let step = 1000; step < steps; step += 1000) found.push(step);
  if (steps > 1) found.push(steps);
  return found;
};

/** The mean squared error of a network on points.
 * @param {Float64Array} parameters w, b, v, c, (3H + 1,) @param {Float64Array} x @param {Float64Array} y */
export const errors = (parameters, x, y) => {
  const width = (parameters.length - 1) / 3;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    let residual = parameters[3 * width] - y[i];
    for (let j = 0; j < width; j++) {
      const x1 = parameters[j] * x[i] + parameters[width + j];
      if (x1 > 0) residual += parameters[2 * width + j] * x1;
    }
    sum += residual * residual;
  }
  return sum / x.length;
};

/** The number of points before a unit's elbow, found from where it was: `_moved` of `chainrule.steps`.
 * @param {number} p @param {number} w @param {number} b @param {Float64Array} x sorted */
const moved = (p, w, b, x) => {
  const right = w >= 0; // the side on which the unit is active; with w = 0 it is active everywhere, or nowhere
  while (p < x.length && w * x[p] + b > 0 !== right) p += 1;
  while (p > 0 && w * x[p - 1] + b > 0 === right) p -= 1;
  return p;
};

/** The place of each unit; the units in the order of their places; and on which piece of f each point is: so many units
 * have their place at it or before it.
 * @param {Float64Array} parameters @param {Float64Array} x sorted */
const inOrder = (parameters, x) => {
  const width = (parameters.length - 1) / 3;
  const place = new Int32Array(width).map((_, j) => moved(0, parameters[j], parameters[width + j], x));
  const ranked = Int32Array.from(place.keys()).sort((i, j) => place[i] - place[j]);
  const piece = new Int32Array(x.length);
  for (const p of place) for (let i = p; i < x.length; i++) piece[i] += 1;
  return { place, ranked, piece };
};

/** One training, step by step. */
export class Training {
  /** @param {Settings} settings */
  constructor(settings) {
    const data = prepare(settings);
    this.settings = settings;
    this.data = data;
    this.width = data.w.length;
    /** w, b, v, c; after divergence, what the failed step left of them */
    this.parameters = Float64Array.of(...data.w, ...data.b, ...data.v, data.c); // (3H + 1,)
    /** steps taken */
    this.step = 0;
    /** @type {number | null} the step at which the loss or a parameter was no longer finite */
    this.diverged = null;

    const [n, width] = [data.x.length, this.width];
    this.byPrefix = settings.batchSize + width < settings.batchSize * width;
    /** whether the steps until the next snapshot are those of the loop */
    this.far = false;
    this.size = { reach: data.x[n - 1], limit: FAR * data.y.reduce((most, y) => Math.max(most, Math.abs(y)), 0) };
    this.batches = new Int32Array(Math.max(CHUNK, settings.batchSize));
    this.drawn = this.used = 0; // rows of `batches`: there are, and have been taken
    /** @type {ReturnType<typeof inOrder> | null} of the units as they are in `parameters`, if anybody knows it */
    this.order = null;
    this.elbows = { bend: new Float64Array(width), lift: new Float64Array(width) }; // what slope and height change by there
    this.pieces = { slope: new Float64Array(width + 1), height: new Float64Array(width + 1) };
    this.sums = { g: new Float64Array(width + 1), gx: new Float64Array(width + 1) }; // over each piece,
    this.until = { g: new Float64Array(width), gx: new Float64Array(width) }; // and over all before each unit's elbow
    this.times = new Float64Array(n);
    this.gradient = new Float64Array(this.parameters.length);
    this.x2 = new Float64Array(width);
  }

  /** Take up to `count` steps; returns how many it took: fewer at the end, or where training diverges.
   * @param {number} count */
  advance(count) {
    const { batchSize, steps, n } = this.settings;
    const [start, end] = [this.step, Math.min(steps, this.step + count)];
    while (this.step < end && this.diverged === null) {
      if (this.used === this.drawn) {
        this.drawn = Math.min(Math.floor(this.batches.length / batchSize), steps - this.step);
        this.used = 0;
        this.data.rng.fillIntegers(n, this.batches, this.drawn * batchSize);
      }
      // As in Python, a training that has gone far comes back at the next snapshot, if it comes back at all.
      const snapshot = this.step < 1 ? 1 : this.step - (this.step % 1000) + 1000;
      const rows = Math.min(this.drawn - this.used, end - this.step, snapshot - this.step);
      const stop = this.used + rows;
      if (this.byPrefix && !this.far) this.prefixSteps(stop);
      if (this.used < stop && this.diverged === null) this.loopSteps(stop);
      if (this.step === snapshot) this.far = false;
    }
    return this.step - start;
  }

  /** The parameters after the steps so far, w, b, v, c, (3H + 1,), to keep. */
  snapshot() {
    return this.parameters.slice();
  }

  /** `prefix_steps` of `chainrule.steps`: a pass over the minibatch and a few over the units, for each minibatch up to `stop`.
   * It leaves off, and sets `far`, where the running sums would lose digits.
   * @param {number} stop */
  prefixSteps(stop) {
    const { parameters, batches, width, times } = this;
    const { x, y } = this.data;
    const [w, b, v] = [0, 1, 2].map((part) => parameters.subarray(part * width, (part + 1) * width));
    const { place, ranked, piece } = (this.order ??= inOrder(parameters, x));
    const { bend, lift } = this.elbows;
    const { slope, height } = this.pieces;
    const { g: sumG, gx: sumGx } = this.sums;
    const { g: untilG, gx: untilGx } = this.until;
    const { reach, limit } = this.size;
    const { batchSize, learningRate } = this.settings;
    const all = this.settings.layers === "all";
    const n = x.length;
    const byDraw = batchSize <= n;
    const rate = learningRate * (2 / batchSize);
    let c = parameters[3 * width];

    while (this.used < stop) {
      let pieceSlope = 0;
      let pieceHeight = c;
      let size = 0;
      for (let j = 0; j < width; j++) {
        const bent = v[j] * w[j];
        const lifted = v[j] * b[j];
        size += Math.abs(bent) * reach + Math.abs(lifted);
        const left = w[j] < 0; // active from the first point on, until its place
        bend[j] = left ? -bent : bent;
        lift[j] = left ? -lifted : lifted;
        pieceSlope -= left ? bend[j] : 0;
        pieceHeight -= left ? lift[j] : 0;
      }
      slope[0] = pieceSlope;
      height[0] = pieceHeight;
      for (let k = 0; k < width; k++) {
        const j = ranked[k];
        pieceSlope += bend[j];
        pieceHeight += lift[j];
        slope[k + 1] = pieceSlope;
        height[k + 1] = pieceHeight;
      }
      if (!(size <= limit)) {
        this.far = true;
        break;
      }

      let loss = 0;
      const [start, end] = [this.used * batchSize, (this.used + 1) * batchSize];
      if (byDraw) {
        for (let m = start; m < end; m++) {
          const i = batches[m];
          const k = piece[i];
          const g = slope[k] * x[i] + height[k] - y[i]; // x4, and its adjoint but for the factor 2 / B
          loss += g * g;
          sumG[k] += g;
          sumGx[k] += g * x[i];
        }
      } else {
        for (let m = start; m < end; m++) times[batches[m]] += 1;
        for (let i = 0; i < n; i++) {
          const k = piece[i];
          const x4 = slope[k] * x[i] + height[k] - y[i];
          const g = times[i] * x4;
          loss += g * x4;
          sumG[k] += g;
          sumGx[k] += g * x[i];
          times[i] = 0;
        }
      }
      let allG = 0;
      let allGx = 0;
      for (let k = 0; k < width; k++) {
        allG += sumG[k];
        allGx += sumGx[k];
        const j = ranked[k];
        untilG[j] = allG;
        untilGx[j] = allGx;
        sumG[k] = 0;
        sumGx[k] = 0;
      }
      allG += sumG[width];
      allGx += sumGx[width];
      sumG[width] = 0;
      sumGx[width] = 0;

      c -= rate * allG;
      // Not finite, if one of them is not: 0 · ∞ and 0 · NaN are NaN.
      let sum = 0 * loss + 0 * c;
      for (let j = 0; j < width; j++) {
        const oldW = w[j];
        const oldB = b[j];
        const oldV = v[j];
        const right = oldW >= 0;
        const g = right ? allG - untilG[j] : untilG[j]; // over the points after the elbow, or before it
        const gx = right ? allGx - untilGx[j] : untilGx[j];
        v[j] = oldV - rate * (oldW * gx + oldB * g);
        if (all) {
          w[j] = oldW - rate * (oldV * gx);
          b[j] = oldB - rate * (oldV * g);
        }
        sum += 0 * w[j] + 0 * b[j] + 0 * v[j];
      }
      if (sum !== 0) {
        this.diverged = this.step + 1;
        break;
      }
      this.used += 1;
      this.step += 1;

      if (!all) continue;
      let moving = 0;
      for (let j = 0; j < width; j++) {
        const p = place[j];
        const q = moved(p, w[j], b[j], x);
        if (q === p) continue;
        moving += 1;
        place[j] = q;
        for (let i = q; i < p; i++) piece[i] += 1;
        for (let i = p; i < q; i++) piece[i] -= 1;
      }
      // By insertion into those before it, as most are where they belong: at the farthest place of these, or behind it.
      let farthest = place[ranked[0]];
      for (let last = 1; last < (moving ? width : 1); last++) {
        const j = ranked[last];
        const p = place[j];
        if (farthest <= p) {
          farthest = p;
          continue;
        }
        let k = last;
        for (; k > 0 && place[ranked[k - 1]] > p; k--) ranked[k] = ranked[k - 1];
        ranked[k] = j;
      }
    }
    parameters[3 * width] = c;
  }

  /** `loop_steps` of `chainrule.steps`: point by point and unit by unit, for each minibatch up to `stop`.
   * @param {number} stop */
  loopSteps(stop) {
    const { parameters, gradient, x2, batches, width } = this;
    const { x, y } = this.data;
    const { batchSize, learningRate } = this.settings;
    const all = this.settings.layers === "all";

    for (let row = this.used; row < stop; row++) {
      const c = parameters[3 * width];
      let loss = 0;
      gradient.fill(0);
      for (let k = row * batchSize; k < (row + 1) * batchSize; k++) {
        const i = batches[k];
        let x4 = c - y[i];
        for (let j = 0; j < width; j++) {
          x2[j] = Math.max(0, parameters[j] * x[i] + parameters[width + j]);
          x4 += parameters[2 * width + j] * x2[j];
        }
        loss += x4 * x4;

        const g = (2 / batchSize) * x4; // the adjoint of x4
        gradient[3 * width] += g;
        for (let j = 0; j < width; j++) {
          gradient[2 * width + j] += g * x2[j];
          if (all && x2[j] > 0) {
            const gx1 = g * parameters[2 * width + j]; // the adjoint of x1
            gradient[j] += gx1 * x[i];
            gradient[width + j] += gx1;
          }
        }
      }
      let sum = 0 * loss; // NaN, if one of them is not finite
      for (let k = 0; k < parameters.length; k++) {
        parameters[k] -= learningRate * gradient[k];
        sum += 0 * parameters[k];
      }
      if (sum !== 0) {
        this.diverged = this.step + 1;
        return;
      }
      this.used += 1;
      this.step += 1;
    }
    this.order = null;
  }
}
